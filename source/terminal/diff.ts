import {BLANK, CLUSTER, CODE_POINT, type Grid, isSimple, RIGHT_HALF, WIDE} from './cells.ts';
import {BOLD, COLOUR, DIM, INVERSE, ITALIC, PALETTE, STRIKE, UNDERLINE} from './pen.ts';

/** What a terminal needs: `ascii` replaces every character beyond ASCII, for a locale or a font that has no others. */
export type DiffOptions = {readonly ascii?: boolean};

/**
 * The control sequences that turn a terminal showing `previous` into one showing `next`; empty when nothing differs.
 * Without `previous` nothing is assumed of the screen and everything is written. Expects and leaves: no style set.
 * Every run of cells starts at an absolute address, and so does whatever follows a character that terminals disagree about.
 */
export function diffGrids(previous: Grid | undefined, next: Grid, options: DiffOptions = {}): string {
  const comparable =
    previous !== undefined && previous.columns === next.columns && previous.rows === next.rows ? previous : undefined;
  const writer = new Writer(next, options.ascii === true);
  const changed = new Uint8Array(next.columns);
  for (let y = 0; y < next.rows; y++) {
    if (markChanges(comparable, next, y, changed)) writer.row(y, changed);
  }
  return writer.finish();
}

/** A gap of unchanged cells up to this long is written again rather than jumped over: it costs fewer bytes. */
const shortGap = 4;
/** Erasing to the end of the line pays off from this many blanks. */
const shortTail = 4;

/** Marks the cells of a row to write, in `changed`; false when there are none. */
function markChanges(previous: Grid | undefined, next: Grid, y: number, changed: Uint8Array): boolean {
  const {columns} = next;
  const start = y * columns;
  if (previous === undefined) {
    changed.fill(1);
    return true;
  }
  let any = false;
  for (let x = 0; x < columns; x++) {
    const at = start + x;
    const differs =
      next.glyphs[at] !== previous.glyphs[at] ||
      next.foregrounds[at] !== previous.foregrounds[at] ||
      next.backgrounds[at] !== previous.backgrounds[at];
    changed[x] = differs ? 1 : 0;
    any ||= differs;
  }
  if (any) coupleNeighbours(next, start, changed);
  return any;
}

/**
 * A character that some terminals draw wider or narrower than others is written together with the cell after it, so that
 * a disagreement spoils that character only and never what stands beside it.
 */
function coupleNeighbours(next: Grid, start: number, changed: Uint8Array): void {
  const {glyphs, columns} = next;
  for (let x = columns - 1; x >= 0; x--) {
    const glyph = glyphs[start + x] ?? BLANK;
    if (glyph === RIGHT_HALF || isSure(glyph)) continue;
    if (changed[x + cellsOf(glyph)] === 1) changed[x] = 1;
  }
  for (let x = 0; x < columns; x++) {
    const glyph = glyphs[start + x] ?? BLANK;
    if (glyph === RIGHT_HALF) continue;
    const after = x + cellsOf(glyph);
    if (changed[x] !== 1 && changed[after - 1] !== 1) continue;
    changed.fill(1, x, isSure(glyph) ? after : after + 1);
  }
}

function cellsOf(glyph: number): number {
  return (glyph & WIDE) === 0 ? 1 : 2;
}

/** Whether all terminals agree on the width of a glyph. */
function isSure(glyph: number): boolean {
  if ((glyph & CLUSTER) !== 0) return false;
  const code = glyph & CODE_POINT;
  if ((glyph & WIDE) === 0) return isSimple(code);
  return (
    (code >= 0x30_41 && code <= 0x33_ff) ||
    (code >= 0x34_00 && code <= 0x4d_bf) ||
    (code >= 0x4e_00 && code <= 0xa4_cf) ||
    (code >= 0xac_00 && code <= 0xd7_a3) ||
    (code >= 0xf9_00 && code <= 0xfa_ff) ||
    (code >= 0xff_01 && code <= 0xff_60)
  );
}

/** Writes rows and keeps track of where the terminal's cursor is and which style is set. */
class Writer {
  #output = '';
  #x = -1;
  #y = -1;
  #foreground = 0;
  #background = 0;
  readonly #grid: Grid;
  readonly #ascii: boolean;

  constructor(grid: Grid, ascii: boolean) {
    this.#grid = grid;
    this.#ascii = ascii;
  }

  row(y: number, changed: Uint8Array): void {
    const {columns} = this.#grid;
    const tail = this.#blankTail(y);
    for (let x = 0; x < columns; x++) {
      if (changed[x] !== 1) continue;
      if (x >= tail && columns - x >= shortTail) {
        this.#moveTo(x, y);
        this.#setStyle(0, 0);
        this.#output += '\u001B[K';
        return;
      }
      this.#bridgeGap(x, y);
      this.#moveTo(x, y);
      x += this.#cell(x, y) - 1;
    }
  }

