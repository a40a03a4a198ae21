import stringWidth from 'string-width';
import {graphemes} from './graphemes.ts';
import {type Pen, readSequence} from './pen.ts';

/**
 * What a terminal shows, cell by cell, in three parallel arrays of `columns * rows` packed integers.
 * glyphs: code point, or index into `clusters` with CLUSTER, plus WIDE for the left half of a wide character; 0 is its right half.
 * foregrounds: colour in the low 26 bits, attributes above; backgrounds: colour only. Colour 0 is the terminal's own.
 */
export type Grid = {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: Int32Array;
  readonly foregrounds: Int32Array;
  readonly backgrounds: Int32Array;
  readonly clusters: ClusterTable;
};

/** Where to paint, in cells from the top left corner of the grid; may reach beyond it. */
export type Rectangle = {readonly left: number; readonly top: number; readonly columns: number; readonly rows: number};

export const BLANK = 0x20;
export const RIGHT_HALF = 0;
export const WIDE = 1 << 24;
export const CLUSTER = 1 << 25;
export const CODE_POINT = 0x1f_ff_ff;

/** Characters with combining marks, kept once each; grids that are compared share one table. */
export class ClusterTable {
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, number>();

  /** How many distinct clusters are kept; the owner starts a new table when this grows large. */
  get size(): number {
    return this.#texts.length;
  }

  /** The number of a cluster; the same text always gets the same number. */
  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.length;
    this.#texts.push(text);
    this.#ids.set(text, id);
    return id;
  }

  /** The text behind a number that `id` gave. */
  text(id: number): string {
    return this.#texts[id] ?? ' ';
  }
}

/** A grid of blanks in the terminal's own colours. */
export function createGrid(columns: number, rows: number, clusters = new ClusterTable()): Grid {
  const size = columns * rows;
  return {
    columns,
    rows,
    glyphs: new Int32Array(size).fill(BLANK),
    foregrounds: new Int32Array(size),
    backgrounds: new Int32Array(size),
    clusters,
  };
}

/** Copies every cell of one grid into another of the same size. */
export function copyGrid(from: Grid, to: Grid): void {
  to.glyphs.set(from.glyphs);
  to.foregrounds.set(from.foregrounds);
  to.backgrounds.set(from.backgrounds);
}

/** Paints a line of text with SGR sequences over one row of a rectangle; the rest of that row becomes blank. Other control sequences are dropped. */
export function paintLine(grid: Grid, line: string, rectangle: Rectangle, row: number): void {
  const y = rectangle.top + row;
  const left = Math.max(0, rectangle.left);
  const right = Math.min(grid.columns, rectangle.left + rectangle.columns);
  if (row < 0 || row >= rectangle.rows || y < 0 || y >= grid.rows || left >= right) return;
  detachNeighbours(grid, y, left, right);
  const painter: Painter = {grid, start: y * grid.columns, x: left, right, foreground: 0, background: 0};
  if (complexPattern.test(line)) paintComplex(painter, line);
  else paintSimple(painter, line);
  blank(grid, painter.start + painter.x, painter.start + right);
}

/** Paints lines into a rectangle, blanking the rows that have none. */
export function paintLines(grid: Grid, lines: readonly string[], rectangle: Rectangle): void {
  for (let row = 0; row < rectangle.rows; row++) paintLine(grid, lines[row] ?? '', rectangle, row);
}

/** Whether every terminal advances by exactly one cell for this code point and never joins it with its neighbours. */
export function isSimple(code: number): boolean {
  return (
    (code >= 0x20 && code < 0x7f) ||
    (code >= 0xa0 && code < 0x3_00 && code !== 0xad) ||
    (code >= 0x25_00 && code <= 0x25_fc) ||
    (code >= 0x21_90 && code <= 0x21_ff) ||
    (code >= 0x20_10 && code <= 0x20_27) ||
    (code >= 0x3_70 && code <= 0x4_81) ||
    (code >= 0x27_13 && code <= 0x27_18) ||
    (code >= 0x28_00 && code <= 0x28_ff)
  );
}

const complexPattern =
  /[^\u0000-\u00ac\u00ae-\u02ff\u0370-\u0481\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u2713-\u2718\u2800-\u28ff]/;

type Painter = Pen & {readonly grid: Grid; readonly start: number; x: number; readonly right: number};

