import xterm from '@xterm/headless';
import {BLANK, CLUSTER, CODE_POINT, type Grid, RIGHT_HALF} from '../../source/terminal/cells.ts';
import {BOLD, COLOUR, DIM, INVERSE, ITALIC, PALETTE, RGB, STRIKE, UNDERLINE} from '../../source/terminal/pen.ts';

/** A terminal to compare with: what it shows after some bytes, cell by cell. */
export class Emulator {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 100});
  }

  async write(data: string): Promise<void> {
    await new Promise<void>(resolve => this.#terminal.write(data, resolve));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  get modes() {
    return this.#terminal.modes;
  }

  get cursor(): {column: number; row: number} {
    const {cursorX, cursorY} = this.#terminal.buffer.active;
    return {column: cursorX, row: cursorY};
  }

  /** The rows as text, without the blanks at their ends. */
  text(): string[] {
    return Array.from({length: this.#terminal.rows}, (_, row) => this.#line(row).translateToString(true).trimEnd());
  }

  /** Each cell as text and style, in a form that `describeGrid` produces too. */
  cells(): string[][] {
    return Array.from({length: this.#terminal.rows}, (_, row) =>
      Array.from({length: this.#terminal.cols}, (_, column) => describeCell(this.#line(row), column)),
    );
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  #line(row: number) {
    const line = this.#terminal.buffer.active.getLine(this.#terminal.buffer.active.baseY + row);
    if (line === undefined) throw new Error(`the emulator has no row ${row}`);
    return line;
  }
}

type Line = NonNullable<ReturnType<InstanceType<typeof xterm.Terminal>['buffer']['active']['getLine']>>;

function describeCell(line: Line, column: number): string {
  const cell = line.getCell(column);
  if (cell === undefined) throw new Error(`the emulator has no column ${column}`);
  const foreground = cell.isFgDefault() ? '-' : `${cell.isFgRGB() ? 'rgb' : 'palette'}${cell.getFgColor()}`;
  const background = cell.isBgDefault() ? '-' : `${cell.isBgRGB() ? 'rgb' : 'palette'}${cell.getBgColor()}`;
  const attributes = [
    cell.isBold() && 'bold',
    cell.isDim() && 'dim',
    cell.isItalic() && 'italic',
    cell.isUnderline() && 'underline',
    cell.isInverse() && 'inverse',
    cell.isStrikethrough() && 'strike',
  ].filter(name => typeof name === 'string');
  // The right half of a wide character has no text, and no style that shows.
  if (cell.getWidth() === 0) return 'right half';
  return [cell.getChars() || ' ', foreground, background, ...attributes].join(' ');
}

/** What an emulator is to show for a grid. */
export function describeGrid(grid: Grid): string[][] {
  return Array.from({length: grid.rows}, (_, row) =>
    Array.from({length: grid.columns}, (_, column) => describeGridCell(grid, row * grid.columns + column)),
  );
}

function describeGridCell(grid: Grid, at: number): string {
  const glyph = grid.glyphs[at] ?? BLANK;
  const style = grid.foregrounds[at] ?? 0;
  if (glyph === RIGHT_HALF) return 'right half';
  const text =
    (glyph & CLUSTER) === 0 ? String.fromCodePoint(glyph & CODE_POINT) : grid.clusters.text(glyph & CODE_POINT);
  const attributes = [
    (style & BOLD) !== 0 && 'bold',
    (style & DIM) !== 0 && 'dim',
    (style & ITALIC) !== 0 && 'italic',
    (style & UNDERLINE) !== 0 && 'underline',
    (style & INVERSE) !== 0 && 'inverse',
    (style & STRIKE) !== 0 && 'strike',
  ].filter(name => typeof name === 'string');
  return [text, colour(style & COLOUR), colour((grid.backgrounds[at] ?? 0) & COLOUR), ...attributes].join(' ');
}

function colour(value: number): string {
  if ((value & PALETTE) !== 0) return `palette${value & 0xff}`;
  return (value & RGB) === 0 ? '-' : `rgb${value & 0xff_ff_ff}`;
}
