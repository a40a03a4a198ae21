import {type Duplex, duplexPair, pipeline, Transform} from 'node:stream';
import type {ConnectFromHost} from '../host-server/tunnels.ts';
import {containerMoves} from '../host-shell/docker/daemon.ts';
import {serveMonitor} from '../monitor-server/serve-monitor.ts';
import type {World} from '../world.ts';

/** Where the connections of a host of the world lead to: its monitor, under any of its machine's names; nobody listens anywhere else. */
export function connectFrom(world: World, host: string): ConnectFromHost {
  return (address, port) => {
    const target = hostAt(world, host, address);
    if (target === undefined) return 'silent';
    if (world.path(host, target).state !== 'open') return 'silent';
    if (target !== world.monitor.host || port !== world.monitor.port || !world.monitor.answers()) return 'refused';
    return isPaused(world) ? 'silent' : monitorStream(world, host, target);
  };
}

/** A connection to the monitor; it ends when there is no way between the two hosts any more. */
function monitorStream(world: World, from: string, to: string): Duplex {
  const [near, outer] = duplexPair();
  const [inner, far] = duplexPair();
  const ended = new AbortController();
  for (const stream of [near, outer, inner, far]) stream.on('error', () => undefined);
  // While its container is paused, nothing comes back.
  pipeline(outer, gate(world, ended.signal), inner, gate(world, ended.signal), outer, () => {
    for (const stream of [near, far]) stream.destroy();
  });
  near.once('close', () => ended.abort());
  serveMonitor(world, far);
  if (from === to) return near;
  const unlisten = world.listen(happening => {
    if (happening.kind === 'host' && world.path(from, to).state !== 'open') near.destroy();
  });
  near.once('close', unlisten);
  return near;
}

function isPaused(world: World): boolean {
  const {monitor} = world;
  return world.containers(monitor.host).find(each => each.name === monitor.container)?.state === 'paused';
}

function gate(world: World, signal: AbortSignal): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      void containerMoves(world, world.monitor.host, world.monitor.container, signal).then(() => done(null, chunk));
    },
  });
}

function hostAt(world: World, from: string, address: string): string | undefined {
  if (address === 'localhost' || address === '::1' || address.startsWith('127.')) return from;
  return world.hosts().find(host => host.name === address || host.address === address)?.name;
}