function paintSimple(painter: Painter, line: string): void {
  const {glyphs, foregrounds, backgrounds} = painter.grid;
  for (let index = 0; index < line.length; index++) {
    const code = line.charCodeAt(index);
    if (code === 0x1b || code === 0x9b) {
      index = readSequence(painter, line, index) - 1;
    } else if (code >= 0x20 && (code < 0x7f || code >= 0xa0) && painter.x < painter.right) {
      const at = painter.start + painter.x++;
      glyphs[at] = code;
      foregrounds[at] = painter.foreground;
      backgrounds[at] = painter.background;
    }
  }
}

function paintComplex(painter: Painter, line: string): void {
  let index = 0;
  while (index < line.length) {
    const code = line.charCodeAt(index);
    if (code === 0x1b || code === 0x9b) {
      index = readSequence(painter, line, index);
      continue;
    }
    let end = index + 1;
    while (end < line.length && line.charCodeAt(end) !== 0x1b && line.charCodeAt(end) !== 0x9b) end++;
    for (const {segment} of graphemes(line.slice(index, end))) {
      if (!paintCluster(painter, segment)) break;
    }
    index = end;
  }
}

/** Paints one grapheme cluster as wide as Ink thinks it is; false when the row is full. */
function paintCluster(painter: Painter, segment: string): boolean {
  const {grid, start, right, foreground, background} = painter;
  const width = stringWidth(segment);
  if (width === 0) return true;
  const glyph = glyphOf(grid.clusters, segment);
  const cells = glyph === BLANK ? 1 : Math.min(width, 2);
  const until = painter.x + width;
  // A wide character that would stick out is replaced by blanks: no terminal draws half of one.
  const fits = painter.x + cells <= right;
  for (let x = painter.x; x < until && x < right; x++) {
    const at = start + x;
    grid.glyphs[at] = BLANK;
    grid.foregrounds[at] = foreground;
    grid.backgrounds[at] = background;
  }
  if (fits) {
    grid.glyphs[start + painter.x] = cells === 2 ? glyph | WIDE : glyph;
    if (cells === 2) grid.glyphs[start + painter.x + 1] = RIGHT_HALF;
  }
  painter.x = Math.min(until, right);
  return painter.x < right;
}

type CharacterClasses = {ignorable: RegExp; combining: RegExp};
let characterClasses: CharacterClasses | undefined;

/** Made when the first character needs them: they are large. */
function classes(): CharacterClasses {
  characterClasses ??= {
    ignorable: /[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Surrogate}\p{Zl}\p{Zp}]/v,
    combining: /[\p{Nonspacing_Mark}\p{Enclosing_Mark}]/v,
  };
  return characterClasses;
}

const maximumMarks = 3;

/**
 * Reduces a cluster to its first visible character and a few combining marks: how wide joined emoji, flags and
 * variation selectors come out differs between terminals, one character and marks of width zero does not.
 */
function glyphOf(clusters: ClusterTable, segment: string): number {
  const first = segment.codePointAt(0);
  if (first !== undefined && segment.length === (first > 0xff_ff ? 2 : 1)) return first;
  const {ignorable, combining} = classes();
  let base = '';
  let marks = 0;
  for (const character of segment) {
    if (ignorable.test(character)) continue;
    if (base === '') {
      if (!combining.test(character)) base = character;
    } else if (marks < maximumMarks && combining.test(character)) {
      base += character;
      marks++;
    } else {
      break;
    }
  }
  const code = base.codePointAt(0);
  if (code === undefined) return BLANK;
  return marks === 0 ? code : CLUSTER | clusters.id(base);
}

function blank(grid: Grid, from: number, to: number): void {
  if (from >= to) return;
  grid.glyphs.fill(BLANK, from, to);
  grid.foregrounds.fill(0, from, to);
  grid.backgrounds.fill(0, from, to);
}

/** Painting over one half of a wide character leaves a blank where its other half was. */
function detachNeighbours(grid: Grid, y: number, left: number, right: number): void {
  const start = y * grid.columns;
  if (left > 0 && grid.glyphs[start + left] === RIGHT_HALF) grid.glyphs[start + left - 1] = BLANK;
  if (right < grid.columns && grid.glyphs[start + right] === RIGHT_HALF) grid.glyphs[start + right] = BLANK;
}
