import {backOffMs, type EdgeClock} from '../cluster/back-off.ts';
import type {Outcome, Problem} from '../cluster/problem.ts';
import {current} from '../cluster/sample.ts';
import type {HostConnection, RemoteProcess} from '../ssh/host-connection.ts';

/** Why a long-lived process is not there any more: it ended by itself, or could not be started (`problem`). */
export type ProcessEnd = {
  exitCode: number | null;
  problem: Problem | undefined;
  /** The last few kilobytes of its standard error, when it was not read by `stderr`. */
  stderr: string;
  /** This machine's milliseconds between start and end; 0 when it never started. */
  livedMs: number;
};

export type KeepRunningOptions = {
  host: HostConnection;
  clock: EdgeClock;
  /** The command line of the next start; may look things up first. */
  argv: () => Promise<Outcome<readonly string[]>>;
  /** How long a start may take. */
  deadlineMs: number;
  stdin?: boolean;
  maxBackOffMs?: number;
  /** A process that lived shorter than this counts as one more failure in a row. */
  settledAfterMs: number;
  /** Every start. The standard output must be read from here on; nothing comes after `ended`. */
  started: (process: RemoteProcess) => void;
  ended: (end: ProcessEnd) => void;
  /** Reads the standard error instead of keeping its tail. */
  stderr?: (chunk: Buffer) => void;
};

export type KeptProcess = {
  close(): void;
  /** Start at once when it is waiting for its next attempt. */
  retryNow(): void;
  /** Ends the present process; the next one starts after the back-off. */
  restart(): void;
  /** Whether a process runs at this moment. */
  running(): boolean;
};

/**
 * Keeps one long-lived process running on a host, for ever: starts it again with back-off when it ends, and at once when the
 * host's connection comes back. Nothing is left running after close().
 */
export function keepRunning(options: KeepRunningOptions): KeptProcess {
  const {host, clock} = options;
  const abort = new AbortController();
  let failures = 0;
  let process: RemoteProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let busy = false;

  const attempt = async () => {
    busy = true;
    clearTimeout(timer);
    timer = undefined;
    const end = await runOnce();
    busy = false;
    if (abort.signal.aborted) return;
    failures = end.livedMs >= options.settledAfterMs ? 0 : failures + 1;
    const wait = backOffMs(failures + 1, clock.random, {firstMs: 250, maxMs: options.maxBackOffMs ?? 8000});
    timer = setTimeout(start, wait);
    options.ended(end);
  };

  const runOnce = async (): Promise<ProcessEnd> => {
    const argv = await options.argv();
    if (!argv.ok) return neverStarted(argv.problem);
    const stream = await host.stream(argv.value, {
      deadlineMs: options.deadlineMs,
      signal: abort.signal,
      ...(options.stdin === undefined ? {} : {stdin: options.stdin}),
    });
    if (!stream.ok) return neverStarted(stream.problem);
    if (abort.signal.aborted) {
      stream.value.close();
      return neverStarted(undefined);
    }
    const startedAt = clock.now();
    process = stream.value;
    let tail = '';
    process.stderr.on('data', (chunk: Buffer) => {
      if (options.stderr === undefined) tail = (tail + chunk.toString('utf8')).slice(-4096);
      else options.stderr(chunk);
    });
    for (const side of [process.stdout, process.stderr]) side.on('error', ignoreStreamError);
    options.started(process);
    const end = await process.ended;
    // What a lost connection still had on its way would be taken for the beginning of what the next one says.
    for (const side of [process.stdout, process.stderr]) side.removeAllListeners('data').resume();
    process = undefined;
    return {exitCode: end.exitCode, problem: end.problem, stderr: tail, livedMs: clock.now() - startedAt};
  };

  const start = () => {
    if (busy || abort.signal.aborted) return;
    void attempt();
  };

  let connectedAt = current(host.link())?.connectedAt;
  const unsubscribe = host.subscribe(() => {
    const now = current(host.link())?.connectedAt;
    const reconnected = now !== undefined && now !== connectedAt;
    connectedAt = now;
    if (reconnected) start();
  });
  start();

  return {
    close() {
      abort.abort();
      unsubscribe();
      clearTimeout(timer);
      process?.close();
    },
    retryNow: start,
    restart: () => process?.close(),
    running: () => process !== undefined,
  };
}

function neverStarted(problem: Problem | undefined): ProcessEnd {
  return {exitCode: null, problem, stderr: '', livedMs: 0};
}

/** An error of one of the two pipes always comes with the end of the process, which is where it is reported. */
function ignoreStreamError() {}
