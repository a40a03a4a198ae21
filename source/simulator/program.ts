import type {Readable, Writable} from 'node:stream';
import type {World} from './world.ts';

/**
 * A program of the embedded cluster: reads and writes its streams and returns its exit status. It ends soon after `signal` aborts
 * (the session was closed, or the container died), and leaves no listener on the world behind.
 */
export type Program = (process: SimulatedProcess) => Promise<number>;

/** What a program gets to see of its surroundings. */
export type SimulatedProcess = {
  /** The name it was called by, then its arguments. */
  argv: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Ends when the other side closes it. With a terminal: the keys, raw; the program echoes. */
  stdin: Readable;
  /** Honours backpressure: `write` returns false, and 'drain' follows. */
  stdout: Writable;
  /** The same stream as stdout with a terminal. */
  stderr: Writable;
  terminal?: SimulatedTerminal;
  signal: AbortSignal;
};

/** The window of a program that was started with a terminal. The values change with the window. */
export type SimulatedTerminal = {
  readonly columns: number;
  readonly rows: number;
  /** Returns the unsubscriber. */
  onResize(listener: () => void): () => void;
};

/** A program inside a container: it also knows where it runs. */
export type ContainerProgram = (process: SimulatedProcess, place: ContainerPlace) => Promise<number>;

export type ContainerPlace = {world: World; host: string; container: string};

/** The programs of a container's image by name; undefined: not found in its PATH. */
export type ContainerPrograms = (name: string) => ContainerProgram | undefined;
