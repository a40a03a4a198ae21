import type {Ask} from '../ssh/ask.ts';

/** What a command may touch of the outside: its streams, its person, and the signal to end. */
export type CommandIo = {
  stdout(text: string): void;
  stderr(text: string): void;
  ask: Ask;
  /** Aborted by ctrl-C, SIGTERM and SIGHUP, and when nobody reads the output any more. */
  signal: AbortSignal;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  sleep(ms: number): Promise<void>;
};
