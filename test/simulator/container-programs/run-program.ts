import {PassThrough} from 'node:stream';
import {containerProgram} from '../../../source/simulator/container-programs/container-program.ts';
import type {World} from '../../../source/simulator/world.ts';

/** A program at work in a container of a world. */
export type Running = {
  /** Everything it has printed so far. */
  output(): string;
  errors(): string;
  type(text: string): void;
  endInput(): void;
  abort(): void;
  ended: Promise<number>;
  /** The exit status, once it has ended. */
  status(): number | undefined;
  stdout: PassThrough;
  stderr: PassThrough;
};

export type RunOptions = {
  container?: string;
  host?: string;
  environment?: Record<string, string>;
  terminal?: boolean;
};

/** Starts a program; its container is pg_node1 unless given. Names that the container does not have throw. */
export function start(world: World, argv: readonly string[], options: RunOptions = {}): Running {
  const container = options.container ?? 'pg_node1';
  const host =
    options.host ??
    world.hosts().find(each => world.containers(each.name).some(({name}) => name === container))?.name ??
    'vm1';
  const program = containerProgram(argv[0] ?? '');
  if (program === undefined) throw new Error(`no program ${argv[0] ?? ''}`);
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = options.terminal === true ? stdout : new PassThrough();
  const text = {out: '', error: ''};
  stdout.on('data', chunk => {
    text.out += String(chunk);
  });
  if (stderr !== stdout) {
    stderr.on('data', chunk => {
      text.error += String(chunk);
    });
  }
  const abort = new AbortController();
  let status: number | undefined;
  const ended = program(
    {
      argv,
      environment: {PGDATA: '/var/lib/postgres/pgaf', ...options.environment},
      stdin,
      stdout,
      stderr,
      ...(options.terminal === true ? {terminal: {columns: 80, rows: 24, onResize: () => () => undefined}} : {}),
      signal: abort.signal,
    },
    {world, host, container},
  ).then(result => {
    status = result;
    return result;
  });
  return {
    output: () => text.out,
    errors: () => text.error,
    type: more => {
      stdin.write(more);
    },
    endInput: () => {
      stdin.end();
    },
    abort: () => abort.abort(),
    ended,
    status: () => status,
    stdout,
    stderr,
  };
}

/** Runs a program to its end with nothing to read. */
export async function run(
  world: World,
  argv: readonly string[],
  options: RunOptions & {input?: string} = {},
): Promise<{status: number; out: string; error: string}> {
  const running = start(world, argv, options);
  if (options.input !== undefined) running.type(options.input);
  running.endInput();
  const status = await running.ended;
  await turns();
  return {status, out: running.output(), error: running.errors()};
}

/** Lets streams deliver what was written. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}
