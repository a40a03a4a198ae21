import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {stringify} from 'yaml';
import {z} from 'zod';
import {imageName} from './image.ts';
import {machineName, machinesOf, networkOf, runInside} from './machine.ts';
import {portOf} from './network.ts';
import {labDirectory} from './places.ts';
import type {Plan} from './plan.ts';

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

/** Writes the configuration, by which the cluster is made and the console finds it, and that of ssh. */
export function writeClusterFiles(plan: Plan): void {
  writeFileSync(configurationFile(plan.name), configuration(plan));
  writeFileSync(join(labDirectory(plan.name), 'ssh_config'), sshConfiguration(plan));
}

/** Path of the console's configuration for this lab. */
export function configurationFile(lab: string): string {
  return join(labDirectory(lab), 'cluster.yaml');
}

/** Takes a node away, with its data: a bootstrap joins it again with an empty disk. Not for the primary. */
export async function forgetNode(plan: Plan, name: string): Promise<void> {
  const index = machinesOf(plan).find(candidate => nodeContainer(candidate) === name);
  if (index === undefined) throw new Error(`no node of the lab is called "${name}"`);
  await runInside(plan.name, index, ['docker', 'rm', '--force', name]);
  await runInside(plan.name, index, ['docker', 'volume', 'rm', '--force', `${plan.name}_${name}`]);
  const drop = ['docker', 'exec', monitorContainer, 'pg_autoctl', 'drop', 'node', '--name', name, '--force'];
  await runInside(plan.name, monitorMachine, drop, {timeout: 90_000});
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
  // Somebody who bootstraps a bare lab says how.
  const bootstrap = {authentication: 'trust', ssl: 'self-signed', numberSyncStandbys: 1};
  const cluster = {name: plan.name, environment: 'lab', formation: 'default', image: imageName, hosts};
  return stringify({clusters: [plan.bare ? cluster : {...cluster, bootstrap}]});
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
