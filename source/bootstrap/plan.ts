import {primaryOf} from '../actions/cluster-facts.ts';
import {literal} from '../actions/commands.ts';
import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ApplicationDatabase} from '../config/configuration.ts';
import {followPrimarySteps, moveNodeSteps, reachMonitorSteps} from './changes-in-place.ts';
import {composeCommand, composeFile} from './compose-file.ts';
import type {DesiredCluster, DesiredContainer, DesiredNode} from './desired-cluster.ts';
import {hostsOf} from './desired-cluster.ts';
import {driftOf, strayRemovals} from './drift.ts';
import {asEncryptedNow} from './encryption.ts';
import {gateScript} from './gate-script.ts';
import type {HostSurvey} from './host-survey.ts';
import {imageSteps} from './image-steps.ts';
import {isMember, nodeOf} from './membership.ts';
import {leavingSteps, type MadeNode, registeringSteps} from './monitor-rebuild.ts';
import {passwordFileScript} from './password-file.ts';
import {type Renewal, renewalsOf} from './renewals.ts';
import {type FreshSecrets, keptSecrets, type Passwords, type Secrets, sameSecrets, secretsFileName} from './secrets.ts';
import {databaseSteps, folderSteps, hbaSteps, type Part, parameterSteps} from './server-steps.ts';

/** One thing that a bootstrap makes or changes. */
export type BootstrapStep =
  | {kind: 'file'; host: string; path: string; content: string; before: string | undefined}
  | {kind: 'pull'; host: string; image: string; argv: readonly string[]}
  /** An image that another host has. */
  | {kind: 'image'; host: string; from: string; image: string}
  /** An image that the machine pgaf runs on has. */
  | {kind: 'own-image'; host: string; image: string}
  /** The passwords: their content is never shown. */
  | {kind: 'secrets'; host: string; path: string; secrets: Secrets}
  /** A role's password; only its verifier leaves this machine. */
  | {kind: 'password'; host: string; role: string; argv: readonly string[]; password: string}
  /** The passwords by which a node connects; on its standard input. */
  | {kind: 'pgpass'; host: string; container: string; argv: readonly string[]; passwords: Passwords}
  | {kind: 'container'; host: string; container: string; argv: readonly string[]; waitsFor: Awaited}
  /** A folder for data becomes the image's user's. */
  | {kind: 'folder'; host: string; path: string; argv: readonly string[]}
  /** Something that PostgreSQL of a container gets; what it reads is shown. */
  | {kind: 'server'; host: string; what: string; argv: readonly string[]; input: string}
  /** The application's database and user. */
  | {kind: 'database'; host: string; argv: readonly string[]; database: ApplicationDatabase; password: string}
  /** How the application connects, its password among it: never shown. */
  | {kind: 'application'; host: string; path: string; content: string}
  /** Something that running containers are made to do; `serves`: the node that has to serve before the next step. */
  | {kind: 'command'; host: string; title: string; argv: readonly string[]; serves?: string}
  | {kind: 'setting'; host: string; what: string; from: string; to: string; argv: readonly string[]};

type Awaited = 'monitor' | 'primary' | 'node' | 'nothing';

/** What is there already, and what has to be done, in its order. Nothing to do: the cluster is as it is described. */
export type BootstrapPlan = {
  exists: readonly string[];
  steps: readonly BootstrapStep[];
  /** What takes effect only when a container is made anew: nothing but `--rolling` stops one that runs. */
  renewals: readonly Renewal[];
  /** What is otherwise than described and left alone, each with what would mend it. */
  drift: readonly string[];
};

/**
 * The plan that leads from what was found to what is described; the same facts give the same plan, so that an apply can be resumed.
 * `withoutMonitor`: nodes that have to be registered with a monitor that is made anew. Encryption that is not there yet is none of it.
 */
