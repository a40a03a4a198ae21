import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openHost} from '../../source/ssh/host-connection.ts';
import {closeAfterTest, firstResult, open} from './hosts.ts';
import {haveSshd, type Sshd, startSshd} from './sshd.ts';
import {until} from './until.ts';

const ready = await haveSshd();
const deadlineMs = 10_000;

describe.skipIf(!ready)('commands on a host', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.remove());

  test('come back with both outputs and the exit status', async () => {
    const host = open(sshd.settings);
    expect(await host.run(['sh', '-c', 'echo out; echo err >&2; exit 3'], {deadlineMs})).toEqual({
      ok: true,
      value: {exitCode: 3, signal: null, stdout: 'out\n', stderr: 'err\n'},
    });
    expect(await host.run(['no-such-program'], {deadlineMs})).toMatchObject({ok: true, value: {exitCode: 127}});
  });

  test('get their words and their input unchanged', async () => {
    const host = open(sshd.settings);
    const word = `it's "$(id)" \\ \n ünï 🐘`;
    expect(await host.run(['printf', '%s', word], {deadlineMs})).toMatchObject({value: {stdout: word}});
    const stdin = `${'x'.repeat(300_000)}\n'$HOME'\n`;
    expect(await host.run(['cat'], {deadlineMs, stdin})).toMatchObject({value: {stdout: stdin, exitCode: 0}});
    // A command that does not read its input is not held up by it.
    expect(await host.run(['true'], {deadlineMs, stdin})).toMatchObject({value: {exitCode: 0}});
    expect(await host.run(['cat'], {deadlineMs})).toMatchObject({value: {stdout: '', exitCode: 0}});
  });

  test('that do not end are ended at their deadline, there as well', async () => {
    const host = open(sshd.settings);
    await firstResult(host);
    const outcome = await host.run(['sleep', '7301'], {deadlineMs: 300});
    expect(outcome).toMatchObject({
      ok: false,
      problem: {kind: 'timeout', message: '`sleep 7301` on vm2 did not end within 0.3 s'},
    });
    await until(async () => (await sshd.remains('7301')).length === 0);
  });

  test('that are cancelled are ended there as well', async () => {
    const host = open(sshd.settings);
    const cancel = new AbortController();
    const running = host.run(['sleep', '7302'], {deadlineMs, signal: cancel.signal});
    await until(async () => (await sshd.remains('7302')).length > 0);
    cancel.abort();
    expect(await running).toMatchObject({ok: false, problem: {kind: 'cancelled'}});
    await until(async () => (await sshd.remains('7302')).length === 0);
  });

  test('that write without end are ended at the limit', async () => {
    const host = open(sshd.settings);
    const outcome = await host.run(['yes', 'y7303'], {deadlineMs, maxBytes: 100_000});
    expect(outcome).toMatchObject({
      ok: false,
      problem: {kind: 'command-failed', message: expect.stringContaining('100000 bytes')},
    });
    await until(async () => (await sshd.remains('y7303')).length === 0);
  });

  test('run in a second connection when the server allows no more sessions in the first', async () => {
    const narrow = await startSshd(['MaxSessions 2']);
    try {
      const host = open(narrow.settings);
      const streams = await Promise.all(
        ['1', '2', '3', '4'].map(n => host.stream(['sh', '-c', `echo ${n}; exec sleep 730${n}4`], {deadlineMs})),
      );
      const outputs = await Promise.all(
        streams.map(stream =>
          stream.ok
            ? new Promise(resolve => stream.value.stdout.once('data', data => resolve(String(data))))
            : stream.problem,
        ),
      );
      expect(outputs).toEqual(['1\n', '2\n', '3\n', '4\n']);
      expect(narrow.log().match(/Accepted publickey/g)).toHaveLength(2);
      expect(await host.run(['true'], {deadlineMs: 500})).toMatchObject({
        ok: false,
        problem: {kind: 'session-limit', remedy: expect.stringContaining('MaxSessions')},
      });
      // Who waits gets the next place that becomes free.
      const waiting = host.run(['echo', 'at last'], {deadlineMs});
      if (streams[0]?.ok) streams[0].value.close();
      expect(await waiting).toMatchObject({ok: true, value: {stdout: 'at last\n'}});
    } finally {
      await narrow.remove();
    }
  });

  test('many at once all come back', async () => {
    const host = open(sshd.settings);
    const outcomes = await Promise.all(Array.from({length: 40}, (_, n) => host.run(['echo', String(n)], {deadlineMs})));
    expect(outcomes.map(outcome => (outcome.ok ? outcome.value.stdout : outcome.problem))).toEqual(
      Array.from({length: 40}, (_, n) => `${n}\n`),
    );
  });

  test('are answered with the reason when the server allows no session at all', async () => {
    const closed = await startSshd(['MaxSessions 0']);
    try {
      expect(await open(closed.settings).run(['true'], {deadlineMs})).toMatchObject({
        ok: false,
        problem: {kind: 'session-limit'},
      });
    } finally {
      await closed.remove();
    }
  });

  test('end with the host, and say that it was closed', async () => {
    const host = closeAfterTest(
      openHost(sshd.settings, {
        ask: {passphrase: never, password: never, keyboardInteractive: never, trustHostKey: never},
        now: Date.now,
        random: Math.random,
      }),
    );
    const running = host.run(['sleep', '7305'], {deadlineMs});
    await until(async () => (await sshd.remains('7305')).length > 0);
    await host.close();
    expect(await running).toMatchObject({ok: false, problem: {kind: 'cancelled'}});
    expect(await host.run(['true'], {deadlineMs})).toMatchObject({ok: false, problem: {kind: 'cancelled'}});
    await until(async () => (await sshd.remains('7305')).length === 0);
  });
});

function never(): Promise<undefined> {
  throw new Error('nothing is to be asked here');
}
