import {once} from 'node:events';
import {createServer, type Server, type Socket} from 'node:net';
import {describe, expect, test} from 'vitest';
import type {HostSettings} from '../../source/ssh/host-settings.ts';
import {openBlackHole} from '../robot/black-hole.ts';
import {closeAfterTest, firstResult, open, problemOfConnecting} from './hosts.ts';
import {startServer} from './ssh-server.ts';
import {freePort} from './sshd.ts';

const nowhere: HostSettings = {
  name: 'vm2',
  address: '127.0.0.1',
  port: 1,
  user: 'root',
  identityFiles: [],
  identitiesOnly: true,
  agentSocket: undefined,
  knownHostsFiles: [],
  jump: [],
};

/** A TCP server that is no sshd. */
async function listen(accept: (socket: Socket) => void): Promise<HostSettings> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeAfterTest({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => server.close(resolve));
    },
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {...nowhere, port: address.port};
}

describe('a host that can not be reached says why', () => {
  test('its name does not resolve', async () => {
    const problem = await problemOfConnecting({...nowhere, address: 'vm2.invalid', port: 22});
    expect(problem).toMatchObject({kind: 'name-unknown', message: expect.stringContaining('vm2.invalid')});
    expect(problem.remedy).toContain('HostName');
  });

  test('nothing listens', async () => {
    const port = await freePort();
    expect(await problemOfConnecting({...nowhere, port})).toMatchObject({
      kind: 'refused',
      message: `vm2 (127.0.0.1:${port}) refused the connection: nothing listens on port ${port}`,
    });
  });

  test('packets are dropped', async () => {
    const hole = closeAfterTest(await openBlackHole());
    expect(await problemOfConnecting({...nowhere, port: hole.port, timing: {connectMs: 300}})).toMatchObject({
      kind: 'timeout',
      message: `no answer from vm2 (127.0.0.1:${hole.port}) within 0.3 s: packets are dropped or the host is down`,
    });
  });

  test('there is no route', async () => {
    const problem = await problemOfConnecting({...nowhere, address: '255.255.255.255'});
    expect(problem).toMatchObject({kind: 'unreachable'});
  });

  test('its sshd is frozen', async () => {
    const settings = await listen(() => {});
    expect(await problemOfConnecting({...settings, timing: {handshakeMs: 300}})).toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('its sshd does not answer within 0.3 s'),
    });
  });

  test('it hangs up at once', async () => {
    const settings = await listen(socket => socket.destroy());
    expect(await problemOfConnecting(settings)).toMatchObject({
      kind: 'closed',
      remedy: expect.stringContaining('MaxStartups'),
    });
  });

  test('it hangs up after its greeting', async () => {
    const settings = await listen(socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await problemOfConnecting(settings)).toMatchObject({kind: 'closed'});
  });

  test('it is no sshd', async () => {
    const settings = await listen(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(300)));
    expect(await problemOfConnecting(settings)).toMatchObject({
      kind: 'closed',
      message: expect.stringContaining('vm2'),
    });
  });

  test('its authentication hangs', async () => {
    const server = closeAfterTest(await startServer(() => {}));
    expect(await problemOfConnecting({...server.settings, timing: {authenticateMs: 300}})).toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('does not answer the authentication within 0.3 s'),
    });
  });

  test('the time that a person takes to answer does not count', async () => {
    const server = closeAfterTest(
      await startServer(context => (context.method === 'password' ? context.accept() : context.reject(['password']))),
    );
    const password = () => new Promise<string>(resolve => setTimeout(resolve, 900, 'x'));
    const host = open({...server.settings, timing: {authenticateMs: 600}}, {password});
    expect(await firstResult(host)).toBeUndefined();
  });

  test('commands get the reason, too, and get it at once when it is known', async () => {
    const host = open({...nowhere, port: await freePort()});
    expect(await host.run(['true'], {deadlineMs: 60_000})).toMatchObject({ok: false, problem: {kind: 'refused'}});
    expect(await host.stream(['true'], {deadlineMs: 60_000})).toMatchObject({ok: false, problem: {kind: 'refused'}});
    expect(await host.forward('127.0.0.1', 5432, 60_000)).toMatchObject({ok: false, problem: {kind: 'refused'}});
  });

  test('a host can be closed while it connects', async () => {
    const host = open(await listen(() => {}));
    const running = host.run(['true'], {deadlineMs: 60_000});
    await host.close();
    expect(await running).toMatchObject({ok: false, problem: {kind: 'cancelled'}});
  });
});