export function planBootstrap(
  wanted: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
  docker: ReadonlyMap<string, readonly string[]>,
  fresh: FreshSecrets,
  withoutMonitor: readonly MadeNode[] = [],
): BootstrapPlan {
  const cluster = asEncryptedNow(wanted, surveys);
  const exists: string[] = [];
  const steps: BootstrapStep[] = [];
  const surveyOf = (host: string) => surveys.find(survey => survey.host === host);
  const dockerOn = (host: string) => docker.get(host) ?? ['docker'];
  const {folder} = cluster.settings;
  const secrets: Secrets = keptSecrets(surveys.map(survey => survey.secrets)) ?? fresh;
  const asks = cluster.settings.authentication !== 'trust';
  for (const host of hostsOf(cluster)) {
    for (const [name, content] of filesOf(wanted, host)) {
      const before = surveyOf(host)?.files.get(name);
      const path = `${folder}/${name}`;
      if (before === content) exists.push(`${host}: ${path}`);
      else steps.push({kind: 'file', host, path, content, before});
    }
  }
  steps.push(...imageSteps(cluster, surveys, dockerOn));
  for (const host of asks ? hostsOf(cluster) : []) {
    const path = `${folder}/${secretsFileName}`;
    const kept = surveyOf(host)?.secrets;
    if (kept !== undefined && sameSecrets(kept, secrets)) exists.push(`${host}: ${path}`);
    else steps.push({kind: 'secrets', host, path, secrets});
  }
  const found = {surveys, monitor, docker};
  steps.push(...folderSteps(cluster, found));
  const add = (part: Part) => {
    exists.push(...part.exists);
    steps.push(...part.steps);
  };
  const start = (container: DesiredContainer, waitsFor: Awaited) => {
    const survey = surveyOf(container.host);
    const state = survey?.containers.get(container.container)?.state;
    const isNode = waitsFor === 'node' || waitsFor === 'primary';
    const isThere = isNode ? isMember(monitor, container) : monitor !== undefined;
    if (state === 'running' && isThere) exists.push(`${container.host}: ${container.container} runs`);
    else
      steps.push({
        kind: 'container',
        host: container.host,
        container: container.container,
        argv: [
          ...composeCommand(cluster, survey?.compose ?? ['docker', 'compose']),
          'up',
          '-d',
          '--no-recreate',
          container.container,
        ],
        waitsFor,
      });
  };
  const password = ({host, container, port}: DesiredContainer, database: string, role: string, text: string) => {
    const psql = ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-p', String(port), '-d', database];
    const argv = [...dockerOn(host), 'exec', '-i', container, ...psql];
    steps.push({kind: 'password', host, role, argv, password: text});
  };
  steps.push(...leavingSteps(cluster, surveys, withoutMonitor, dockerOn));
  // Behind a bridge it lets nobody in from outside before its pg_hba.conf is written.
  start(cluster.monitor, cluster.settings.network === 'host' ? 'monitor' : 'nothing');
  add(hbaSteps(cluster, cluster.monitor, found));
  // Set again as long as somebody may still need it: an interruption may have come before it.
  if (asks && !cluster.nodes.some(node => isMember(monitor, node)))
    password(cluster.monitor, 'pg_auto_failover', 'autoctl_node', secrets.monitorPassword);
  // The new monitor looks after them from the first moment: a line of the configuration may lock it out before they are registered.
  for (const {node} of withoutMonitor) add(hbaSteps(cluster, node, found));
  // A rotation was interrupted: the new monitor has the old password, and who has a new one already would not get in. It is gone on with later.
  if (asks && secrets.next !== undefined) {
    const writing = withoutMonitor.find(takesWrites)?.node;
    if (writing !== undefined) password(writing, 'postgres', 'pgautofailover_replicator', secrets.replicationPassword);
    for (const {node} of withoutMonitor) {
      const argv = [...dockerOn(node.host), 'exec', '-i', node.container, 'sh', '-c', passwordFileScript];
      steps.push({kind: 'pgpass', host: node.host, container: node.container, argv, passwords: secrets});
    }
  }
  steps.push(...registeringSteps(cluster, monitor, withoutMonitor, dockerOn));
  const primary = primaryAmong(cluster, monitor, withoutMonitor);
  const others = cluster.nodes.filter(node => node !== primary);
  const isMade = (node: DesiredNode) => withoutMonitor.some(each => each.node === node);
  if (primary !== undefined) {
    if (!isMade(primary)) {
      start(primary, 'primary');
      add(hbaSteps(cluster, primary, found));
    }
    // Before a second one wants to stream from it; what is replicated holds for all.
    if (asks && !others.every(node => isMade(node) || isMember(monitor, node)))
      password(primary, 'postgres', 'pgautofailover_replicator', secrets.replicationPassword);
    add(databaseSteps(cluster, primary, found, fresh.applicationPassword));
    add(parameterSteps(cluster, primary, found));
  }
  for (const node of others) {
    if (!isMade(node)) {
      start(node, 'node');
      add(hbaSteps(cluster, node, found));
    }
    add(parameterSteps(cluster, node, found));
  }
  const inPlace = {cluster, surveys, monitor, docker: dockerOn};
  for (const node of [...cluster.nodes].sort((a, b) => Number(b === primary) - Number(a === primary)))
    steps.push(
      ...reachMonitorSteps(inPlace, node),
      ...moveNodeSteps(inPlace, node, primary),
      ...followPrimarySteps(inPlace, node, primary),
    );
  for (const step of settingSteps(cluster, monitor, dockerOn(cluster.monitor.host))) {
    if (step.from === step.to) exists.push(`${step.what} is ${step.to}`);
    else steps.push(step);
  }
  steps.push(...strayRemovals(surveys, monitor, dockerOn));
  return {
    exists,
    steps,
    renewals: renewalsOf(wanted, surveys, monitor),
    drift: driftOf(cluster, surveys, monitor),
  };
}

