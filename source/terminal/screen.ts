import {ClusterTable, copyGrid, createGrid, type Grid, paintLine, paintLines, type Rectangle} from './cells.ts';
import {diffGrids} from './diff.ts';
import {inkStream} from './ink-stream.ts';
import {scrollPane} from './scroll.ts';
import type {Sink} from './sink.ts';

/** A line of a pane: text with SGR sequences (from Style), or without. Cut at the pane's edge. */
export type StyledLine = string;

export type CursorPosition = {readonly column: number; readonly row: number};

export type ScreenOptions = {
  readonly sink: Sink;
  readonly columns: number;
  readonly rows: number;
  /** Draw nothing beyond ASCII, whatever the frame says. */
  readonly ascii?: boolean;
  /** Runs the drawing after the current work, once for all changes of it; setImmediate unless told otherwise. */
  readonly soon?: (run: () => void) => void;
};

/**
 * The last step to the terminal: Ink's frame below, panes painted over it, and one write with what has changed.
 * While the terminal is busy with the last frame nothing is queued: the next one shows how things are then.
 */
export class Screen {
  /** What Ink is given as its stdout: `render(app, {stdout: screen.stdout, debug: true, interactive: true, patchConsole: false, exitOnCtrlC: false})`. */
  readonly stdout: NodeJS.WriteStream;
  /** Frames that have been written, and changes that had to wait because the terminal was busy. */
  framesDrawn = 0;
  framesDropped = 0;
  readonly #sink: Sink;
  readonly #ascii: boolean;
  readonly #soon: (run: () => void) => void;
  readonly #resizeListeners = new Set<() => void>();
  readonly #panes = new Map<string, Pane>();
  #clusters = new ClusterTable();
  #columns: number;
  #rows: number;
  /** Ink's frame, in cells and as the lines it came in. */
  #frame: Grid;
  #frameLines: string[] = [];
  /** What the terminal shows; undefined when nobody knows. */
  #shown: Grid | undefined;
  #spare: Grid;
  #owned: boolean = false;
  #scheduled: boolean = false;
  #dirty: boolean = false;
  #cursor: CursorPosition | undefined;
  #shownCursor: CursorPosition | undefined;
  /** Goes out with the next frame. */
  #clipboard = '';

