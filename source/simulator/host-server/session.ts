import {PassThrough} from 'node:stream';
import type {Connection, ServerChannel} from 'ssh2';
import type {HostRequest} from '../host-shell/host.ts';
import type {SimulatedProcess, SimulatedTerminal} from '../program.ts';
import {processOutput} from './process-output.ts';

/** Runs what a session asks for; gives the exit status. It ends soon after the process's signal. */
export type RunSession = (request: HostRequest, process: SimulatedProcess) => Promise<number>;

/** OpenSSH's MaxSessions. */
const mostSessions = 10;

/**
 * Serves the sessions of one connection. `track` is told of every program, until its end, so that a server can wait for all of them.
 */
export function serveSessions(
  connection: Connection,
  user: string,
  run: RunSession,
  track: (running: Promise<void>) => void,
): void {
  let open = 0;
  connection.on('session', (accept, reject) => {
    if (open >= mostSessions) return reject();
    open += 1;
    const session = accept();
    const over = new AbortController();
    const killed = new AbortController();
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      open -= 1;
      connection.off('close', end);
      over.abort();
    };
    connection.on('close', end);
    session.on('close', end);

    const environment: Record<string, string> = loginEnvironment(user);
    let window: Window | undefined;
    session.on('pty', (acceptPty, _reject, info) => {
      window = new Window(info.cols, info.rows);
      // The type leaves it out, though every client sends it.
      const term: unknown = Reflect.get(info, 'term');
      environment.TERM = typeof term === 'string' && term !== '' ? term : 'xterm';
      answer(acceptPty);
    });
    session.on('window-change', (acceptChange, _reject, info) => {
      window?.resize(info.cols, info.rows);
      answer(acceptChange);
    });
    session.on('env', (acceptVariable, _reject, info) => {
      if (/^(LANG|LC_\w+|TERM)$/.test(info.key)) environment[info.key] = info.val;
      answer(acceptVariable);
    });
    session.on('signal', (acceptSignal, _reject, info) => {
      if (/^(HUP|INT|KILL|QUIT|TERM)$/.test(info.name)) killed.abort(info.name);
      answer(acceptSignal);
    });
    const start = (request: HostRequest, channel: ServerChannel) => {
      track(runIn(channel, {request, environment, window, over: over.signal, killed: killed.signal}, run));
    };
    session.on('exec', (acceptExec, _reject, info) => start({kind: 'exec', command: info.command}, acceptExec()));
    session.on('shell', acceptShell => start({kind: 'shell'}, acceptShell()));
  });
}

async function runIn(
  channel: ServerChannel,
  {
    request,
    environment,
    window,
    over,
    killed,
  }: {
    request: HostRequest;
    environment: Record<string, string>;
    window: Window | undefined;
    over: AbortSignal;
    killed: AbortSignal;
  },
  run: RunSession,
): Promise<void> {
  channel.on('error', ignoreChannelError);
  const output = processOutput(channel, window !== undefined, over);
  const stdin = new PassThrough();
  channel.pipe(stdin);
  let status: number;
  try {
    status = await run(request, {
      argv: [],
      environment,
      stdin,
      stdout: output.stdout,
      stderr: output.stderr,
      ...(window === undefined ? {} : {terminal: window}),
      signal: AbortSignal.any([over, killed]),
    });
  } catch (error) {
    // A mistake in a simulated program costs that program, not the host.
    output.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    status = 70;
  }
  await output.end();
  channel.unpipe(stdin);
  stdin.destroy();
  if (!over.aborted) {
    if (killed.aborted) channel.exit(String(killed.reason), false, '');
    else channel.exit(status);
    channel.end();
  }
  // What the other side still sends is read, so that the channel can close.
  channel.resume();
}

function loginEnvironment(user: string): Record<string, string> {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  return {
    HOME: home,
    LOGNAME: user,
    USER: user,
    SHELL: '/bin/bash',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
  };
}

class Window implements SimulatedTerminal {
  columns: number;
  rows: number;
  readonly #listeners = new Set<() => void>();

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const listener of [...this.#listeners]) listener();
  }

  onResize(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Some requests want no answer. */
function answer(accept: (() => unknown) | undefined): void {
  accept?.();
}

/** An error of a channel is followed by its close. */
function ignoreChannelError() {}
