import {containerProgram} from '../container-programs/container-program.ts';
import {newKey} from '../host-server/new-key.ts';
import {serveHost} from '../host-server/serve-host.ts';
import type {World} from '../world.ts';
import {connectFrom} from './inside.ts';

/** A world's hosts as SSH servers on loopback. */
export type ServedCluster = {
  hosts: readonly ServedHost[];
  /** The private key that is let in everywhere, in OpenSSH's format. */
  userKey: string;
  /** Ends every connection and program. */
  close(): Promise<void>;
};

export type ServedHost = {
  name: string;
  port: number;
  /** As a line of its .pub file. */
  hostKey: string;
  node: {container: string; port: number} | undefined;
  monitor: {container: string; port: number} | undefined;
};

/** Starts them, each with a key of its own. */
export async function serveCluster(world: World): Promise<ServedCluster> {
  const user = newKey();
  const served = await Promise.all(
    world.hosts().map(async ({name}) => {
      const hostKey = newKey();
      const server = await serveHost({
        world,
        host: name,
        hostKey: hostKey.private,
        userKey: user.public,
        connect: connectFrom(world, name),
        programs: containerProgram,
      });
      const containers = world.containers(name);
      const place = (role: 'node' | 'monitor') => {
        const container = containers.find(each => each.role === role);
        return container === undefined ? undefined : {container: container.name, port: container.port};
      };
      const host = {name, port: server.port, hostKey: hostKey.public, node: place('node'), monitor: place('monitor')};
      return {server, host};
    }),
  );
  return {
    hosts: served.map(({host}) => host),
    userKey: user.private,
    async close() {
      await Promise.all(served.map(({server}) => server.close()));
    },
  };
}