/** The node that takes the writes, or is to be the first to. */
function primaryAmong(
  cluster: DesiredCluster,
  monitor: MonitorReading | undefined,
  withoutMonitor: readonly MadeNode[],
): DesiredNode | undefined {
  const writing = withoutMonitor.find(takesWrites);
  if (writing !== undefined) return writing.node;
  const name = monitor === undefined ? undefined : primaryOf(monitor)?.name;
  return cluster.nodes.find(node => node.container === name) ?? cluster.nodes[0];
}

function takesWrites({postgres}: MadeNode): boolean {
  return postgres?.inRecovery === false;
}

/** The files of a host by name. */
export function filesOf(cluster: DesiredCluster, host: string): ReadonlyMap<string, string> {
  return new Map([
    ['gate.sh', gateScript],
    ['docker-compose.yml', composeFile(cluster, host)],
  ]);
}

type Setting = BootstrapStep & {kind: 'setting'};

/**
 * Applied when every node is a member: number_sync_standbys needs its standbys (R49). By psql: pg_autoctl of 2.0 to 2.2 refuses every value in the
 * monitor's own container (cli_get_set_properties.c, a stale errno).
 */
function settingSteps(
  cluster: DesiredCluster,
  monitor: MonitorReading | undefined,
  docker: readonly string[],
): readonly Setting[] {
  const {host, container, port} = cluster.monitor;
  const psql = ['psql', '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', 'pg_auto_failover', '-p', String(port)];
  const formation = literal(cluster.formation);
  const set = (what: string, from: string, to: string, call: string): Setting => ({
    kind: 'setting',
    ...{host, what, from, to},
    argv: [...docker, 'exec', container, ...psql, '-c', `SELECT pgautofailover.${call}`],
  });
  const quorumStandbys = cluster.nodes.filter(node => node.replicationQuorum).length - 1;
  const wanted = String(Math.max(0, Math.min(cluster.settings.numberSyncStandbys, quorumStandbys - 1)));
  const now = monitor === undefined ? 'not known yet' : String(monitor.formation.numberSyncStandbys);
  return [
    ...cluster.nodes.flatMap(node => nodeSettings(node, nodeOf(monitor, node.container), formation, set)),
    set('number-sync-standbys', now, wanted, `set_formation_number_sync_standbys(${formation}, ${wanted})`),
  ];
}

function nodeSettings(
  node: DesiredNode,
  found: MonitorNode | undefined,
  formation: string,
  set: (what: string, from: string, to: string, call: string) => Setting,
): readonly Setting[] {
  // A node that is not there yet registers with what the Compose file says.
  if (found === undefined) return [];
  const name = literal(node.container);
  const priority = String(node.candidatePriority);
  const quorum = String(node.replicationQuorum);
  const {candidatePriority, replicationQuorum} = found;
  return [
    set(
      `candidate priority of ${node.container}`,
      String(candidatePriority),
      priority,
      `set_node_candidate_priority(${formation}, ${name}, ${priority})`,
    ),
    set(
      `replication quorum of ${node.container}`,
      String(replicationQuorum),
      quorum,
      `set_node_replication_quorum(${formation}, ${name}, ${quorum})`,
    ),
  ];
}
