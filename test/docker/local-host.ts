import {type ChildProcess, type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {connect} from 'node:net';
import type {Duplex} from 'node:stream';
import {bad, good, type Outcome, type Problem} from '../../source/cluster/problem.ts';
import type {Sample} from '../../source/cluster/sample.ts';
import type {HostLink} from '../../source/cluster/snapshot.ts';
import type {HostConnection, RemoteProcess} from '../../source/ssh/host-connection.ts';

/**
 * A HostConnection to this machine: runs argv here, has sessions without a terminal, forwards to loopback, and can be cut and mended. Ends what
 * it started.
 */
export type LocalHost = HostConnection & {
  /** Every argv that was run or streamed. */
  ran: (readonly string[])[];
  /** Processes that still run. */
  alive(): number;
  /** Breaks the connection: what runs ends as the loss of SSH would end it, and nothing starts until mend(). */
  cut(problem: Problem): void;
  mend(): void;
};

export function openLocalHost(name = 'vm1', environment: NodeJS.ProcessEnv = process.env): LocalHost {
  const children = new Map<ChildProcess, (problem?: Problem) => void>();
  const sockets = new Set<Duplex>();
  const listeners = new Set<() => void>();
  const ran: (readonly string[])[] = [];
  let link: Sample<HostLink> = {
    value: {connectedAt: Date.now(), roundTripMs: 0},
    at: Date.now(),
    source: `ssh ${name}`,
  };
  let lost: Problem | undefined;
  const set = (next: Sample<HostLink>) => {
    link = next;
    for (const listener of listeners) listener();
  };

  const start = (argv: readonly string[]): Outcome<RemoteProcess & {child: ChildProcessWithoutNullStreams}> => {
    ran.push(argv);
    if (lost !== undefined) return {ok: false, problem: lost};
    // As a remote shell does: exit status 127 for a program that is not there.
    const child = spawn('sh', ['-c', 'exec "$@"', 'sh', ...argv], {env: environment, detached: true});
    const ended = Promise.withResolvers<{exitCode: number | null; signal: string | null; problem?: Problem}>();
    const end = (problem?: Problem) => {
      children.delete(child);
      try {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself in this moment.
      }
      if (problem !== undefined) ended.resolve({exitCode: null, signal: null, problem});
    };
    children.set(child, end);
    child.stdin.on('error', () => undefined);
    child.on('close', (exitCode, signal) => {
      children.delete(child);
      ended.resolve({exitCode, signal});
    });
    return good({
      child,
      stdout: child.stdout,
      stderr: child.stderr,
      write: (text: string) => void child.stdin.write(text),
      ended: ended.promise,
      close: () => end(),
    });
  };

  return {
    name,
    ran,
    link: () => link,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retryNow: () => undefined,
    async run(argv, options) {
      const started = start(argv);
      if (!started.ok) return started;
      const {value} = started;
      let stdout = '';
      let stderr = '';
      value.stdout.on('data', chunk => {
        stdout += String(chunk);
      });
      value.stderr.on('data', chunk => {
        stderr += String(chunk);
      });
      value.child.stdin?.end(options.stdin ?? '');
      const deadline = Promise.withResolvers<'deadline'>();
      const timer = setTimeout(() => deadline.resolve('deadline'), options.deadlineMs);
      options.signal?.addEventListener('abort', () => value.close());
      const end = await Promise.race([value.ended, deadline.promise]);
      clearTimeout(timer);
      if (end === 'deadline') {
        value.close();
        return bad('timeout', `${argv[0]} took too long`);
      }
      if (end.problem !== undefined) return {ok: false, problem: end.problem};
      return good({exitCode: end.exitCode, signal: end.signal, stdout, stderr});
    },
    async stream(argv, options) {
      const started = start(argv);
      if (!started.ok) return started;
      if (options.stdin !== true) started.value.child.stdin?.end();
      options.signal?.addEventListener('abort', () => started.value.close());
      return started;
    },
    async session(argv) {
      const started = start(argv);
      return started.ok ? good({...started.value, stdin: started.value.child.stdin, resize() {}}) : started;
    },
    forward(host, port) {
      const {promise, resolve} = Promise.withResolvers<Outcome<Duplex>>();
      if (lost !== undefined) return Promise.resolve({ok: false, problem: lost});
      const socket = connect({host, port});
      sockets.add(socket);
      socket.once('connect', () => resolve(good(socket)));
      socket.on('error', error => resolve(bad('refused', error.message)));
      socket.on('close', () => sockets.delete(socket));
      return promise;
    },
    async close() {
      for (const end of [...children.values()]) end();
      for (const socket of sockets) socket.destroy();
    },
    alive: () => children.size,
    cut(problem) {
      lost = problem;
      for (const end of [...children.values()]) end(problem);
      for (const socket of sockets) socket.destroy();
      set({error: problem, at: Date.now(), source: `ssh ${name}`});
    },
    mend() {
      lost = undefined;
      set({value: {connectedAt: Date.now(), roundTripMs: 0}, at: Date.now(), source: `ssh ${name}`});
    },
  };
}
