import type {Question} from '../console/question.ts';
import type {Rectangle} from '../terminal/cells.ts';
import {marksFor} from '../terminal/marks.ts';
import {stripLine} from '../terminal/strip.ts';
import {centred, drawDialog} from '../widgets/dialog.ts';
import type {Appearance} from './appearance.ts';
import {painted, paragraph, type Row, rowText} from './row.ts';

const widest = 76;
/** A smaller window has no room for a box around the words. */
const smallest = {columns: 16, rows: 5};

/** A question that only the person can answer, as a box above everything else. In a small window the words that ask and the place to answer stay. */
export function questionDialog(
  question: Question,
  columns: number,
  rows: number,
  appearance: Appearance,
): {rectangle: Rectangle; lines: readonly string[]} {
  if (columns < smallest.columns || rows < smallest.rows) return withoutBox(question, columns, rows, appearance);
  const outer = Math.min(widest, columns);
  const inner = Math.max(1, outer - 4);
  const text = question.lines.flatMap(line => paragraph(line, inner));
  const room = Math.max(0, rows - 4);
  const body: readonly Row[] = [
    ...(room > text.length ? [[]] : []),
    ...text.slice(-room).map((line): Row => [{text: line}]),
    ...(room > text.length + 1 ? [[]] : []),
    promptRow(question),
  ];
  const lines = drawDialog({
    title: rowText([{text: stripLine(question.title)}], outer, appearance),
    lines: body.map(row => rowText(row, inner, appearance)),
    footer: 'enter answers, esc does not',
    columns: outer,
    maximumRows: rows,
    tone: 'warning',
    style: appearance.style,
    marks: marksFor(appearance.unicode),
  });
  return {rectangle: centred({columns: outer, rows: lines.length}, {columns, rows}), lines};
}

function withoutBox(
  question: Question,
  columns: number,
  rows: number,
  appearance: Appearance,
): {rectangle: Rectangle; lines: readonly string[]} {
  const all: readonly Row[] = [
    [{text: question.title}],
    ...question.lines.map((line): Row => [{text: line}]),
    promptRow(question),
  ];
  const lines = all.slice(-rows).map(row => rowText(row, columns, appearance));
  return {rectangle: {left: 0, top: 0, columns, rows: lines.length}, lines};
}

function promptRow({kind, typed}: Question): Row {
  const asked = {secret: 'typed unseen: ', text: '> ', choice: 'type yes to accept: '}[kind];
  // How long a secret is is nobody's business either.
  const shown = kind === 'secret' ? (typed === '' ? '' : '(typing)') : typed;
  return [painted(asked, 'dim'), {text: shown}, painted(' ', 'inverse')];
}
