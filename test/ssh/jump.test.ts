import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {HostSettings} from '../../source/ssh/host-settings.ts';
import {change, closeAfterTest, firstResult, open, problemOfConnecting} from './hosts.ts';
import {freePort, haveSshd, type Sshd, startSshd} from './sshd.ts';
import {until} from './until.ts';

const ready = await haveSshd();
const deadlineMs = 10_000;

describe.skipIf(!ready)('through other hosts', () => {
  let target: Sshd;
  let bastion: Sshd;
  let second: Sshd;
  beforeAll(async () => {
    [target, bastion, second] = await Promise.all([startSshd(), startSshd(), startSshd()]);
  });
  afterAll(() => Promise.all([target.remove(), bastion.remove(), second.remove()]));

  const jump = (sshd: Sshd, name: string): HostSettings => ({...sshd.settings, name});

  test('a host is reached through one and through several jump hosts, and the streams end with them', async () => {
    const host = open({...target.settings, jump: [jump(bastion, 'bastion')]});
    expect(await host.run(['echo', 'here'], {deadlineMs})).toMatchObject({ok: true, value: {stdout: 'here\n'}});
    const far = open({...target.settings, jump: [jump(bastion, 'bastion'), jump(second, 'second')]});
    expect(await far.run(['echo', 'there'], {deadlineMs})).toMatchObject({ok: true, value: {stdout: 'there\n'}});
    await Promise.all([host.close(), far.close()]);
    await until(async () => (await bastion.remains('')).length === 0);
  });

  test('each hop is verified under its own name', async () => {
    const known = path.join(bastion.directory, 'known_wrong');
    await writeFile(known, `[127.0.0.1]:${bastion.port} ${target.hostKeys.ed25519}\n`);
    const wrongBastion = {...jump(bastion, 'bastion'), knownHostsFiles: [known]};
    expect(await problemOfConnecting({...target.settings, jump: [wrongBastion]})).toMatchObject({
      kind: 'host-key-changed',
      message: expect.stringContaining('bastion'),
    });
    const wrongTarget = path.join(target.directory, 'known_wrong');
    await writeFile(wrongTarget, `[127.0.0.1]:${target.port} ${bastion.hostKeys.ed25519}\n`);
    expect(
      await problemOfConnecting({...target.settings, knownHostsFiles: [wrongTarget], jump: [jump(bastion, 'bastion')]}),
    ).toMatchObject({kind: 'host-key-changed', message: expect.stringContaining('vm2')});
  });

  test('it is the jump host that is said not to reach the next', async () => {
    const port = await freePort();
    expect(await problemOfConnecting({...target.settings, port, jump: [jump(bastion, 'bastion')]})).toMatchObject({
      kind: 'refused',
      message: `the jump host bastion can not reach vm2 (127.0.0.1:${port}): Connection refused`,
    });
    const down = {...jump(bastion, 'bastion'), port};
    expect(await problemOfConnecting({...target.settings, jump: [down]})).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('bastion'),
    });
  });

  test('a jump host that forbids forwarding is said to', async () => {
    const strict = await startSshd(['AllowTcpForwarding no']);
    try {
      expect(await problemOfConnecting({...target.settings, jump: [jump(strict, 'strict')]})).toMatchObject({
        kind: 'unreachable',
        remedy: expect.stringContaining('AllowTcpForwarding'),
      });
    } finally {
      await strict.remove();
    }
  });

  test('a connection is lost with its jump host, and comes back with it', async () => {
    const host = open({...target.settings, jump: [jump(bastion, 'bastion')]});
    expect(await firstResult(host)).toBeUndefined();
    await bastion.stop();
    while (host.link() && 'value' in (host.link() ?? {})) await change(host);
    expect(host.link()).toMatchObject({error: {kind: expect.stringMatching(/closed|refused/)}});
    await bastion.start();
    host.retryNow();
    await until(() => 'value' in (host.link() ?? {}));
  });
});

describe.skipIf(!ready)('a tunnel', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.remove());

  async function echoServer(): Promise<number> {
    const server = createServer({allowHalfOpen: true}, socket => {
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closeAfterTest({close: () => new Promise(resolve => server.close(resolve))});
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  test('carries bytes both ways and ends as a socket does', async () => {
    const opened = await open(sshd.settings).forward('127.0.0.1', await echoServer(), deadlineMs);
    if (!opened.ok) throw new Error(opened.problem.message);
    const stream = opened.value;
    const sent = Buffer.alloc(5_000_000, 'abc\n');
    const received: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    stream.end(sent);
    await once(stream, 'close');
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  test('is closed by destroy()', async () => {
    const opened = await open(sshd.settings).forward('127.0.0.1', await echoServer(), deadlineMs);
    if (!opened.ok) throw new Error(opened.problem.message);
    opened.value.destroy();
    await once(opened.value, 'close');
    expect(opened.value.write('late', () => {})).toBe(false);
  });

  test('breaks with the connection, and what is written then fails', async () => {
    const cut = await startSshd();
    const host = open(cut.settings);
    const opened = await host.forward('127.0.0.1', await echoServer(), deadlineMs);
    if (!opened.ok) throw new Error(opened.problem.message);
    const broken = once(opened.value, 'error');
    opened.value.resume();
    await cut.remove();
    expect(String(await broken)).toContain('vm2');
    await new Promise(resolve => opened.value.write('late', resolve));
  });

  test('to where nothing listens says so', async () => {
    const port = await freePort();
    expect(await open(sshd.settings).forward('127.0.0.1', port, deadlineMs)).toMatchObject({
      ok: false,
      problem: {kind: 'refused', message: `nothing listens on 127.0.0.1:${port}, seen from vm2`},
    });
  });

  test('that the server forbids says so', async () => {
    const strict = await startSshd(['AllowTcpForwarding no']);
    try {
      expect(await open(strict.settings).forward('127.0.0.1', 5432, deadlineMs)).toMatchObject({
        ok: false,
        problem: {kind: 'unreachable', remedy: expect.stringContaining('AllowTcpForwarding')},
      });
    } finally {
      await strict.remove();
    }
  });
});
