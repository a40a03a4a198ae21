import xterm, {type IBufferCell} from '@xterm/headless';
import {type TerminalModes, watchTerminalModes} from './terminal-modes.ts';

/** One cell as a person sees it. Colours: 'default', a palette number, or '#rrggbb'. */
export type Cell = {
  text: string;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  strikethrough: boolean;
  foreground: 'default' | number | string;
  background: 'default' | number | string;
};

/** A terminal emulator fed with a program's bytes: what a person would see. */
export type Screen = {
  readonly modes: TerminalModes;
  columns(): number;
  rows(): number;
  /** Resolves when the bytes are on the screen. */
  write(bytes: Uint8Array): Promise<void>;
  resize(columns: number, rows: number): void;
  /** All rows, without trailing blanks, joined by newlines. */
  text(): string;
  row(y: number): string;
  /** Throws outside the screen. */
  cell(x: number, y: number): Cell;
  cursor(): {x: number; y: number};
  /** The screen between two rules, with its size and the modes that are on: for messages of failed tests. */
  picture(): string;
  applicationCursorKeys(): boolean;
  /** Called with what the terminal answers to a program's questions (device attributes, cursor position). */
  onAnswer(listener: (answer: string) => void): void;
  dispose(): void;
};

/** A blank screen of that size, as xterm has it. */
export function openScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({cols: columns, rows, scrollback: 1000, allowProposedApi: true});
  const modes = watchTerminalModes(terminal.parser, () => terminal.rows);
  const buffer = () => terminal.buffer.active;
  const row = (y: number) =>
    buffer()
      .getLine(buffer().baseY + y)
      ?.translateToString(true) ?? '';
  const text = () => Array.from({length: terminal.rows}, (_, y) => row(y)).join('\n');
  const cursor = () => ({x: buffer().cursorX, y: buffer().cursorY});
  return {
    modes,
    columns: () => terminal.cols,
    rows: () => terminal.rows,
    write: bytes => new Promise(resolve => terminal.write(bytes, resolve)),
    resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
    text,
    row,
    cell: (x, y) => {
      const cell = buffer()
        .getLine(buffer().baseY + y)
        ?.getCell(x);
      if (cell === undefined) throw new Error(`no cell ${x},${y} on a screen of ${terminal.cols}x${terminal.rows}`);
      return describe(cell);
    },
    cursor,
    picture: () => {
      const title = `${terminal.cols}x${terminal.rows}, cursor ${cursor().x},${cursor().y}`;
      const rule = '-'.repeat(Math.max(0, terminal.cols - title.length - 4));
      const lines = text().replace(/\n+$/, '');
      return `-- ${title} ${rule}\n${lines}\n${'-'.repeat(terminal.cols)}\n${modes.leftOver().join(', ') || 'no modes on'}`;
    },
    applicationCursorKeys: () => terminal.modes.applicationCursorKeysMode,
    onAnswer: listener => {
      terminal.onData(listener);
    },
    dispose: () => terminal.dispose(),
  };
}

function describe(cell: IBufferCell): Cell {
  return {
    text: cell.getChars() || ' ',
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
    strikethrough: cell.isStrikethrough() !== 0,
    foreground: colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    background: colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
  };
}

function colour(isDefault: boolean, isRgb: boolean, value: number): Cell['foreground'] {
  if (isDefault) return 'default';
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : value;
}
