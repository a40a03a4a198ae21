import {type Capabilities, detectCapabilities, type TerminalEnvironment} from './capabilities.ts';
import type {KeyEvent} from './key-decoder.ts';
import {readKeys} from './keys.ts';
import {type LentTerminal, lendTerminal} from './lent-terminal.ts';
import {type Marks, marksFor} from './marks.ts';
import {guardTerminal} from './restore.ts';
import {Screen} from './screen.ts';
import {createSink, openTerminalDevice} from './sink.ts';
import {catchStrayOutput} from './stray-output.ts';
import {createStyle, type Style} from './style.ts';

/** What a program needs of the terminal it was started in. */
export type TerminalOptions = {
  readonly environment: TerminalEnvironment;
  /** False for `--no-color`. */
  readonly colour?: boolean;
  onKey(event: KeyEvent): void;
  /** The terminal is gone: its window was closed, or the connection to it. Nothing can be shown any more. */
  onGone(): void;
  /** Something that wrote to standard output or error while the screen was up. */
  onStrayOutput?(text: string): void;
  /** Told of a crash before the process ends with status 70. Must not wait. */
  onCrash?(error: unknown): void;
};

/** A terminal that this program owns until `close`. */
export type Terminal = {
  readonly screen: Screen;
  readonly capabilities: Capabilities;
  readonly style: Style;
  readonly marks: Marks;
  /** Hands the terminal, in its normal state, to a child or a session; standard input is free to be read. */
  suspend(): void;
  /** Takes it back and draws everything. */
  resume(): void;
  /**
   * Lends it, raw, until the promise settles, and takes it back. What is typed after the key that was pressed last is the borrower's; nothing
   * of this program is written meanwhile.
   */
  lend<T>(use: (lent: LentTerminal) => Promise<T>): Promise<T>;
  /** Ctrl-z: stops this program as a shell expects, and takes the terminal again when it is continued. */
  stop(): void;
  /** Gives the terminal back for good. */
  close(): void;
};

/**
 * Takes the terminal of standard input and output; undefined when one of them is not a terminal. From here on the
 * terminal is restored however the process ends.
 */
export function openTerminal(options: TerminalOptions): Terminal | undefined {
  const {stdin, stdout} = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;

  const capabilities = detectCapabilities(
    options.environment,
    options.colour === undefined ? {} : {colour: options.colour},
  );
  const sink = createSink(openTerminalDevice());
  const [columns, rows] = stdout.getWindowSize();
  const screen = new Screen({sink, columns, rows, ascii: !capabilities.unicode});
  let stopKeys: ReturnType<typeof readKeys> | undefined;
  let endLoan: (() => boolean) | undefined;
  let closed = false;
  let letThrough: (() => void) | undefined;

  const take = () => {
    letThrough ??= catchStrayOutput(text => options.onStrayOutput?.(text));
    stopKeys ??= readKeys(stdin, event => options.onKey(event));
    screen.resize(...stdout.getWindowSize());
    screen.enter();
  };
  const giveBack = () => {
    const tidied = endLoan?.() ?? true;
    const heard = screen.leave() && tidied;
    const stop = stopKeys;
    stopKeys = undefined;
    stop?.();
    letThrough?.();
    letThrough = undefined;
    return heard;
  };
  const onResize = () => screen.resize(...stdout.getWindowSize());
  const onContinued = () => {
    // Whoever had the terminal meanwhile may have left it in any state.
    if (stopKeys === undefined) return;
    giveBack();
    take();
  };
  const lend: Terminal['lend'] = async use => {
    screen.leave();
    stopKeys?.(true);
    stopKeys = undefined;
    const {lent, end} = lendTerminal({stdin, stdout}, sink);
    endLoan = end;
    try {
      return await use(lent);
    } finally {
      end();
      endLoan = undefined;
      if (!closed) take();
    }
  };
  const guard = guardTerminal({restore: giveBack, onCrash: error => options.onCrash?.(error)});
  let gone = false;
  const onGone = () => {
    if (gone) return;
    gone = true;
    options.onGone();
  };
  sink.onGone(onGone);
  // A terminal that is closed fails or ends, depending on who closed it and how.
  stdin.on('error', onGone);
  stdin.on('end', onGone);
  stdout.on('resize', onResize);
  process.on('SIGCONT', onContinued);
  take();

  return {
    screen,
    capabilities,
    style: createStyle(capabilities.colours, capabilities.attributes),
    marks: marksFor(capabilities.unicode),
    suspend: giveBack,
    resume: take,
    lend,
    stop() {
      giveBack();
      process.kill(0, 'SIGTSTP');
      // Runs when the program is continued, or at once where nothing can stop it (no shell to continue it).
      setTimeout(take, 50);
    },
    close() {
      closed = true;
      guard.restore();
      guard.release();
      stdout.off('resize', onResize);
      process.off('SIGCONT', onContinued);
      stdin.off('error', onGone);
      stdin.off('end', onGone);
      sink.close();
    },
  };
}
