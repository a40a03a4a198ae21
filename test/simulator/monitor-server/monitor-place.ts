import {Duplex} from 'node:stream';
import {Client, type ClientConfig} from 'pg';
import {bad, good} from '../../../source/cluster/problem.ts';
import type {MonitorOptions} from '../../../source/monitor/connect.ts';
import {TunnelSocket} from '../../../source/monitor/tunnel-socket.ts';
import {serveMonitor} from '../../../source/simulator/monitor-server/serve-monitor.ts';
import {outside, type World} from '../../../source/simulator/world.ts';
import type {HostConnection} from '../../../source/ssh/host-connection.ts';

/** A byte stream to the monitor's server, as a tunnel gives it: nothing of what is sent arrives in the same turn. */
export function streamToMonitor(world: World): Duplex {
  const [near, far] = pair();
  serveMonitor(world, far);
  return near;
}

/** pg's own client on a world's monitor, as the role that the console takes. */
export async function connectedClient(world: World, more: Partial<ClientConfig> = {}): Promise<Client> {
  const socket = new TunnelSocket(async () => good(streamToMonitor(world)));
  const client = new Client({
    stream: () => socket,
    user: 'autoctl_node',
    database: 'pg_auto_failover',
    password: '',
    application_name: 'test',
    ...more,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The monitor's host as the monitor edge sees it, without SSH. */
export function monitorHost(world: World): HostConnection {
  const link = {value: {connectedAt: 1, roundTripMs: 1}, at: 1, source: 'ssh'};
  return {
    name: world.monitor.host,
    link: () => link,
    subscribe: () => () => undefined,
    retryNow: () => undefined,
    run: async () => bad('command-failed', 'there is no docker here'),
    stream: async () => bad('command-failed', 'there is no docker here'),
    session: async () => bad('command-failed', 'there is no docker here'),
    async forward() {
      const {host} = world.monitor;
      if (world.path(outside, host).state !== 'open' || !world.monitor.answers()) return bad('refused', 'refused');
      return good(streamToMonitor(world));
    },
    close: async () => undefined,
  };
}

/** What the console would be configured with. */
export function monitorOptions(world: World): MonitorOptions {
  return {
    host: monitorHost(world),
    docker: ['docker'],
    address: world.hosts().find(host => host.name === world.monitor.host)?.address ?? '',
    container: world.monitor.container,
    port: world.monitor.port,
    formation: 'default',
    clock: {now: Date.now, random: () => 0},
  };
}

/** Two ends of one connection. */
function pair(): [Duplex, Duplex] {
  const ends: [Duplex, Duplex] = [end(() => ends[1]), end(() => ends[0])];
  return ends;
}

function end(other: () => Duplex): Duplex {
  return new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      setImmediate(() => {
        if (!other().destroyed) other().push(chunk);
        done();
      });
    },
    final(done) {
      setImmediate(() => {
        if (!other().destroyed) other().push(null);
        done();
      });
    },
    destroy(error, done) {
      setImmediate(() => other().destroy());
      done(error);
    },
  });
}
