import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {stringify} from 'yaml';
import {z} from 'zod';
import {imageName} from './image.ts';
import {machineName, machinesOf, networkOf, runInside} from './machine.ts';
import {portOf} from './network.ts';
import {labDirectory, stateDirectory} from './places.ts';
import type {Plan} from './plan.ts';
import {waitUntil} from './wait.ts';

/** The port of the data nodes, and that of the monitor, which shares the third machine with a node. */
export const nodePort = 5432;
export const monitorPort = 6000;
export const monitorContainer = 'pg_monitor';
export const monitorMachine = 3;

/** The container of the data node on a machine. */
export function nodeContainer(index: number): string {
  return `pg_node${index}`;
}

const nodeState = z.object({
  health: z.number(),
  node_id: z.number(),
  group_id: z.number(),
  nodename: z.string(),
  nodehost: z.string(),
  nodeport: z.number(),
  reported_lsn: z.string(),
  reported_tli: z.number(),
  reportedstate: z.string().optional(),
  current_group_state: z.string(),
  assigned_group_state: z.string(),
  candidate_priority: z.number(),
  replication_quorum: z.boolean(),
});

/** A row of `pg_autoctl show state --json`. `health` is 1 good, 0 bad, -1 unknown. */
export type NodeState = z.infer<typeof nodeState>;

/** Writes each machine's Compose file and the console's configuration. */
export function writeClusterFiles(plan: Plan): void {
  for (const index of plan.bare ? [] : machinesOf(plan)) {
    writeFileSync(
      join(stateDirectory(plan.name), machineName(index), 'opt/pgaf/docker-compose.yml'),
      composeFile(plan, index),
    );
  }
  writeFileSync(configurationFile(plan.name), configuration(plan));
  writeFileSync(join(labDirectory(plan.name), 'ssh_config'), sshConfiguration(plan));
}

/** Path of the console's configuration for this lab. */
export function configurationFile(lab: string): string {
  return join(labDirectory(lab), 'cluster.yaml');
}

/** Creates what is missing of the cluster and waits until one node is the primary and two are its healthy secondaries. */
export async function startCluster(plan: Plan, say: (line: string) => void): Promise<void> {
  say('starting the monitor');
  await composeUp(plan, monitorMachine, monitorContainer);
  await waitUntil(
    'the monitor answers',
    60_000,
    async () => (await monitorQuery(plan, 'select nodeid from pgautofailover.node')) !== undefined,
  );
  if (plan.fast) await lowerTimeouts(plan);
  say('starting pg_node1');
  await composeUp(plan, 1, nodeContainer(1));
  // The first to register becomes the primary.
  await waitUntil('there is a primary', 90_000, async () => (await showState(plan))?.some(isWritable));
  say('starting pg_node2 and pg_node3');
  await composeUp(plan, 2, nodeContainer(2));
  // Nodes are numbered as they arrive; so every lab has the same numbers.
  await waitUntil('pg_node2 is registered', 60_000, async () =>
    (await showState(plan))?.some(({nodename}) => nodename === nodeContainer(2)),
  );
  await composeUp(plan, 3, nodeContainer(3));
  await waitUntil('one primary and two healthy secondaries', 180_000, async () =>
    isSettled((await showState(plan)) ?? []),
  );
}

/** Forgets a node and joins it again with an empty disk. Not for the primary. */
export async function rebuildNode(plan: Plan, name: string): Promise<void> {
  const index = machinesOf(plan).find(candidate => nodeContainer(candidate) === name);
  if (index === undefined) throw new Error(`no node of the lab is called "${name}"`);
  await runInside(plan.name, index, ['docker', 'rm', '--force', name]);
  await runInside(plan.name, index, ['docker', 'volume', 'rm', '--force', `pgaf_${name}`]);
  const drop = ['docker', 'exec', monitorContainer, 'pg_autoctl', 'drop', 'node', '--name', name, '--force'];
  await runInside(plan.name, monitorMachine, drop, {timeout: 90_000});
  await composeUp(plan, index, name);
}

/** Whether the cluster is at rest: a primary and two secondaries, all healthy and where the monitor wants them. */
export function isSettled(nodes: readonly NodeState[]): boolean {
  const states = nodes.map(node => node.current_group_state).sort();
  const atRest = nodes.every(node => node.health === 1 && node.current_group_state === node.assigned_group_state);
  return atRest && states.join(' ') === 'primary secondary secondary';
}

/** What `pg_autoctl show state --json` prints in the monitor's container; undefined while it cannot answer. */
export async function showState(plan: Plan): Promise<NodeState[] | undefined> {
  const argv = ['docker', 'exec', monitorContainer, 'pg_autoctl', 'show', 'state', '--json'];
  const {exitCode, stdout} = await runInside(plan.name, monitorMachine, argv, {timeout: 10_000});
  if (exitCode !== 0) return undefined;
  return z.array(nodeState).parse(JSON.parse(stdout));
}

/** The rows of a query in the monitor's database, as objects; undefined while it cannot answer. */
export async function monitorQuery(plan: Plan, sql: string): Promise<Record<string, unknown>[] | undefined> {
  const wrapped = `select coalesce(json_agg(answer), '[]') from (${sql}) as answer`;
  const {exitCode, stdout} = await monitorPsql(plan, wrapped);
  if (exitCode !== 0) return undefined;
  return z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(stdout));
}

