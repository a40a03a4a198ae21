import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import ssh2, {type AuthContext, type Connection} from 'ssh2';
import type {HostSettings} from '../../source/ssh/host-settings.ts';
import {newKey, publicKey} from './sshd.ts';

/** A server of the ssh2 library, for what a real sshd needs accounts for: passwords, prompts, odd behaviour. */
export type FakeServer = {
  settings: HostSettings;
  /** The methods that clients tried, in order, over all connections: `none`, `password:secret`, ... */
  tried: string[];
  connections(): number;
  close(): Promise<void>;
};

/** `authenticate` decides who comes in; `connected` gets the connections of those who did. */
export async function startServer(
  authenticate: (context: AuthContext) => void,
  connected: (connection: Connection) => void = () => {},
): Promise<FakeServer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'pgaf-server-'));
  await newKey(path.join(directory, 'host'), 'ed25519');
  const tried: string[] = [];
  const open = new Set<Connection>();
  let connections = 0;
  const server = new ssh2.Server({hostKeys: [readFileSync(path.join(directory, 'host'))]}, connection => {
    connections++;
    open.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => open.delete(connection));
    connection.on('authentication', context => {
      tried.push(describe(context));
      authenticate(context);
    });
    connection.on('ready', () => connected(connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const {port} = address;
  const knownHosts = path.join(directory, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${port} ${await publicKey(path.join(directory, 'host'))}\n`);
  return {
    settings: {
      name: 'vm2',
      address: '127.0.0.1',
      port,
      user: 'operator',
      identityFiles: [],
      identitiesOnly: true,
      agentSocket: undefined,
      knownHostsFiles: [knownHosts],
      jump: [],
    },
    tried,
    connections: () => connections,
    async close() {
      for (const connection of open) connection.end();
      const closed = new Promise(resolve => server.close(resolve));
      await closed;
      await rm(directory, {recursive: true});
    },
  };
}

function describe(context: AuthContext): string {
  return context.method === 'password' ? `password:${context.password}` : context.method;
}