  constructor(options: ScreenOptions) {
    this.#sink = options.sink;
    this.#columns = Math.max(1, options.columns);
    this.#rows = Math.max(1, options.rows);
    this.#ascii = options.ascii === true;
    this.#soon = options.soon ?? setImmediate;
    this.#frame = this.#createGrid();
    this.#spare = this.#createGrid();
    this.stdout = inkStream({
      size: () => ({columns: this.#columns, rows: this.#rows}),
      frame: frame => this.#setFrame(frame),
      resizeListeners: this.#resizeListeners,
    });
    this.#sink.onDrain(() => {
      if (this.#dirty) this.#draw();
    });
  }

  get columns(): number {
    return this.#columns;
  }

  get rows(): number {
    return this.#rows;
  }

  /** The terminal is still taking the last frame: do not prepare another. */
  get busy(): boolean {
    return this.#sink.busy;
  }

  /** How long the terminal took for the last frame, in ms: a slow one is better served with fewer frames. */
  get drainMs(): number {
    return this.#sink.drainMs;
  }

  /** Takes the terminal: alternate screen, no cursor, no wrapping, pastes marked; draws everything. */
  enter(): void {
    if (this.#owned) return;
    this.#owned = true;
    this.repaint();
  }

  /**
   * Gives the terminal back to whoever had it before, at once. Drawing stops until `enter`. False when the terminal took
   * no notice: it is stalled or gone.
   */
  leave(): boolean {
    if (!this.#owned) return true;
    this.#owned = false;
    return this.#sink.finish(leaveSequence);
  }

  /** Draws what has changed now instead of after the current work. */
  flush(): void {
    this.#draw();
  }

  /** Draws everything anew, for when something else may have written to the terminal. */
  repaint(): void {
    this.#shown = undefined;
    this.#changed();
  }

  /** Follows the size of the window: Ink lays out again, everything is drawn anew. */
  resize(columns: number, rows: number): void {
    if (columns === this.#columns && rows === this.#rows) return;
    this.#columns = Math.max(1, columns);
    this.#rows = Math.max(1, rows);
    this.#clusters = new ClusterTable();
    this.#frame = this.#createGrid();
    this.#spare = this.#createGrid();
    const lines = this.#frameLines;
    this.#frameLines = [];
    this.#paintFrame(lines);
    this.repaint();
    for (const listener of [...this.#resizeListeners]) listener();
  }

  /**
   * Puts lines over Ink's frame, first line at the top of the rectangle, rows without a line blank. The same id replaces
   * what it showed before; later ids lie above earlier ones. For what moves too fast for Ink: the log pane.
   */
  setPane(id: string, rectangle: Rectangle, lines: readonly StyledLine[]): void {
    this.#panes.set(id, {rectangle, lines});
    this.#changed();
  }

  /** Takes a pane away; what Ink has drawn there shows again. */
  removePane(id: string): void {
    if (this.#panes.delete(id)) this.#changed();
  }

  /** Puts a text into the clipboard of the person's terminal, where it allows that (OSC 52, xterm's control sequences). */
  copy(text: string): void {
    this.#clipboard = `\u001B]52;c;${Buffer.from(text).toString('base64')}\u0007`;
    this.#changed();
  }

  /** Shows the terminal's cursor at a cell (from 0, 0), for typing; undefined hides it. */
  setCursor(position: CursorPosition | undefined): void {
    if (position?.column === this.#cursor?.column && position?.row === this.#cursor?.row) return;
    this.#cursor = position;
    this.#changed();
  }

  #createGrid(): Grid {
    return createGrid(this.#columns, this.#rows, this.#clusters);
  }

  #setFrame(frame: string): void {
    this.#paintFrame(frame.split('\n'));
    this.#changed();
  }

  /** Most rows of most frames are those of the frame before: only the others are read again. */
  #paintFrame(lines: string[]): void {
    const whole = {left: 0, top: 0, columns: this.#columns, rows: this.#rows};
    for (let row = 0; row < this.#rows; row++) {
      const line = lines[row] ?? '';
      if (line !== (this.#frameLines[row] ?? '')) paintLine(this.#frame, line, whole, row);
    }
    this.#frameLines = lines;
  }

  #changed(): void {
    this.#dirty = true;
    if (this.#scheduled || !this.#owned) return;
    this.#scheduled = true;
    this.#soon(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    if (!this.#owned || !this.#dirty) return;
    if (this.#sink.busy) {
      this.framesDropped++;
      return;
    }
    this.#dirty = false;
    if (this.#clusters.size > maximumClusters) this.#forgetClusters();
    const next = this.#compose();
    const body = this.#bodyFor(next);
    const cursor = this.#cursorSequence(body !== '');
    this.#spare = this.#shown ?? this.#createGrid();
    this.#shown = next;
    const clipboard = this.#clipboard;
    this.#clipboard = '';
    if (body === '' && cursor === '' && clipboard === '') return;
    this.framesDrawn++;
    this.#sink.write(clipboard + beginFrame + body + cursor + endFrame);
  }

  #compose(): Grid {
    const next = this.#spare;
    copyGrid(this.#frame, next);
    for (const {rectangle, lines} of this.#panes.values()) paintLines(next, lines, rectangle);
    return next;
  }

  #bodyFor(next: Grid): string {
    if (this.#shown === undefined) {
      this.#shownCursor = undefined;
      return enterSequence + diffGrids(undefined, next, {ascii: this.#ascii});
    }
    let scrolled = '';
    for (const {rectangle} of this.#panes.values()) scrolled += scrollPane(this.#shown, next, rectangle);
    return scrolled + diffGrids(this.#shown, next, {ascii: this.#ascii});
  }

  #cursorSequence(moved: boolean): string {
    const {column = -1, row = -1} = this.#cursor ?? {};
    if (column < 0 || row < 0 || column >= this.#columns || row >= this.#rows) {
      const hide = this.#shownCursor === undefined ? '' : hideCursor;
      this.#shownCursor = undefined;
      return hide;
    }
    const same = this.#shownCursor?.column === column && this.#shownCursor.row === row;
    if (same && !moved) return '';
    const show = this.#shownCursor === undefined ? showCursor : '';
    this.#shownCursor = {column, row};
    return `\u001B[${row + 1};${column + 1}H${show}`;
  }

  #forgetClusters(): void {
    const lines = this.#frameLines;
    this.#clusters = new ClusterTable();
    this.#frame = this.#createGrid();
    this.#spare = this.#createGrid();
    this.#frameLines = [];
    this.#paintFrame(lines);
    this.#shown = undefined;
  }
}

type Pane = {readonly rectangle: Rectangle; readonly lines: readonly StyledLine[]};

const maximumClusters = 10_000;

const beginFrame = '\u001B[?2026h';
const endFrame = '\u001B[?2026l';
const showCursor = '\u001B[?25h';
const hideCursor = '\u001B[?25l';

/** Alternate screen, no cursor, no wrapping at the edge, pastes marked, no style, all rows scroll. Harmless when repeated. */
const enterSequence = `\u001B[?1049h${hideCursor}\u001B[?7l\u001B[?2004h\u001B[m\u001B[r`;

/** Undoes everything that a Screen may have switched on. Clears, for terminals without an alternate screen (the Linux console). */
const leaveSequence = `${endFrame}\u001B[m\u001B[r\u001B[H\u001B[J\u001B[?7h\u001B[?2004l${showCursor}\u001B[?1049l`;