/** Runs a statement in the monitor's database. */
export function monitorPsql(plan: Plan, sql: string): ReturnType<typeof runInside> {
  const psql = [
    'psql',
    '-XqAt',
    '-v',
    'ON_ERROR_STOP=1',
    '-p',
    String(monitorPort),
    '-d',
    'pg_auto_failover',
    '-c',
    sql,
  ];
  return runInside(plan.name, monitorMachine, ['docker', 'exec', monitorContainer, ...psql], {timeout: 10_000});
}

// A container that exists is left as it is: it may have been stopped on purpose.
async function composeUp(plan: Plan, index: number, container: string): Promise<void> {
  if ((await runInside(plan.name, index, ['docker', 'container', 'inspect', container])).exitCode === 0) return;
  const argv = [
    ...plan.compose,
    '--project-directory',
    '/opt/pgaf',
    '-f',
    '/opt/pgaf/docker-compose.yml',
    'up',
    '-d',
    container,
  ];
  const {exitCode, stderr} = await runInside(plan.name, index, argv, {timeout: 120_000});
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} on ${machineName(index)}: ${stderr}`);
}

/** Lowers the monitor's timeouts, so that a failover takes seconds, though not so far that a busy machine looks like a dead one. */
export async function lowerTimeouts(plan: Plan): Promise<void> {
  const settings = {
    node_considered_unhealthy_timeout: 6000,
    primary_demote_timeout: 4000,
    health_check_period: 1000,
    health_check_timeout: 1500,
    health_check_retry_delay: 500,
    startup_grace_period: 2000,
  };
  for (const [name, milliseconds] of Object.entries(settings)) {
    const {exitCode, stderr} = await monitorPsql(plan, `alter system set pgautofailover.${name} = ${milliseconds}`);
    if (exitCode !== 0) throw new Error(`pgautofailover.${name} cannot be set: ${stderr}`);
  }
  await monitorPsql(plan, 'select pg_reload_conf()');
}

function isWritable(node: NodeState): boolean {
  return /^(single|wait_primary|primary)$/.test(node.current_group_state) && node.health === 1;
}

function composeFile(plan: Plan, index: number): string {
  const network = networkOf(plan);
  const {address} = portOf(network, index);
  const monitorAddress = portOf(network, monitorMachine).address;
  const security = ['--ssl-self-signed', '--auth', 'trust'];
  const node = [
    ...[
      'pg_autoctl',
      'create',
      'postgres',
      ...security,
      '--pg-hba-lan',
      '--hostname',
      address,
      '--name',
      nodeContainer(index),
    ],
    ...['--pgport', String(nodePort)],
    ...[
      '--monitor',
      `postgresql://autoctl_node@${monitorAddress}:${monitorPort}/pg_auto_failover?sslmode=require`,
      '--run',
    ],
  ];
  const monitor = [
    'pg_autoctl',
    'create',
    'monitor',
    ...security,
    '--hostname',
    address,
    '--pgport',
    String(monitorPort),
    '--run',
  ];
  const services = {
    [nodeContainer(index)]: service(nodeContainer(index), node),
    ...(index === monitorMachine ? {[monitorContainer]: service(monitorContainer, monitor)} : {}),
  };
  const volumes = Object.fromEntries(Object.keys(services).map(name => [name, null]));
  return stringify({version: '3.8', services, volumes});
}

function service(name: string, command: readonly string[]): object {
  return {
    image: imageName,
    container_name: name,
    // Real addresses: pg_auto_failover's HBA rules name the nodes, and a bridge would rewrite where connections come from.
    network_mode: 'host',
    restart: 'unless-stopped',
    stop_grace_period: '60s',
    // pg_autoctl keeps its pidfile under /tmp; one that survives a power cut makes the next start fail for ever.
    tmpfs: ['/tmp'],
    environment: {PGDATA: '/var/lib/postgres/pgaf', PG_AUTOCTL_DEBUG: '1'},
    volumes: [`${name}:/var/lib/postgres`],
    command,
  };
}

function configuration(plan: Plan): string {
  const directory = labDirectory(plan.name);
  const hosts = machinesOf(plan).map(index => ({
    name: machineName(index),
    address: portOf(networkOf(plan), index).address,
    port: 22,
    user: 'root',
    identityFile: join(directory, 'id_ed25519'),
    knownHostsFile: join(directory, 'known_hosts'),
    node: {container: nodeContainer(index), port: nodePort},
    ...(index === monitorMachine ? {monitor: {container: monitorContainer, port: monitorPort}} : {}),
  }));
  return stringify({clusters: [{name: plan.name, environment: 'lab', formation: 'default', image: imageName, hosts}]});
}

function sshConfiguration(plan: Plan): string {
  const directory = labDirectory(plan.name);
  const entries = machinesOf(plan).map(index =>
    [
      `Host ${machineName(index)}`,
      `  HostName ${portOf(networkOf(plan), index).address}`,
      '  User root',
      `  IdentityFile ${join(directory, 'id_ed25519')}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${join(directory, 'known_hosts')}`,
      '',
    ].join('\n'),
  );
  return entries.join('\n');
}
