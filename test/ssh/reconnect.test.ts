import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {current, latest, problemOf} from '../../source/cluster/sample.ts';
import type {HostConnection} from '../../source/ssh/host-connection.ts';
import {change, closeAfterTest, firstResult, open} from './hosts.ts';
import {startServer} from './ssh-server.ts';
import {haveSshd, type Sshd, startSshd} from './sshd.ts';
import {until} from './until.ts';

const ready = await haveSshd();
const deadlineMs = 10_000;
const quick = {keepaliveMs: 100, keepaliveMisses: 3, handshakeMs: 400};

async function untilLost(host: HostConnection): Promise<void> {
  while (problemOf(host.link()) === undefined) await change(host);
}

async function untilBack(host: HostConnection): Promise<void> {
  while (current(host.link()) === undefined) await change(host);
}

describe.skipIf(!ready)('a connection', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterEach(async () => {
    sshd.thaw();
  });
  afterAll(() => sshd.remove());

  test('measures how long an answer takes', async () => {
    const host = open(sshd.settings);
    await until(() => current(host.link())?.roundTripMs !== undefined);
    expect(current(host.link())?.roundTripMs).toBeGreaterThan(0);
  });

  test('that is lost shows why, keeps what was known, and comes back when the server does', async () => {
    const host = open(sshd.settings);
    expect(await firstResult(host)).toBeUndefined();
    const before = current(host.link());
    await sshd.stop();
    await untilLost(host);
    expect(problemOf(host.link())).toMatchObject({
      kind: 'closed',
      message: expect.stringContaining('the connection to vm2'),
    });
    expect(latest(host.link())?.value.connectedAt).toBe(before?.connectedAt);
    while (problemOf(host.link())?.kind !== 'refused') await change(host);
    await sshd.start();
    await untilBack(host);
    expect(await host.run(['echo', 'back'], {deadlineMs})).toMatchObject({ok: true, value: {stdout: 'back\n'}});
  }, 30_000);

  test('that is just lost lets a command wait for the next attempt', async () => {
    const host = open(sshd.settings);
    expect(await firstResult(host)).toBeUndefined();
    await sshd.stop();
    await sshd.start();
    await untilLost(host);
    expect(await host.run(['echo', 'again'], {deadlineMs})).toMatchObject({ok: true, value: {stdout: 'again\n'}});
  });

  test('is tried again at once when asked to', async () => {
    await sshd.stop();
    const host = open(sshd.settings);
    expect(await firstResult(host)).toMatchObject({kind: 'refused'});
    // The waits have grown to many seconds by now.
    for (let attempt = 0; attempt < 5; attempt++) {
      const tried = change(host);
      host.retryNow();
      await tried;
    }
    await sshd.start();
    host.retryNow();
    await until(() => current(host.link()) !== undefined, 4000);
  });

  test('to a frozen server is noticed by its silence', async () => {
    const host = open({...sshd.settings, timing: quick});
    expect(await firstResult(host)).toBeUndefined();
    const stream = await host.stream(['cat'], {deadlineMs, stdin: true});
    if (!stream.ok) throw new Error(stream.problem.message);
    sshd.freeze();
    expect(await stream.value.ended).toMatchObject({
      problem: {kind: 'timeout', message: expect.stringContaining('it has sent nothing for 0.3 s')},
    });
    expect(problemOf(host.link())).toMatchObject({kind: 'timeout'});
    sshd.thaw();
    host.retryNow();
    await untilBack(host);
  });

  test('to a frozen server keeps no command beyond its deadline', async () => {
    const host = open(sshd.settings);
    expect(await firstResult(host)).toBeUndefined();
    sshd.freeze();
    expect(await host.run(['true'], {deadlineMs: 200})).toMatchObject({ok: false, problem: {kind: 'timeout'}});
    expect(await host.stream(['true'], {deadlineMs: 200})).toMatchObject({ok: false, problem: {kind: 'timeout'}});
    expect(await host.forward('127.0.0.1', 5432, 200)).toMatchObject({ok: false, problem: {kind: 'timeout'}});
    sshd.thaw();
    expect(await host.run(['echo', 'thawed'], {deadlineMs})).toMatchObject({ok: true, value: {stdout: 'thawed\n'}});
  });

  test('that is flooded is not taken for dead', async () => {
    const host = open({...sshd.settings, timing: quick});
    const stream = await host.stream(['sh', '-c', 'seq 3000000'], {deadlineMs});
    if (!stream.ok) throw new Error(stream.problem.message);
    stream.value.stderr.resume();
    stream.value.stdout.resume();
    expect(await stream.value.ended).toMatchObject({exitCode: 0});
    expect(problemOf(host.link())).toBeUndefined();
  });

  test('that was refused does not ask by itself again', async () => {
    const server = closeAfterTest(await startServer(context => context.reject(['password'])));
    let asked = 0;
    const password = async () => {
      asked++;
      return 'wrong';
    };
    const host = open(server.settings, {password});
    expect(await firstResult(host)).toMatchObject({kind: 'authentication'});
    expect(asked).toBe(3);
    const again = change(host);
    host.retryNow();
    await again;
    expect(asked).toBe(6);
  });

  test('tells its listeners nothing after they left, and nothing after close()', async () => {
    const host = open(sshd.settings);
    let told = 0;
    const leave = host.subscribe(() => {
      told++;
    });
    await firstResult(host);
    leave();
    const toldBefore = told;
    host.subscribe(() => {
      throw new Error('told after close()');
    });
    await host.close();
    await sshd.stop();
    await sshd.start();
    expect(told).toBe(toldBefore);
  });
});
