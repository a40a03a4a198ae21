import {writeSync} from 'node:fs';

/** What gives the terminal back, and what is told when the program ends in a way nobody planned. */
export type RestoreOptions = {
  /** Gives the terminal back, without waiting for one that is stalled; false when it took no notice. Called once. */
  restore(): boolean;
  /** Told of a crash before the process ends, to write it into a log file. Must not wait. */
  onCrash?: ((error: unknown) => void) | undefined;
};

/** The guard of a terminal. */
export type TerminalGuard = {
  /** Restores the terminal now; the end of the process does nothing more. */
  restore(): void;
  /** Stops watching the process. */
  release(): void;
};

/** The exit status after a crash (EX_SOFTWARE of sysexits). */
export const crashStatus = 70;

/**
 * Makes sure that the terminal is restored however the process ends: exit, SIGTERM, SIGHUP, SIGINT (status 128 + n), an
 * exception or rejection that nobody caught (its text goes to standard error, status 70).
 */
export function guardTerminal(options: RestoreOptions): TerminalGuard {
  let restored: boolean | undefined;
  const restore = () => {
    if (restored === undefined) {
      // Set first: if restoring itself fails, the crash that follows must not try it again.
      restored = false;
      restored = options.restore();
    }
    return restored;
  };
  const onExit = () => {
    restore();
  };
  const onSignal = (_name: NodeJS.Signals, number: number) => {
    restore();
    process.exit(128 + number);
  };
  const onCrash = (error: unknown) => {
    const text = describe(error) + tell(options.onCrash, error);
    // Where the terminal takes nothing, standard error would wait for ever.
    if (restore() || !process.stderr.isTTY) writeError(text);
    process.exit(crashStatus);
  };
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

  process.on('exit', onExit);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  for (const signal of signals) process.on(signal, onSignal);
  return {
    restore: onExit,
    release() {
      process.off('exit', onExit);
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** A listener that fails while the program crashes must not hide why it crashed. */
function tell(listener: RestoreOptions['onCrash'], error: unknown): string {
  try {
    listener?.(error);
    return '';
  } catch (failure) {
    return `while writing this down: ${describe(failure)}`;
  }
}

function writeError(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Standard error is gone too, and the exit status is all that is left to say it with.
    process.exitCode = crashStatus;
  }
}

function describe(error: unknown): string {
  return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}
