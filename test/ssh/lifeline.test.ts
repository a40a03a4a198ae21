import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {RemoteProcess} from '../../source/ssh/host-connection.ts';
import {open} from './hosts.ts';
import {haveSshd, type Sshd, startSshd} from './sshd.ts';
import {together} from './together.ts';
import {until} from './until.ts';

const ready = await haveSshd();
const deadlineMs = 10_000;

describe.skipIf(!ready)('a long-lived process on a host', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.remove());

  async function start(argv: readonly string[], stdin = false): Promise<RemoteProcess> {
    const started = await open(sshd.settings).stream(argv, {deadlineMs, stdin});
    if (!started.ok) throw new Error(started.problem.message);
    started.value.stderr.resume();
    return started.value;
  }

  const gone = (text: string) => until(async () => (await sshd.remains(text)).length === 0);
  const isThere = (text: string) => until(async () => (await sshd.remains(text)).length > 0);

  test('streams, and passes its exit status on', async () => {
    const process = await start(['sh', '-c', 'echo one; echo two; exit 4']);
    expect(await textOf(process)).toBe('one\ntwo\n');
    expect(await process.ended).toEqual({exitCode: 4, signal: null});
  });

  test('talks both ways when asked to, and ends by itself', async () => {
    const process = await start(
      ['sh', '-c', 'while read -r line; do echo "<$line>"; test "$line" = stop && exit 5; done'],
      true,
    );
    const lines = createInterface(process.stdout)[Symbol.asyncIterator]();
    process.write('first\n');
    expect(await lines.next()).toMatchObject({value: '<first>'});
    process.write('stop\n');
    expect(await lines.next()).toMatchObject({value: '<stop>'});
    expect(await process.ended).toEqual({exitCode: 5, signal: null});
    await gone('stop');
  });

  const closed: readonly [string, string[], boolean][] = [
    ['one that reads nothing', ['sleep', '7401'], false],
    ['one that ignores TERM', ['sh', '-c', 'trap "" TERM; while :; do sleep 1; : 7402; done'], false],
    ['one with children', ['sh', '-c', 'sleep 7403 & sleep 7403; wait'], false],
    ['one that reads', ['sh', '-c', 'cat; : 7404'], true],
    ['one that does not read what it should', ['sleep', '7405'], true],
  ];

  test('leaves nothing behind after close()', async () => {
    await together(closed, async ([_what, argv, stdin]) => {
      const process = await start(argv, stdin);
      process.stdout.resume();
      const mark = /740\d/.exec(argv.join(' '))?.[0] ?? '';
      await isThere(mark);
      process.close();
      expect(await process.ended).toEqual({exitCode: null, signal: null});
      await gone(mark);
    });
  }, 20_000);

  const killed: readonly [string, string, boolean][] = [
    ['one that reads nothing', '7411', false],
    ['one that reads', '7412', true],
  ];

  test('leaves nothing behind when this program is killed', async () => {
    await together(killed, async ([_what, mark, stdin]) => {
      const program = fileURLToPath(new URL('stream-until-killed.ts', import.meta.url));
      const child = spawn(
        process.execPath,
        [program, JSON.stringify({settings: sshd.settings, argv: ['sleep', mark], stdin})],
        {stdio: ['ignore', 'pipe', 'inherit']},
      );
      try {
        await once(child.stdout, 'data');
        await isThere(mark);
      } finally {
        child.kill('SIGKILL');
      }
      await gone(mark);
    });
  }, 60_000);

  test('that sudo started is ended by sudo: its own user may not signal it', async () => {
    const folder = path.join(sshd.directory, 'bin');
    await mkdir(folder);
    const calls = path.join(folder, 'calls');
    await writeFile(path.join(folder, 'sudo'), `#!/bin/sh\necho "sudo $@" >>${calls}\nshift\nexec "$@"\n`, {
      mode: 0o755,
    });
    const host = await startSshd([
      `SetEnv PATH=${folder}:/usr/bin:/bin PGAF_TEST_SSHD=${sshd.directory} HOME=${sshd.directory}`,
    ]);
    try {
      const started = await open(host.settings).stream(['sudo', '-n', 'sleep', '7431'], {deadlineMs});
      if (!started.ok) throw new Error(started.problem.message);
      await until(async () => existsSync(calls) && (await readFile(calls, 'utf8')).includes('sleep'));
      started.value.close();
      await gone('7431');
      expect(await readFile(calls, 'utf8')).toMatch(
        /^sudo -n sleep 7431\nsudo -n kill -TERM -- -\d+\nsudo -n kill -KILL -- -\d+\n$/,
      );
    } finally {
      await host.remove();
    }
  }, 20_000);

  test('ends with a problem when the connection is cut, and is ended there', async () => {
    const process = await start(['sh', '-c', 'echo up; exec sleep 7421']);
    await once(process.stdout, 'data');
    process.stdout.resume();
    await sshd.stop();
    expect(await process.ended).toMatchObject({
      exitCode: null,
      problem: {kind: 'closed', message: expect.stringContaining('vm2')},
    });
    await gone('7421');
    await sshd.start();
  });

  test('holds back what is not read, and loses none of it', async () => {
    const process = await start(['seq', '400000']);
    let text = '';
    process.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      process.stdout.pause();
      setImmediate(() => process.stdout.resume());
    });
    expect(await process.ended).toEqual({exitCode: 0, signal: null});
    expect(text.split('\n').length).toBe(400_001);
    expect(text.endsWith('\n400000\n')).toBe(true);
  });

  test('a flood on standard error does not hold up the end', async () => {
    const process = await start(['sh', '-c', 'seq 600000 >&2; echo end']);
    expect(await textOf(process)).toBe('end\n');
    expect(await process.ended).toMatchObject({exitCode: 0});
  });
});

async function textOf(process: RemoteProcess): Promise<string> {
  let text = '';
  process.stdout.on('data', chunk => {
    text += String(chunk);
  });
  await process.ended;
  return text;
}
