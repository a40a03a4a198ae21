import type {Duplex} from 'node:stream';
import type {PseudoTtyOptions} from 'ssh2';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {ForwardedStream} from './forwarded-stream.ts';
import type {
  CommandResult,
  HostConnection,
  HostEnvironment,
  RemoteProcess,
  RunOptions,
  Session,
  SessionOptions,
  StreamOptions,
} from './host-connection.ts';
import type {HostSettings} from './host-settings.ts';
import {type LifelineInput, withLifeline, withSession} from './lifeline.ts';
import {openTunnel} from './open-channel.ts';
import {quoteArgv, shownCommand} from './quote.ts';
import {Reconnecting} from './reconnect.ts';
import {collectOutput} from './run-command.ts';

/** One host's connection with all that runs over it; see HostConnection. */
export function keepConnected(settings: HostSettings, environment: HostEnvironment): HostConnection {
  const reconnecting = new Reconnecting(settings, environment);
  const over = new AbortController();

  /** Runs within the deadline, and while neither the caller nor close() ends it. */
  const start = async (
    argv: readonly string[],
    limit: AbortSignal,
    pty?: PseudoTtyOptions,
  ): Promise<Outcome<RemoteProcess & Session>> => {
    const commandLine = quoteArgv(argv);
    if (!commandLine.ok) return commandLine;
    const up = await reconnecting.connected(limit);
    if (!up.ok) return up;
    return up.value.sessions.start(commandLine.value, limit, pty);
  };
  /** The same for what lives until it ends, or the caller's signal comes; the deadline is for its start. */
  const startLasting = async (
    argv: readonly string[],
    wrapped: readonly string[],
    options: Pick<StreamOptions, 'deadlineMs' | 'signal'>,
    pty?: PseudoTtyOptions,
  ): Promise<Outcome<RemoteProcess & Session>> => {
    const limit = new Limit(options.deadlineMs, [over.signal, options.signal]);
    const process = await start(wrapped, limit.signal, pty);
    limit.end();
    if (limit.cancelled()) {
      if (process.ok) process.value.close();
      return cancelled(shownCommand(argv, 100), settings.name);
    }
    if (!process.ok) return process;
    const {signal} = options;
    if (signal !== undefined) {
      const close = () => process.value.close();
      signal.addEventListener('abort', close);
      if (signal.aborted) close();
      void process.value.ended.then(() => signal.removeEventListener('abort', close));
    }
    return process;
  };

  return {
    name: settings.name,
    link: () => reconnecting.link(),
    subscribe: listener => reconnecting.subscribe(listener),
    retryNow: () => reconnecting.retryNow(),

    async run(argv: readonly string[], options: RunOptions): Promise<Outcome<CommandResult>> {
      const command = shownCommand(argv, 100);
      const limit = new Limit(options.deadlineMs, [over.signal, options.signal]);
      const input: LifelineInput =
        options.stdin === undefined ? {kind: 'nothing'} : {kind: 'bytes', count: Buffer.byteLength(options.stdin)};
      try {
        const process = await start(withLifeline(argv, input), limit.signal);
        if (!process.ok) return limit.cancelled() ? cancelled(command, settings.name) : process;
        limit.signal.addEventListener('abort', () => process.value.close());
        if (limit.signal.aborted) process.value.close();
        if (options.stdin !== undefined) process.value.write(options.stdin);
        const result = await collectOutput(process.value, {...options, command, host: settings.name});
        if (limit.cancelled()) return cancelled(command, settings.name);
        if (!limit.signal.aborted) return result;
        return bad('timeout', `\`${command}\` on ${settings.name} did not end within ${options.deadlineMs / 1000} s`, {
          remedy: 'look at that host: an overloaded machine or a frozen docker daemon does this',
        });
      } finally {
        limit.end();
      }
    },

    stream(argv: readonly string[], options: StreamOptions): Promise<Outcome<RemoteProcess>> {
      return startLasting(argv, withLifeline(argv, {kind: options.stdin === true ? 'stream' : 'nothing'}), options);
    },

    async session(argv: readonly string[], options: SessionOptions): Promise<Outcome<Session>> {
      const {terminal} = options;
      const wrapped = withSession(argv, terminal !== undefined, options.afterLoss);
      if (!wrapped.ok) return wrapped;
      const pty = terminal === undefined ? undefined : ptyOptions(terminal);
      const started = await startLasting(argv, wrapped.value, options, pty);
      // A terminal has one output; the other one has to be read all the same.
      if (started.ok && pty !== undefined) started.value.stderr.resume();
      return started;
    },

    async forward(host: string, port: number, deadlineMs: number): Promise<Outcome<Duplex>> {
      const limit = new Limit(deadlineMs, [over.signal]);
      const startedAt = performance.now();
      const up = await reconnecting.connected(limit.signal);
      limit.end();
      if (limit.cancelled()) return cancelled('tunnel', settings.name);
      if (!up.ok) return up;
      const {connection} = up.value;
      const channel = await openTunnel(
        connection,
        host,
        port,
        Math.max(1, deadlineMs - (performance.now() - startedAt)),
      );
      return channel.ok ? good(new ForwardedStream(channel.value, connection.lost)) : channel;
    },

    async close(): Promise<void> {
      over.abort();
      await reconnecting.close();
    },
  };
}

/**
 * What is typed before the program has set the terminal as it wants it is neither echoed, nor changed, nor cut at a line's length; only
 * Ctrl-C ends a program that does not come up. Everything that has a meaning later is the program's own choice.
 */
function ptyOptions({type, size}: NonNullable<SessionOptions['terminal']>): PseudoTtyOptions {
  return {
    term: type,
    cols: size.columns,
    rows: size.rows,
    width: 0,
    height: 0,
    modes: {ECHO: 0, ICANON: 0, ICRNL: 0, IXON: 0, IXOFF: 0, IEXTEN: 0, ISIG: 1, OPOST: 1, ONLCR: 1},
  };
}

/** A deadline together with the signals of those who may end the work earlier. */
class Limit {
  readonly #controller = new AbortController();
  readonly #others: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout;
  readonly #abort = () => this.#controller.abort();

  constructor(milliseconds: number, others: readonly (AbortSignal | undefined)[]) {
    this.#others = others.filter(signal => signal !== undefined);
    this.#timer = setTimeout(this.#abort, milliseconds);
    for (const signal of this.#others) {
      signal.addEventListener('abort', this.#abort);
      if (signal.aborted) this.#abort();
    }
  }

  /** Aborted by the deadline or one of the others. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was one of the others. */
  cancelled(): boolean {
    return this.#others.some(signal => signal.aborted);
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const signal of this.#others) signal.removeEventListener('abort', this.#abort);
  }
}

function cancelled(command: string, host: string): {ok: false; problem: {kind: 'cancelled'; message: string}} {
  return {ok: false, problem: {kind: 'cancelled', message: `\`${command}\` on ${host} was given up`}};
}
