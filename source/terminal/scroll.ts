import {BLANK, type Grid, type Rectangle} from './cells.ts';

/**
 * When the rows of a pane have moved up or down, moves them in the terminal instead of writing them again: returns the
 * sequences, and changes `shown` to what the terminal shows after them. Only for panes as wide as the screen, since a
 * terminal scrolls whole rows. Uses delete and insert line, which the Linux console knows too.
 */
export function scrollPane(shown: Grid, next: Grid, rectangle: Rectangle): string {
  const top = Math.max(0, rectangle.top);
  const bottom = Math.min(next.rows, rectangle.top + rectangle.rows);
  const height = bottom - top;
  if (rectangle.left > 0 || rectangle.left + rectangle.columns < next.columns || height < 4) return '';
  const shift = findShift(shown, next, top, height);
  if (shift === 0) return '';
  moveRows(shown, top, bottom, shift);
  const region = `\u001B[${top + 1};${bottom}r\u001B[${top + 1}H`;
  return `${region}\u001B[${Math.abs(shift)}${shift > 0 ? 'M' : 'L'}\u001B[r`;
}

/** By how many rows the content moved up (positive) or down, when that saves most of the pane; 0 when it did not. */
function findShift(shown: Grid, next: Grid, top: number, height: number): number {
  // Whatever is equal in place needs no moving: a pane whose first and last rows stay has not scrolled.
  if (sameRow(shown, top, next, top) && sameRow(shown, top + height - 1, next, top + height - 1)) return 0;
  const furthest = Math.floor(height * 0.6);
  for (let shift = 1; shift <= furthest; shift++) {
    if (movedUp(shown, next, top, height, shift)) return shift;
    if (movedUp(next, shown, top, height, shift)) return -shift;
  }
  return 0;
}

/** Whether `later` shows, from its top, what `earlier` showed `shift` rows lower; rows that are blank prove nothing. */
function movedUp(earlier: Grid, later: Grid, top: number, height: number, shift: number): boolean {
  let proof = 0;
  for (let row = 0; row < height - shift; row++) {
    if (!sameRow(earlier, top + row + shift, later, top + row)) return false;
    if (!isBlankRow(later, top + row)) proof++;
  }
  return proof > 1;
}

function sameRow(one: Grid, oneRow: number, other: Grid, otherRow: number): boolean {
  const {columns} = one;
  const from = oneRow * columns;
  const to = otherRow * columns;
  for (let x = 0; x < columns; x++) {
    if (
      one.glyphs[from + x] !== other.glyphs[to + x] ||
      one.foregrounds[from + x] !== other.foregrounds[to + x] ||
      one.backgrounds[from + x] !== other.backgrounds[to + x]
    ) {
      return false;
    }
  }
  return true;
}

function isBlankRow(grid: Grid, row: number): boolean {
  for (let at = row * grid.columns; at < (row + 1) * grid.columns; at++) {
    if (grid.glyphs[at] !== BLANK) return false;
  }
  return true;
}

function moveRows(grid: Grid, top: number, bottom: number, shift: number): void {
  const {columns} = grid;
  const start = top * columns;
  const end = bottom * columns;
  const distance = Math.abs(shift) * columns;
  for (const [cells, empty] of [
    [grid.glyphs, BLANK],
    [grid.foregrounds, 0],
    [grid.backgrounds, 0],
  ] as const) {
    if (shift > 0) {
      cells.copyWithin(start, start + distance, end);
      cells.fill(empty, end - distance, end);
    } else {
      cells.copyWithin(start + distance, start, end - distance);
      cells.fill(empty, start, start + distance);
    }
  }
}
