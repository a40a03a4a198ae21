import {drawSpans, type Spans, spansWidth} from '../terminal/span.ts';
import type {Style, Tone} from '../terminal/style.ts';
import {displayWidth, fitTo} from '../terminal/width.ts';

/** A column as data: how wide it may be, when it gives way, and what stands in it. */
export type Column<Row> = {
  readonly id: string;
  readonly header: string;
  readonly align?: 'left' | 'right';
  /** Narrower than this it is of no use: then a column goes. */
  readonly min: number;
  /** Never wider, whatever stands in it. */
  readonly max?: number;
  /** 1 is kept longest; the highest number goes first when the window is narrow. */
  readonly priority: number;
  readonly cell: (row: Row) => Spans;
};

/** Which columns show, in order, and how wide; made by `layoutTable`. */
export type TableLayout = {
  readonly width: number;
  readonly columns: ReadonlyArray<{readonly id: string; readonly width: number}>;
};

/** The blank columns between two columns of a table. */
export const columnGap = 2;

/**
 * Fits columns into `width` cells. Columns only ever grow from one layout to the next, so that they do not move when values
 * change; a new width of the window starts afresh. What does not fit is narrowed, then dropped, by priority.
 */
export function layoutTable<Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: readonly Row[],
  width: number,
  previous?: TableLayout,
): TableLayout {
  const sticky =
    previous?.width === width ? new Map(previous.columns.map(column => [column.id, column.width])) : new Map();
  const wanted = columns.map(column => {
    const content = rows.reduce((widest, row) => Math.max(widest, spansWidth(column.cell(row))), 0);
    const needed = Math.max(column.min, displayWidth(column.header), content, sticky.get(column.id) ?? 0);
    return {column, width: Math.min(needed, Math.max(column.max ?? needed, column.min))};
  });
  let shown = wanted;
  while (shown.length > 1 && totalMinimum(shown) > width) {
    const first = shown.reduce((last, entry) => (entry.column.priority >= last.column.priority ? entry : last));
    shown = shown.filter(entry => entry !== first);
  }
  return {width, columns: narrow(shown, width).map(({column, width: own}) => ({id: column.id, width: own}))};
}

/** What `drawTable` needs beside the rows. */
export type TableDrawing<Row> = {
  readonly columns: ReadonlyArray<Column<Row>>;
  readonly layout: TableLayout;
  readonly style: Style;
  readonly ellipsis?: string;
  /** Index of the selected row. */
  readonly selected?: number | undefined;
  /** How a whole row looks, over what its cells say: bold for the primary. */
  readonly tone?: (row: Row) => Tone | undefined;
};

/** The header and the rows as strings ready for the screen, each at most the layout's width. */
export function drawTable<Row>(rows: readonly Row[], drawing: TableDrawing<Row>): {header: string; rows: string[]} {
  const {layout, style, ellipsis} = drawing;
  const shown = layout.columns.flatMap(({id, width}) => {
    const column = drawing.columns.find(candidate => candidate.id === id);
    return column === undefined ? [] : [{column, width}];
  });
  const gap = ' '.repeat(columnGap);
  const header = shown.map(({column, width}) => fitTo(column.header, width, column.align, ellipsis)).join(gap);
  return {
    header: style.dim(header.trimEnd()),
    rows: rows.map((row, index) => {
      const cells = shown.map(({column, width}) =>
        drawSpans(column.cell(row), width, style, {
          align: column.align ?? 'left',
          ...(ellipsis === undefined ? {} : {ellipsis}),
        }),
      );
      const line = style[drawing.tone?.(row) ?? 'plain'](cells.join(gap));
      return index === drawing.selected ? style.bold(line) : line;
    }),
  };
}

type Wanted<Row> = {readonly column: Column<Row>; readonly width: number};

function totalMinimum<Row>(shown: ReadonlyArray<Wanted<Row>>): number {
  return shown.reduce((sum, {column}) => sum + column.min, columnGap * (shown.length - 1));
}

/** Takes the cells that are too many from the columns of lowest priority first, never below their minimum. */
function narrow<Row>(shown: ReadonlyArray<Wanted<Row>>, width: number): ReadonlyArray<Wanted<Row>> {
  let excess = shown.reduce((sum, entry) => sum + entry.width, columnGap * (shown.length - 1)) - width;
  const widths = new Map(shown.map(({column, width: own}) => [column.id, own]));
  for (const {column, width: own} of [...shown].sort((one, other) => other.column.priority - one.column.priority)) {
    if (excess <= 0) break;
    const given = Math.min(excess, own - column.min);
    widths.set(column.id, own - given);
    excess -= given;
  }
  return shown.map(({column, width: own}) => ({column, width: Math.min(widths.get(column.id) ?? own, width)}));
}
