import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {containerProgram} from '../../../source/simulator/container-programs/container-program.ts';
import {newKey} from '../../../source/simulator/host-server/new-key.ts';
import {type HostServerOptions, serveHost} from '../../../source/simulator/host-server/serve-host.ts';
import type {World} from '../../../source/simulator/world.ts';
import type {HostConnection} from '../../../source/ssh/host-connection.ts';
import type {HostSettings} from '../../../source/ssh/host-settings.ts';
import {closeAfterTest, open} from '../../ssh/hosts.ts';
import {watched} from '../host-shell/watched-world.ts';

/** The sshd of a host of a world, and how the console reaches it. */
export type ServedHost = {settings: HostSettings; listeners: () => number; open(): HostConnection};

/** Serves a host of the world until the end of the test. */
export async function serve(world: World, host: string, more: Partial<HostServerOptions> = {}): Promise<ServedHost> {
  const directory = await mkdtemp(path.join(tmpdir(), 'pgaf-host-'));
  closeAfterTest({close: () => rm(directory, {recursive: true})});
  const hostKey = newKey();
  const userKey = newKey();
  const counted = watched(world);
  const server = closeAfterTest(
    await serveHost({
      world: counted,
      host,
      hostKey: hostKey.private,
      userKey: userKey.public,
      connect: () => 'refused',
      programs: containerProgram,
      ...more,
    }),
  );
  const identity = path.join(directory, 'key');
  await writeFile(identity, userKey.private, {mode: 0o600});
  const knownHosts = path.join(directory, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${server.port} ${hostKey.public}\n`);
  const settings: HostSettings = {
    name: host,
    address: '127.0.0.1',
    port: server.port,
    user: 'operator',
    identityFiles: [identity],
    identitiesOnly: true,
    agentSocket: undefined,
    knownHostsFiles: [knownHosts],
    jump: [],
    timing: {handshakeMs: 1000, keepaliveMs: 200, keepaliveMisses: 3},
  };
  return {settings, listeners: () => counted.listening(), open: () => open(settings)};
}

/** Lets the world's time pass with the real one until the end of the test. */
export function run(world: World, speed = 1): void {
  const timer = setInterval(() => world.advance(20 * speed), 20);
  closeAfterTest({
    close: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  });
}
