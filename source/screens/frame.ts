import type {ConsoleState, Screen} from '../console/store.ts';
import type {Rectangle} from '../terminal/cells.ts';
import {actionRows} from './action-screen.ts';
import type {Appearance} from './appearance.ts';
import {clusterRows} from './cluster-screen.ts';
import {eventsRows} from './events-screen.ts';
import {footerText} from './footer.ts';
import {headerRows, tinyRows} from './header.ts';
import {helpRows} from './help-screen.ts';
import {filterRow, type LogLines, logRows, logTitleRows} from './log-screen.ts';
import {nodeRows} from './node-screen.ts';
import {noticeRow} from './notice.ts';
import {pageRows} from './page-screen.ts';
import {paletteRows} from './palette-rows.ts';
import {promptRow} from './prompt-row.ts';
import {questionDialog} from './question-dialog.ts';
import {blankRow, type Row, rowText} from './row.ts';

/** Everything one drawing shows: the rows of the window from top to bottom, and what lies over them. */
export type Frame = {
  header: readonly string[];
  body: readonly string[];
  footer: readonly string[];
  panes: readonly Pane[];
  /** How far the screen can be scrolled; undefined where that is not the screen's to say. */
  scrollLimit: number | undefined;
};

/** Lines painted directly, past Ink: the log, the commands above the prompt, and the question above everything. */
export type Pane = {id: 'log' | 'palette' | 'question'; rectangle: Rectangle; lines: readonly string[]};

export type FrameSize = {columns: number; rows: number};

/** Smaller than this there is room for one answer only. */
const smallest = {columns: 40, rows: 8};
/** From this height on a blank row stands under the header and above the footer. */
const airyRows = 20;

/** Draws the console's state for a window of a size; pure. Never more than `rows` rows, never wider than `columns`. */
export function drawFrame(
  state: ConsoleState,
  log: LogLines | undefined,
  size: FrameSize,
  appearance: Appearance,
): Frame {
  const {columns, rows} = size;
  const question = state.question === undefined ? [] : [questionPane(state.question, size, appearance)];
  const text = (row: Row) => rowText(row, columns, appearance);
  if (columns < smallest.columns || rows < smallest.rows) {
    return {
      header: [],
      body: tinyRows(state, columns, rows).map(text),
      footer: [],
      panes: question,
      scrollLimit: undefined,
    };
  }
  const header = headerRows(state, columns, appearance);
  const screen: Screen = state.screens.at(-1) ?? {name: 'cluster'};
  const notice = typedRow(state, screen, columns) ?? noticeRow(state.notice, state.quitAskedAt);
  const airy = rows >= airyRows;
  const above = header.length < 3 && airy && screen.name !== 'log' ? [blankRow] : [];
  const below = notice !== undefined ? [notice] : airy && screen.name !== 'log' ? [blankRow] : [];
  const height = Math.max(0, rows - header.length - above.length - below.length - 1);
  const top = header.length + above.length;
  const body = screenBody(state, screen, log, {columns, height, top, windowRows: rows}, appearance);
  return {
    header: [...header, ...above].map(text),
    body: fill(body.rows.map(text), height),
    footer: [...below.map(text), footerText(state, columns, appearance)],
    panes: [...body.panes, ...palettePane(state, header.length, size, appearance), ...question],
    scrollLimit: body.limit,
  };
}

/** The line that is being typed at the bottom, if one is. */
function typedRow({prompt, nodeFilter}: ConsoleState, screen: Screen, columns: number): Row | undefined {
  if (prompt !== undefined) return promptRow(prompt, columns);
  return screen.name === 'cluster' && nodeFilter?.editing === true ? filterRow(nodeFilter.text, columns) : undefined;
}

type Place = {columns: number; height: number; top: number; windowRows: number};
type Body = {rows: readonly Row[]; panes: readonly Pane[]; limit: number | undefined};

function screenBody(
  state: ConsoleState,
  screen: Screen,
  log: LogLines | undefined,
  place: Place,
  appearance: Appearance,
): Body {
  const {columns, height} = place;
  switch (screen.name) {
    case 'cluster':
      return {rows: clusterRows(state, columns, height, appearance), panes: [], limit: undefined};
    case 'node':
      return {...nodeRows(state, screen, columns, height, appearance), panes: []};
    case 'events':
      return {...eventsRows(state, screen.scroll, columns, height, appearance), panes: []};
    case 'help':
      return {...helpRows(state, screen.scroll, columns, height), panes: []};
    case 'page':
      return {...pageRows(screen, columns, height), panes: []};
    case 'action':
      return {rows: actionRows(state, columns, height, place.windowRows), panes: [], limit: undefined};
    case 'log':
      return logBody(state, log, place, appearance);
  }
}

/** The title and the filter are Ink's; the lines between them move too fast for it. */
function logBody(
  {logPane}: ConsoleState,
  log: LogLines | undefined,
  {columns, height, top}: Place,
  appearance: Appearance,
): Body {
  if (logPane === undefined || log === undefined) return {rows: [], panes: [], limit: undefined};
  const filter = logPane.editingFilter ? [filterRow(logPane.filter, columns)] : [];
  const title = logTitleRows(logPane, columns);
  const paneHeight = Math.max(0, height - title.length - filter.length);
  const lines = logRows(log, columns, paneHeight).map(row => rowText(row, columns, appearance));
  return {
    rows: [...title, ...Array.from({length: paneHeight}, () => blankRow), ...filter],
    panes: [{id: 'log', rectangle: {left: 0, top: top + title.length, columns, rows: paneHeight}, lines}],
    limit: undefined,
  };
}

/** Right above the prompt, which stands above the footer. */
function palettePane(
  {prompt}: ConsoleState,
  headerHeight: number,
  {columns, rows}: FrameSize,
  appearance: Appearance,
): readonly Pane[] {
  if (prompt === undefined) return [];
  const lines = paletteRows(prompt, columns, rows - headerHeight - 4).map(row => rowText(row, columns, appearance));
  if (lines.length === 0) return [];
  const rectangle = {left: 0, top: rows - 2 - lines.length, columns, rows: lines.length};
  return [{id: 'palette', rectangle, lines}];
}

function questionPane(
  question: NonNullable<ConsoleState['question']>,
  {columns, rows}: FrameSize,
  appearance: Appearance,
): Pane {
  return {id: 'question', ...questionDialog(question, columns, rows, appearance)};
}

function fill(rows: readonly string[], height: number): readonly string[] {
  return Array.from({length: height}, (_, index) => rows[index] ?? '');
}
