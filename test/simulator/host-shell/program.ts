import {PassThrough} from 'node:stream';
import {setImmediate} from 'node:timers/promises';
import {containerProgram} from '../../../source/simulator/container-programs/container-program.ts';
import {createHost} from '../../../source/simulator/host-shell/host.ts';
import type {World} from '../../../source/simulator/world.ts';
import {until} from '../../ssh/until.ts';

/** A command line that runs on a simulated host. */
export type RunningProgram = {
  ended: Promise<{stdout: string; stderr: string; status: number}>;
  /** Sends to its standard input; null ends that. */
  write(text: string | null): void;
  /** Both outputs so far. */
  output(): string;
  /** Waits until the output holds that text. */
  has(text: string): Promise<void>;
  /** Waits until it has had the time to begin. */
  ready(): Promise<void>;
  /** Reads its output no more, until `read`. */
  hold(): void;
  read(): void;
  /** Bytes that were written and not read. */
  waiting(): number;
  resize(columns: number, rows: number): void;
  end(): void;
};

const running = new Set<RunningProgram>();

/** Ends what still runs; for afterEach. */
export async function endPrograms(): Promise<void> {
  for (const each of running) each.end();
  await Promise.all([...running].map(each => each.ended));
}

/** Runs a command line, or with `undefined` a login shell on a terminal. */
export function program(world: World, host: string, line: string | undefined, input?: string): RunningProgram {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const end = new AbortController();
  const resized = new Set<() => void>();
  const window = {
    columns: 80,
    rows: 24,
    onResize(listener: () => void) {
      resized.add(listener);
      return () => resized.delete(listener);
    },
  };
  if (input !== undefined) stdin.end(input);
  let all = '';
  const texts = [stdout, stderr].map(stream => {
    let text = '';
    stream.on('data', chunk => {
      text += String(chunk);
      all += String(chunk);
    });
    return () => text;
  });
  const status = createHost({world, host, programs: containerProgram}).run(
    'operator',
    line === undefined ? {kind: 'shell'} : {kind: 'exec', command: line},
    {
      argv: [],
      environment: {HOME: '/home/operator'},
      stdin,
      stdout,
      stderr: line === undefined ? stdout : stderr,
      ...(line === undefined ? {terminal: window} : {}),
      signal: end.signal,
    },
  );
  const ended = status.then(async code => {
    stdout.end();
    stderr.end();
    await until(() => stdout.readableEnded && stderr.readableEnded);
    running.delete(started);
    return {stdout: texts[0]?.() ?? '', stderr: texts[1]?.() ?? '', status: code};
  });
  const started: RunningProgram = {
    ended,
    write: text => void (text === null ? stdin.end() : stdin.write(text)),
    output: () => all,
    has: text => until(() => all.includes(text)),
    async ready() {
      for (let round = 0; round < 20; round += 1) await setImmediate();
    },
    hold() {
      for (const stream of [stdout, stderr]) stream.pause();
    },
    read() {
      for (const stream of [stdout, stderr]) stream.resume();
    },
    waiting: () => stdout.readableLength + stdout.writableLength + stderr.readableLength + stderr.writableLength,
    resize(columns, rows) {
      Object.assign(window, {columns, rows});
      for (const listener of resized) listener();
    },
    end: () => end.abort(),
  };
  running.add(started);
  return started;
}
