import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Session, SessionOptions} from '../../source/ssh/host-connection.ts';
import {open} from './hosts.ts';
import {haveSshd, type Sshd, startSshd} from './sshd.ts';
import {together} from './together.ts';
import {until} from './until.ts';

const ready = await haveSshd();
const deadlineMs = 10_000;
const terminal = {type: 'xterm-256color', size: {columns: 80, rows: 24}};

describe.skipIf(!ready)('a session on a host', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.remove());

  async function start(argv: readonly string[], more: Partial<SessionOptions> = {}) {
    const started = await open(sshd.settings).session(argv, {deadlineMs, afterLoss: ['true'], ...more});
    if (!started.ok) throw new Error(started.problem.message);
    return {...started.value, output: collect(started.value.stdout), errors: collect(started.value.stderr)};
  }

  const gone = (text: string) => until(async () => (await sshd.remains(text)).length === 0, 15_000);
  const isThere = (text: string) => until(async () => (await sshd.remains(text)).length > 0);

  test('on a terminal has its type and size, follows its window, and passes the exit status on', async () => {
    const session = await start(['sh', '-c', 'stty size; echo $TERM; read -r line; stty size; exit 6'], {terminal});
    await until(() => session.output() === '24 80\r\nxterm-256color\r\n');
    session.resize({columns: 120, rows: 35});
    session.stdin.write('\n');
    expect(await session.ended).toEqual({exitCode: 6, signal: null});
    expect(session.output()).toBe('24 80\r\nxterm-256color\r\n35 120\r\n');
  });

  test('gets what is typed early as it is: neither echoed, nor changed, nor cut at the length of a line', async () => {
    const typed = '0123456789\r'.repeat(2000);
    const there = path.join(sshd.directory, 'typed');
    const wait = `until test -e ${there}; do sleep 0.02; done`;
    const host = open(sshd.settings);
    const started = await host.session(['sh', '-c', `${wait}; stty raw; head -c 22000 | cksum`], {
      ...{deadlineMs, terminal, afterLoss: ['true']},
    });
    if (!started.ok) throw new Error(started.problem.message);
    const session = {...started.value, output: collect(started.value.stdout)};
    session.stdin.write(typed);
    // Over the same connection, and so after it.
    await host.run(['touch', there], {deadlineMs});
    await session.ended;
    const child = spawn('cksum');
    child.stdin.end(typed);
    expect(session.output().trim()).toBe(String((await once(child.stdout, 'data'))[0]).trim());
  });

  test('ctrl-c ends what does not come up', async () => {
    const session = await start(['sh', '-c', 'echo waits; sleep 7501'], {terminal});
    await until(() => session.output().includes('waits'));
    session.stdin.write('\u0003');
    expect((await session.ended).exitCode).not.toBe(0);
    await gone('7501');
  });

  test('without a terminal: bytes as they are, outputs apart, and the end of its input is its own affair', async () => {
    const bytes = Buffer.from(Uint8Array.from({length: 200_000}, (_, index) => (index * 7) % 256));
    const session = await start(['sh', '-c', 'cat; sleep 6; echo late >&2; exit 3']);
    session.stdin.end(bytes);
    expect(await session.ended).toEqual({exitCode: 3, signal: null});
    expect(session.output.bytes().equals(bytes)).toBe(true);
    expect(session.errors()).toBe('late\n');
  }, 20_000);

  test('a program that does not read its input does not hold up the end', async () => {
    const session = await start(['true']);
    session.stdin.write(Buffer.alloc(4_000_000));
    expect(await session.ended).toEqual({exitCode: 0, signal: null});
    session.stdin.write('and what comes after it is forgotten');
    await new Promise(resolve => session.stdin.end(resolve));
  });

  const killed: readonly [string, string, Partial<SessionOptions>, boolean][] = [
    ['on a terminal', '7511', {terminal}, false],
    ['with an input that goes on', '7512', {}, false],
    ['with an input that has ended', '7513', {}, true],
  ];

  test('that is killed here ends there, and what was to be run then is run', async () => {
    await together(killed, async ([_what, mark, more, ended]) => {
      const ran = path.join(sshd.directory, `ran-${mark}`);
      const program = fileURLToPath(new URL('session-until-killed.ts', import.meta.url));
      const argv = ['sh', '-c', `sleep ${mark}; :`];
      const options = {deadlineMs, afterLoss: ['touch', ran], ...more};
      const child = spawn(
        process.execPath,
        [program, JSON.stringify({settings: sshd.settings, argv, options, ended})],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      try {
        await once(child.stdout, 'data');
        await isThere(`sleep\0${mark}`);
        expect(existsSync(ran)).toBe(false);
      } finally {
        child.kill('SIGKILL');
      }
      await gone(mark);
      await until(() => existsSync(ran));
    });
  }, 60_000);

  test('that is closed ends there as well; one that ends by itself does not run what is for a loss', async () => {
    const ran = path.join(sshd.directory, 'ran');
    const closed = await start(['sleep', '7521'], {terminal, afterLoss: ['touch', ran]});
    await isThere('7521');
    closed.close();
    expect(await closed.ended).toEqual({exitCode: null, signal: null});
    await until(() => existsSync(ran));
    const not = path.join(sshd.directory, 'not');
    await (await start(['true'], {terminal, afterLoss: ['touch', not]})).ended;
    await (await start(['true'], {afterLoss: ['touch', not]})).ended;
    await gone('touch');
    expect(existsSync(not)).toBe(false);
  });

  test('whose reader goes away is lost as well, where it notices that by writing', async () => {
    const ran = path.join(sshd.directory, 'unread');
    const unread = await start(['yes', '7541'], {afterLoss: ['touch', ran]});
    await until(() => unread.output() !== '');
    unread.close();
    await gone('7541');
    await until(() => existsSync(ran));
  });

  test('whose connection is cut ends with the reason', async () => {
    const session = await start(['sleep', '7531'], {terminal});
    await isThere('7531');
    await sshd.stop();
    expect(await session.ended).toMatchObject({problem: {message: expect.stringContaining('vm2')}});
    await gone('7531');
    await sshd.start();
  });
});

/** What a stream has brought so far. */
function collect(stream: Session['stdout']): {(): string; bytes(): Buffer} {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const bytes = () => Buffer.concat(chunks);
  return Object.assign(() => bytes().toString(), {bytes});
}
