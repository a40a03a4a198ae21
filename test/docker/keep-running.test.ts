import {PassThrough} from 'node:stream';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {bad, good, type Problem} from '../../source/cluster/problem.ts';
import {type KeptProcess, keepRunning, type ProcessEnd} from '../../source/docker/keep-running.ts';
import {type LocalHost, openLocalHost} from './local-host.ts';

const soon = {timeout: 10_000, interval: 10};

let host: LocalHost;
let kept: KeptProcess | undefined;
let ends: ProcessEnd[] = [];
let starts = 0;
let clockNow = 0;
/** How long each process lives by the clock. */
let lives = 0;

function keep(argv: readonly string[]): void {
  kept = keepRunning({
    host,
    clock: {now: () => clockNow, random: () => 0},
    argv: async () => (argv.length === 0 ? bad('configuration', 'nothing to run') : good(argv)),
    deadlineMs: 5000,
    settledAfterMs: 1000,
    started: process => {
      starts += 1;
      clockNow += lives;
      process.stdout.resume();
    },
    ended: end => ends.push(end),
  });
}

beforeEach(() => {
  host = openLocalHost('vm1');
  ends = [];
  starts = 0;
  lives = 0;
  // Back-off never ends by itself here: what starts again was started by what the test did.
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']});
});

afterEach(async () => {
  vi.useRealTimers();
  kept?.close();
  await host.close();
});

/** vi.waitFor moves fake timers on; this does not. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + soon.timeout;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come to this');
    await new Promise(setImmediate);
  }
}

test('a process that ends is started again after its back-off, not before', async () => {
  keep(['sh', '-c', 'echo oops >&2; exit 3']);
  await until(() => ends.length === 1);
  expect(ends[0]).toMatchObject({exitCode: 3, stderr: 'oops\n', problem: undefined});
  expect(starts).toBe(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(starts).toBe(1);
  await vi.advanceTimersByTimeAsync(1000);
  await until(() => starts === 2);
});

test.each([
  ['grows while it dies young', 0],
  ['stays short while it lives long', 5000],
])('the wait %s', async (_, lifetime) => {
  const waits: number[] = [];
  lives = lifetime;
  keep(['true']);
  for (let round = 1; round <= 5; round += 1) {
    await until(() => ends.length === round);
    waits.push(await timeToStart());
  }
  const shortest = waits[0] ?? 0;
  expect(waits).toEqual([...waits].sort((left, right) => left - right));
  if (lifetime === 0) expect(waits.at(-1)).toBeGreaterThan(shortest * 8);
  else expect(waits.at(-1)).toBe(shortest);

  async function timeToStart(): Promise<number> {
    const before = host.ran.length;
    for (let waited = 0; ; waited += 50) {
      if (host.ran.length > before) return waited;
      await vi.advanceTimersByTimeAsync(50);
    }
  }
});

test('it is started at once when the host is back, or when asked for', async () => {
  keep(['sleep', '1000']);
  await until(() => starts === 1);
  expect(kept?.running()).toBe(true);
  host.cut({kind: 'closed', message: 'vm1 closed the connection'});
  await until(() => ends.length === 1);
  expect(ends[0]?.problem?.message).toBe('vm1 closed the connection');
  host.mend();
  await until(() => starts === 2);
  kept?.restart();
  await until(() => ends.length === 2);
  kept?.retryNow();
  await until(() => starts === 3);
});

test('what was still on its way when the connection was lost is not heard any more', async () => {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const ended = Promise.withResolvers<{exitCode: null; signal: null; problem: Problem}>();
  const process = {...{stdout, stderr, stdin, ended: ended.promise}, write: () => undefined, close: () => undefined};
  const heard: string[] = [];
  kept = keepRunning({
    host: {...host, stream: async () => good(process)},
    ...{
      clock: {now: () => 0, random: () => 0},
      argv: async () => good(['any']),
      deadlineMs: 5000,
      settledAfterMs: 1000,
    },
    started: ({stdout}) => stdout.on('data', chunk => heard.push(String(chunk))),
    stderr: chunk => heard.push(String(chunk)),
    ended: end => ends.push(end),
  });
  stdout.write('half ');
  await until(() => heard.length === 1);
  ended.resolve({exitCode: null, signal: null, problem: {kind: 'closed', message: 'vm1 closed the connection'}});
  await until(() => ends.length === 1);
  stdout.end('a line');
  stderr.end('words');
  await until(() => stdout.closed && stderr.closed);
  expect(heard).toEqual(['half ']);
});

test('what could not be looked up is an end, too', async () => {
  keep([]);
  await until(() => ends.length === 1);
  expect(ends[0]).toMatchObject({exitCode: null, problem: {message: 'nothing to run'}, livedMs: 0});
  expect(host.ran).toEqual([]);
});

test('nothing runs and nothing is said after close', async () => {
  keep(['sleep', '1000']);
  await until(() => starts === 1);
  kept?.close();
  await until(() => host.alive() === 0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ends).toEqual([]);
  expect(starts).toBe(1);
});
