import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {duplexPair} from 'node:stream';
import ssh2 from 'ssh2';
import type {ClusterConfiguration, HostConfiguration} from '../../config/configuration.ts';
import {containerProgram} from '../container-programs/container-program.ts';
import {createWorld} from '../create-world.ts';
import {type HostServer, serveHost} from '../host-server/serve-host.ts';
import type {ConnectFromHost} from '../host-server/tunnels.ts';
import {serveMonitor} from '../monitor-server/serve-monitor.ts';
import type {World} from '../world.ts';
import {driveWorld, type WorldDrive} from './drive-world.ts';

/** A world that can be reached over SSH, as a real cluster is, with time going on in it. */
export type EmbeddedCluster = {
  world: World;
  drive: WorldDrive;
  /** What the console needs to find it. */
  configuration: ClusterConfiguration;
  /** Ends every server and takes the keys away. */
  close(): Promise<void>;
};

export type EmbeddedOptions = {seed: number; startAt: number; speed: number; nodesPerGroup?: number; groups?: number};

/**
 * Raises a cluster on loopback: an SSH server a host, with keys of its own in a private folder, and the monitor behind them. Needs
 * nothing but Node.
 */
export async function openEmbeddedCluster(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const {seed, startAt, speed, nodesPerGroup = 3, groups = 1} = options;
  const world = createWorld({seed, startAt, nodesPerGroup, groups});
  const folder = mkdtempSync(join(tmpdir(), 'pgaf-demo-'));
  const forget = () => rmSync(folder, {recursive: true, force: true});
  // Also when a signal ends the program.
  process.once('exit', forget);

  const user = ssh2.utils.generateKeyPairSync('ed25519');
  const files = {key: join(folder, 'key'), knownHosts: join(folder, 'known_hosts')};
  writeFileSync(files.key, user.private, {mode: 0o600});
  const servers: {name: string; server: HostServer; hostKey: string}[] = [];
  for (const {name} of world.hosts()) {
    const hostKey = ssh2.utils.generateKeyPairSync('ed25519');
    const server = await serveHost({
      world,
      host: name,
      hostKey: hostKey.private,
      userKey: user.public,
      connect: connectionsFrom(world, name),
      programs: containerProgram,
    });
    servers.push({name, server, hostKey: hostKey.public});
  }
  const known = servers.map(({server, hostKey}) => `[127.0.0.1]:${server.port} ${hostKey}\n`);
  writeFileSync(files.knownHosts, known.join(''), {mode: 0o600});
  const drive = driveWorld(world, speed, () => performance.now());
  return {
    world,
    drive,
    configuration: {
      name: 'demo',
      environment: 'simulated',
      formation: 'default',
      image: 'citusdata/pg_auto_failover:15',
      readOnly: false,
      hosts: servers.map(({name, server}) => hostOf(world, name, server.port, files)),
    },
    async close() {
      drive.stop();
      await Promise.all(servers.map(({server}) => server.close()));
      process.off('exit', forget);
      forget();
    },
  };
}

function hostOf(world: World, name: string, port: number, files: {key: string; knownHosts: string}): HostConfiguration {
  const containers = world.containers(name);
  const node = containers.find(each => each.role === 'node');
  const monitor = containers.find(each => each.role === 'monitor');
  return {
    name,
    ssh: {
      name,
      address: '127.0.0.1',
      port,
      user: 'root',
      identityFiles: [files.key],
      identitiesOnly: true,
      agentSocket: undefined,
      knownHostsFiles: [files.knownHosts],
      jump: [],
    },
    docker: ['docker'],
    ...(node === undefined ? {} : {node: {container: node.name, port: node.port}}),
    ...(monitor === undefined
      ? {}
      : {monitor: {container: monitor.name, port: monitor.port, database: 'pg_auto_failover'}}),
  };
}

/** What a connection from a host meets: the monitor, nothing that listens, or silence. */
function connectionsFrom(world: World, from: string): ConnectFromHost {
  return (address, port) => {
    const itself = address === '127.0.0.1' || address === '::1' || address === 'localhost';
    const target = itself ? from : world.hosts().find(host => host.address === address || host.name === address)?.name;
    if (target === undefined) return 'silent';
    if (target !== from && world.path(from, target).state !== 'open') return 'silent';
    const {monitor} = world;
    if (target !== monitor.host || port !== monitor.port || !monitor.answers()) return 'refused';
    const [outside, inside] = duplexPair();
    serveMonitor(world, inside);
    return outside;
  };
}
