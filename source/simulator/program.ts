import type {Readable, Writable} from 'node:stream';
import type {Files} from './files.ts';
import type {World} from './world.ts';

/**
 * What a program of the embedded cluster gets to see of its surroundings: it reads and writes its streams and returns its exit status. It ends soon
 * after `signal` aborts (the session was closed, or the container died), and leaves no listener on the world behind.
 */
export type SimulatedProcess = {
  /** The name it was called by, then its arguments. */
  argv: readonly string[];
  /** Where it runs; its home unless given. */
  directory?: string;
  /** Whom `docker exec -u` named; the image's own user unless given. */
  user?: ContainerUser;
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

/** A user of a container, by number; without a name when its passwd has none. */
export type ContainerUser = {id: number; group: number; name: string | undefined};

/** The window of a program that was started with a terminal. The values change with the window. */
export type SimulatedTerminal = {
  readonly columns: number;
  readonly rows: number;
  /** Returns the unsubscriber. */
  onResize(listener: () => void): () => void;
};

/** A program inside a container: it also knows where it runs. */
export type ContainerProgram = (process: SimulatedProcess, place: ContainerPlace) => Promise<number>;

export type ContainerPlace = {
  world: World;
  host: string;
  container: string;
  /** The disk of a host, for what runs on the host itself; the files of a container are made when they are read. */
  readonly files?: Files;
};

/** The programs of a container's image by name; undefined: not found in its PATH. */
export type ContainerPrograms = (name: string) => ContainerProgram | undefined;