  finish(): string {
    if (this.#foreground !== 0 || this.#background !== 0) this.#output += '\u001B[m';
    return this.#output;
  }

  /** Writes unchanged cells between the cursor and x when that is shorter than an address. */
  #bridgeGap(x: number, y: number): void {
    if (this.#y !== y || this.#x < 0 || this.#x >= x || x - this.#x > shortGap) return;
    const {glyphs, foregrounds, backgrounds, columns} = this.#grid;
    for (let at = y * columns + this.#x; at < y * columns + x; at++) {
      const glyph = glyphs[at] ?? BLANK;
      if (glyph < BLANK || glyph > 0x7e) return;
      if (foregrounds[at] !== this.#foreground || backgrounds[at] !== this.#background) return;
    }
    while (this.#x < x) this.#cell(this.#x, y);
  }

  /** Writes the glyph at a cell the cursor is at; returns how many cells it takes. */
  #cell(x: number, y: number): number {
    const {glyphs, foregrounds, backgrounds, columns} = this.#grid;
    const at = y * columns + x;
    const glyph = glyphs[at] ?? BLANK;
    this.#setStyle(foregrounds[at] ?? 0, backgrounds[at] ?? 0);
    const cells = cellsOf(glyph);
    if (this.#ascii) {
      this.#output += asciiOf(glyph).padEnd(cells);
      this.#x = x + cells;
    } else if (isSure(glyph)) {
      this.#output += textOf(this.#grid, glyph);
      this.#x = x + cells;
    } else {
      if (cells === 2) {
        // A terminal that draws it narrow would leave what was in the second cell.
        this.#output += '  ';
        this.#x = -1;
        this.#moveTo(x, y);
      }
      this.#output += textOf(this.#grid, glyph);
      this.#x = -1;
    }
    return cells;
  }

  #moveTo(x: number, y: number): void {
    if (this.#x === x && this.#y === y) return;
    if (this.#y === y) this.#output += x === 0 ? '\r' : `\u001B[${x + 1}G`;
    else if (x === 0) this.#output += y === 0 ? '\u001B[H' : `\u001B[${y + 1}H`;
    else this.#output += `\u001B[${y + 1};${x + 1}H`;
    this.#x = x;
    this.#y = y;
  }

  #setStyle(foreground: number, background: number): void {
    if (foreground === this.#foreground && background === this.#background) return;
    const change = styleChange(this.#foreground, this.#background, foreground, background);
    const fresh = `0;${styleChange(0, 0, foreground, background)}`;
    if (foreground === 0 && background === 0) this.#output += '\u001B[m';
    else this.#output += `\u001B[${change.length <= fresh.length ? change : fresh}m`;
    this.#foreground = foreground;
    this.#background = background;
  }

  /** First column from which the row has nothing but blanks without style. */
  #blankTail(y: number): number {
    const {glyphs, foregrounds, backgrounds, columns} = this.#grid;
    const start = y * columns;
    let x = columns;
    while (x > 0) {
      const at = start + x - 1;
      if (glyphs[at] !== BLANK || foregrounds[at] !== 0 || backgrounds[at] !== 0) break;
      x--;
    }
    return x;
  }
}

const switches: ReadonlyArray<readonly [attribute: number, on: string, off: string]> = [
  [ITALIC, '3', '23'],
  [UNDERLINE, '4', '24'],
  [INVERSE, '7', '27'],
  [STRIKE, '9', '29'],
];

/** SGR codes from one style to another, joined with semicolons. */
function styleChange(fromForeground: number, fromBackground: number, foreground: number, background: number): string {
  const codes: string[] = [];
  // Bold and dim share one code that ends both.
  const ended = fromForeground & ~foreground & (BOLD | DIM);
  if (ended !== 0) codes.push('22');
  for (const [attribute, code] of [
    [BOLD, '1'],
    [DIM, '2'],
  ] as const) {
    if ((foreground & attribute) !== 0 && (ended !== 0 || (fromForeground & attribute) === 0)) codes.push(code);
  }
  for (const [attribute, on, off] of switches) {
    if ((fromForeground & attribute) === (foreground & attribute)) continue;
    codes.push((foreground & attribute) === 0 ? off : on);
  }
  if ((fromForeground & COLOUR) !== (foreground & COLOUR)) codes.push(colourCode(foreground & COLOUR, 30));
  if (fromBackground !== background) codes.push(colourCode(background & COLOUR, 40));
  return codes.join(';');
}

function colourCode(colour: number, base: 30 | 40): string {
  if (colour === 0) return String(base + 9);
  if ((colour & PALETTE) === 0) {
    return `${base + 8};2;${(colour >> 16) & 0xff};${(colour >> 8) & 0xff};${colour & 0xff}`;
  }
  const index = colour & 0xff;
  if (index < 8) return String(base + index);
  return index < 16 ? String(base + 52 + index) : `${base + 8};5;${index}`;
}

function textOf(grid: Grid, glyph: number): string {
  if (glyph === RIGHT_HALF) return ' ';
  const code = glyph & CODE_POINT;
  return (glyph & CLUSTER) === 0 ? String.fromCodePoint(code) : grid.clusters.text(code);
}

const asciiStandIns = new Map(
  Object.entries({
    '-': '─━┄┅┈┉╌╍═‐‑‒–—―',
    '|': '│┃┆┇┊┋╎╏║▌▐',
    '+': '┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋✓✔',
    '>': '→➜▶►›»',
    '<': '←◀◄‹«',
    '^': '↑▲',
    v: '↓▼',
    x: '✕✖✗✘×',
    '*': '●•◆◉■',
    o: '○◇□',
    '.': '·…',
    '#': '█▇▆▅',
    '=': '▄▃',
    _: '▂▁',
    "'": '‘’',
    '"': '“”',
  }).flatMap(([ascii, characters]) => Array.from(characters, character => [character.codePointAt(0), ascii] as const)),
);

function asciiOf(glyph: number): string {
  const code = glyph & CODE_POINT;
  if ((glyph & CLUSTER) !== 0) return '?';
  if (code >= 0x20 && code < 0x7f) return String.fromCharCode(code);
  return asciiStandIns.get(code) ?? '?';
}
