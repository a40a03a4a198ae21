import type {Duplex, Readable, Writable} from 'node:stream';
import type {Outcome, Problem} from '../cluster/problem.ts';
import type {Sample} from '../cluster/sample.ts';
import type {HostLink} from '../cluster/snapshot.ts';
import type {Ask} from './ask.ts';
import type {HostSettings} from './host-settings.ts';
import {keepConnected} from './keep-connected.ts';
import type {Turns} from './turns.ts';

/**
 * One host, reached over SSH for as long as this object lives: it connects at once and again for ever, with back-off.
 * Nothing here throws; what fails is a Problem in the user's words.
 */
export type HostConnection = {
  readonly name: string;
  /** Latest link state; undefined while the first attempt is under way. */
  link(): Sample<HostLink> | undefined;
  /** Called after every change of link(); returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  /** Try again at once (a key was pressed); questions that were left unanswered may be asked again. */
  retryNow(): void;
  /** Runs argv on the host to its end, waiting for the connection if need be, all within the deadline. Its remains are ended when it is given up. */
  run(argv: readonly string[], options: RunOptions): Promise<Outcome<CommandResult>>;
  /** Starts a long-lived process; the deadline is for its start. When the stream is closed, or this program dies, the remote process ends. */
  stream(argv: readonly string[], options: StreamOptions): Promise<Outcome<RemoteProcess>>;
  /**
   * Starts a process for a person or a pipe: bytes both ways, on a terminal of its own, or with its outputs apart and the end of its input
   * passed on. The deadline is for its start. It ends with the session, however that ends.
   */
  session(argv: readonly string[], options: SessionOptions): Promise<Outcome<Session>>;
  /** A byte stream to host:port as seen from this host (direct-tcpip). Ends and breaks as a socket does. */
  forward(host: string, port: number, deadlineMs: number): Promise<Outcome<Duplex>>;
  /** Ends everything on this host; resolves when the connections are down. */
  close(): Promise<void>;
};

export type RunOptions = {
  deadlineMs: number;
  /** Sent to the command, then its standard input ends. */
  stdin?: string;
  signal?: AbortSignal;
  /** Each of the two outputs is cut there and the command ended with a problem; default 4 MiB. */
  maxBytes?: number;
};

export type CommandResult = {exitCode: number | null; signal: string | null; stdout: string; stderr: string};

export type StreamOptions = {
  deadlineMs: number;
  signal?: AbortSignal;
  /** The process reads what write() sends. Without it, its standard input is empty. */
  stdin?: boolean;
};

export type RemoteProcess = {
  /** Both have to be read; what is not read holds the process back. */
  stdout: Readable;
  stderr: Readable;
  write(text: string): void;
  /** Resolves once, when the process has ended and both outputs are complete. `problem`: the connection was lost, or the caller's signal came. */
  ended: Promise<ProcessEnd>;
  close(): void;
};

export type SessionOptions = {
  deadlineMs: number;
  signal?: AbortSignal;
  /** `type` is TERM there. */
  terminal?: {type: string; size: WindowSize};
  /** Run on the host when the session is lost, for what does not end with it: a process in a container outlives the `docker exec` that started it. */
  afterLoss: readonly string[];
};

/** In characters. */
export type WindowSize = {columns: number; rows: number};

export type Session = {
  /** Takes bytes without an error until the end and after it. */
  stdin: Writable;
  /** Has to be read; what is not read holds the process back. On a terminal, everything. */
  stdout: Readable;
  /** As stdout; on a terminal it is empty. */
  stderr: Readable;
  /** The window has another size now; nothing without a terminal. */
  resize(size: WindowSize): void;
  /** Resolves once, when the process has ended and both outputs are complete. `problem`: the connection was lost, or the caller's signal came. */
  ended: Promise<ProcessEnd>;
  close(): void;
};

export type ProcessEnd = {exitCode: number | null; signal: string | null; problem?: Problem};

/** What a host's connection needs of the program around it: the person, the clock in milliseconds, randomness from 0 to 1. */
export type HostEnvironment = {
  ask: Ask;
  now: () => number;
  random: () => number;
  /** The first attempt waits for it. */
  begin?: Promise<void>;
  /** Every attempt to connect waits for its turn among those of the other hosts. */
  turns?: Turns;
};

/** Opens a host. Connecting starts at once, in the background; the SSH library is loaded then, not before. */
export function openHost(settings: HostSettings, environment: HostEnvironment): HostConnection {
  return keepConnected(settings, environment);
}
