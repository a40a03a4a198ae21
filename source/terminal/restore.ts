import {writeSync} from 'node:fs';
import {codeOf} from './sink.ts';

/** What gives the terminal back, and what is told when the program ends in a way nobody planned. */
export type RestoreOptions = {
  /** Descriptors of the terminal to write to, tried in order until one takes everything. */
  readonly descriptors: readonly number[];
  /** The sequences that undo what the program has done to the terminal; asked for at the last moment. */
  sequence(): string;
  /** Ends raw mode. */
  rawModeOff(): void;
  /** Told of a crash before the process ends, to write it into a log file. Must not throw or wait. */
  onCrash?(error: unknown): void;
};

/** The guard of a terminal. */
export type TerminalGuard = {
  /** Restores the terminal now; later calls, and the end of the process, do nothing more. */
  restore(): void;
  /** The terminal was taken again: the next `restore` works again. */
  rearm(): void;
  /** Stops watching the process without restoring anything. */
  release(): void;
};

/** The exit status after a crash (EX_SOFTWARE of sysexits). */
export const crashStatus = 70;

/**
 * Makes sure that the terminal is restored however the process ends: exit, SIGTERM, SIGHUP, SIGINT (status 128 + n), an
 * exception or rejection that nobody caught (its text goes to standard error, status 70).
 */
export function guardTerminal(options: RestoreOptions): TerminalGuard {
  let restored = false;
  const restore = () => {
    if (restored) return;
    restored = true;
    const text = options.sequence();
    options.descriptors.some(descriptor => writeAll(descriptor, text));
    attempt(() => options.rawModeOff());
  };
  const onSignal = (_name: NodeJS.Signals, number: number) => {
    restore();
    process.exit(128 + number);
  };
  const onCrash = (error: unknown) => {
    attempt(() => options.onCrash?.(error));
    restore();
    writeAll(2, `${describe(error)}\n`);
    process.exit(crashStatus);
  };
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

  process.on('exit', restore);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  for (const signal of signals) process.on(signal, onSignal);
  return {
    restore,
    rearm() {
      restored = false;
    },
    release() {
      process.off('exit', restore);
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

const longestWaitMs = 300;
const pauseMs = 10;

/** Writes without ever waiting longer than a moment for a terminal that takes nothing; true when all of it was taken. */
function writeAll(descriptor: number, text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  for (let waited = 0; waited <= longestWaitMs; ) {
    try {
      offset += writeSync(descriptor, bytes, offset);
      if (offset >= bytes.length) return true;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
      waited += pauseMs;
    }
  }
  return false;
}

/** The process is ending: what fails here has nobody left to tell. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    writeAll(2, `${describe(error)}\n`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
