import type {LogPaneState} from '../console/store.ts';
import {graphemes} from '../terminal/graphemes.ts';
import {stripLine} from '../terminal/strip.ts';
import type {Tone} from '../terminal/style.ts';
import {displayWidth, hardRows} from '../terminal/width.ts';
import {grouped} from './measures.ts';
import {painted, type Row, rowWidth, spread} from './row.ts';

/** The lines of an open log, as the console's LogPane offers them. */
export type LogLines = {
  /** Up to `count` lines, oldest first, ending at the bottom one; `ranges` are the places where the filter matched. */
  window(
    count: number,
  ): ReadonlyArray<{line: {text: string; stream: string}; ranges: readonly (readonly [number, number])[]}>;
  readonly wrap: boolean;
  /** The first column that shows when lines are not wrapped. */
  readonly column: number;
};

/** The rows of the log pane, at most `height`, the newest at the bottom; wrapped or shifted as the pane says. */
export function logRows(lines: LogLines, columns: number, height: number): readonly Row[] {
  if (height <= 0 || columns <= 0) return [];
  const rows: Row[][] = lines.window(height).map(({line, ranges}) => {
    const text = stripLine(line.text);
    if (line.stream === 'gap') return [[painted(`── ${text} ──`, 'dim')]];
    // Cleaning moves the places only when there was something to clean, which the log's own cleaning leaves nothing of.
    const places = text === line.text ? ranges : [];
    const marks = [...places.map(([from, to]) => ({from, to, tone: 'inverse' as const})), ...severityPlaces(text)];
    if (!lines.wrap) return [piece(text, marks, indexAtColumn(text, lines.column), text.length)];
    let at = 0;
    return hardRows(text, columns).map(part => {
      const from = at;
      at += part.length;
      return piece(text, marks, from, at);
    });
  });
  return rows.flat().slice(-height);
}

/** What stands above the lines: whose they are, what shows of them, how many there are, and what is wrong with the connection. */
export function logTitleRows(state: LogPaneState, columns: number): readonly Row[] {
  const name: Row = [{text: ' '}, painted(state.node, 'bold'), painted(`  ${state.container}@${state.host}`, 'dim')];
  const count =
    state.filter === ''
      ? `${grouped(state.lines)} lines`
      : `${grouped(state.matching)} of ${grouped(state.lines)} lines`;
  const dropped = state.dropped > 0 ? [painted(`dropped ${grouped(state.dropped)} oldest`, 'warning')] : [];
  const parts: readonly Row[] = [
    [state.paused ? painted('PAUSED', 'bold') : {text: state.following ? 'following' : 'scrolled back'}],
    ...(state.filter === '' ? [] : [[painted(`filter ${state.filter}`, 'bold')]]),
    [{text: count}],
    ...(dropped.length === 0 ? [] : [dropped]),
    ...(state.wrap ? [[painted('wrapped', 'dim')]] : []),
    [painted(`seen ${grouped(state.seen)}`, 'dim')],
  ];
  let kept: Row = [];
  for (const part of parts) {
    const longer = kept.length === 0 ? part : [...kept, {text: '   '}, ...part];
    if (rowWidth(name) + rowWidth(longer) + 3 > columns && kept.length > 0) continue;
    kept = longer;
  }
  const title = spread(name, [...kept, {text: ' '}], columns);
  return state.connection === undefined ? [title] : [title, [painted(` ${state.connection}`, 'warning')]];
}

/** The line in which the filter is typed. */
export function filterRow(filter: string, columns: number): Row {
  const help = columns >= 76 ? painted('text, /regex/ or !not  ', 'dim') : {text: ''};
  return spread([painted(' filter: ', 'bold'), {text: filter}, painted(' ', 'inverse')], [help], columns);
}

type Place = {from: number; to: number; tone: Tone};

const severities: ReadonlyArray<{word: RegExp; tone: Tone}> = [
  {word: /\b(?:PANIC|FATAL|ERROR)\b/, tone: 'danger'},
  {word: /\bWARN(?:ING)?\b/, tone: 'warning'},
];

/** The first word that says how bad a line is. A message may mention others. */
function severityPlaces(text: string): readonly Place[] {
  const found = severities.flatMap(({word, tone}) => {
    const match = word.exec(text);
    return match === null ? [] : [{from: match.index, to: match.index + match[0].length, tone}];
  });
  return found.sort((one, other) => one.from - other.from).slice(0, 1);
}

/** The part of a text between two indexes, cut into spans where a mark begins or ends. */
function piece(text: string, marks: readonly Place[], from: number, to: number): Row {
  const edges = [from, to, ...marks.flatMap(mark => [mark.from, mark.to])].filter(edge => edge >= from && edge <= to);
  const ordered = [...new Set(edges)].sort((one, other) => one - other);
  return ordered.slice(0, -1).map((start, index) => {
    const end = ordered[index + 1] ?? to;
    const tones = marks.filter(mark => mark.from <= start && mark.to >= end).map(mark => mark.tone);
    return painted(text.slice(start, end), ...tones);
  });
}

function indexAtColumn(text: string, column: number): number {
  if (column === 0 || /^[\x20-\x7e]*$/.test(text)) return Math.min(column, text.length);
  let width = 0;
  for (const {segment, index} of graphemes(text)) {
    if (width >= column) return index;
    width += displayWidth(segment);
  }
  return text.length;
}
