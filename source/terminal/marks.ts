/** The characters that screens draw beside text; every one has a stand-in of the same width in ASCII. */
export type Marks = {
  readonly selected: string;
  readonly dot: string;
  readonly arrow: string;
  readonly check: string;
  readonly cross: string;
  readonly attention: string;
  readonly ellipsis: string;
  readonly bullet: string;
  readonly up: string;
  readonly down: string;
  readonly left: string;
  readonly right: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  /** From lowest to highest. */
  readonly levels: readonly string[];
};

/** Marks for a terminal that shows more than ASCII, or for one that does not. */
export function marksFor(unicode: boolean): Marks {
  return unicode ? unicodeMarks : asciiMarks;
}

// Every one of these is one cell wide in all terminals; U+26A0 and other emoji are not.
const unicodeMarks: Marks = {
  selected: '▶',
  dot: '●',
  arrow: '→',
  check: '✔',
  cross: '✖',
  attention: '!',
  ellipsis: '…',
  bullet: '·',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  horizontal: '─',
  vertical: '│',
  topLeft: '┌',
  topRight: '┐',
  bottomLeft: '└',
  bottomRight: '┘',
  levels: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

const asciiMarks: Marks = {
  selected: '>',
  dot: '*',
  arrow: '>',
  check: '+',
  cross: 'x',
  attention: '!',
  ellipsis: '~',
  bullet: '.',
  up: '^',
  down: 'v',
  left: '<',
  right: '>',
  horizontal: '-',
  vertical: '|',
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  levels: ['_', '.', '-', '~', '=', '+', '*', '#'],
};
