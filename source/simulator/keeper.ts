import {canTakeWrites, type ReplicationState} from '../cluster/replication-state.ts';
import {type KeeperEdge, keeperEdge} from './keeper-edges.ts';
import {type LogLevel, log} from './log-lines.ts';
import {roundTrip, routeBetween} from './network.ts';
import {nodeActive} from './node-active.ts';
import {whenThawed} from './pause.ts';
import {bestSyncState, startPostgres, stopPostgres} from './postgres.ts';
import {otherNodesLines, runningLines, type ServiceLine, servingLines} from './service-lines.ts';
import type {DataNode, KeeperFile, Simulation} from './simulation.ts';
import {beginAction, finishAction} from './transition.ts';
import {settle, streamsOf} from './wal.ts';

/** PG_AUTOCTL_KEEPER_SLEEP_TIME, and network_partition_timeout. */
const sleepTime = 1000;
const partitionTimeout = 20_000;
/** So often Postgres must fail to start before the keeper says that it does not run. */
const startRetries = 3;
/** What a start of Postgres takes (ms): the first one after the container's, and later ones. */
const firstStart: readonly [number, number] = [1100, 1900];
const restart: readonly [number, number] = [250, 700];
/** Asked for its position some seconds (not at once, not long) after it lost its upstream, a standby takes this much longer. */
const afterLoss: readonly [number, number] = [1000, 1900];
/** A node that joins with the data of an earlier time only starts it. */
const withoutBaseBackup: readonly [number, number] = [900, 1900];
const lostBetween: readonly [number, number] = [600, 10_000];

/** The keeper's loop begins: from now on it reports once a second. `ended` is called when it is through for good (dropped). */
export function beginLoop(simulation: Simulation, node: DataNode, ended: () => void): void {
  resumeLoop(simulation, node, ended);
  node.keeper.firstRound = true;
  write(simulation, node, runningLines(node.keeper.pid, node.state?.role ?? 'init'));
}

/** The same for a keeper that has run for long: it starts nothing anew, and says nothing of it. */
export function resumeLoop(simulation: Simulation, node: DataNode, ended: () => void): void {
  const {keeper} = node;
  keeper.running = true;
  keeper.busy = false;
  keeper.firstRound = false;
  keeper.couldContact = true;
  keeper.failedStarts = 0;
  keeper.complaint = '';
  schedule(simulation, node, 10, ended);
}

/** The loop ends with its container. */
export function endLoop(node: DataNode): void {
  node.keeper.running = false;
  node.keeper.busy = false;
  if (node.keeper.next !== undefined) node.keeper.next.cancelled = true;
  node.keeper.next = undefined;
}

/** The monitor has said that something changed in the node's group: a keeper that sleeps looks at once. */
export function wakeKeeper(simulation: Simulation, node: DataNode): void {
  const {keeper} = node;
  if (!keeper.running || keeper.busy || keeper.next === undefined || !keeper.couldContact) return;
  const {engine, monitor} = simulation;
  if (routeBetween(simulation, node, monitor) !== 'open') return;
  const soon = engine.random.between(6, 22) + roundTrip(node.host, monitor.host);
  if (keeper.next.at - engine.now() <= soon) return;
  const {run} = keeper.next;
  keeper.next.cancelled = true;
  keeper.next = engine.after(soon, run);
}

function schedule(simulation: Simulation, node: DataNode, milliseconds: number, ended: () => void): void {
  const {life} = node.container;
  node.keeper.next = simulation.engine.after(milliseconds, () => {
    node.keeper.next = undefined;
    whenThawed(node.container, () => {
      if (node.container.life === life && node.keeper.running) round(simulation, node, ended);
    });
  });
}

function later(simulation: Simulation, node: DataNode, milliseconds: number, then: () => void): void {
  const {life} = node.container;
  node.keeper.busy = true;
  simulation.engine.after(milliseconds, () =>
    whenThawed(node.container, () => {
      if (node.container.life !== life || !node.keeper.running) return;
      node.keeper.busy = false;
      then();
    }),
  );
}

/** One round of keeper_node_active_loop (service_keeper.c). */
function round(simulation: Simulation, node: DataNode, ended: () => void): void {
  const {keeper, state, host} = node;
  if (state === undefined) return;
  settle(simulation, node.group);
  const now = simulation.engine.now();
  if (canTakeWrites(state.role) && streamsOf(node).length > 0) state.lastSecondaryContact = now;
  const route = routeBetween(simulation, node, simulation.monitor);
  const reached = route === 'open' && simulation.monitor.answers;
  const own = reached && report(simulation, node, state);
  if (reached && state.role === 'dropped' && simulation.monitor.database.node(state.nodeId) === undefined) {
    ended();
    return;
  }
  if (!reached) withoutMonitor(simulation, node, state, now);
  const first = keeper.firstRound;
  keeper.firstRound = false;
  if (state.assigned !== state.role) {
    say(simulation, node, 'INFO', `${reached ? 'Monitor assigned' : 'Reaching'} new state "${state.assigned}"`);
    reach(simulation, node, state, own, ended);
    return;
  }
  // An attempt to connect to a machine that does not answer takes its time.
  const sleep = sleepTime + (route === 'open' ? roundTrip(host, simulation.monitor.host) : 1500);
  const next = (noticed = false) =>
    schedule(simulation, node, noticed ? 10 : sleep + simulation.engine.random.between(5, 40), ended);
  if (!reached || !ensureState(simulation, node, state, first, next)) next();
}

/** Reports to the monitor. True when this very report made it assign another state. */
function report(simulation: Simulation, node: DataNode, state: KeeperFile): boolean {
  const {keeper, postgres} = node;
  const {database} = simulation.monitor;
  const before = database.node(state.nodeId)?.goalstate;
  const answer = nodeActive(database, {
    nodeId: state.nodeId,
    state: state.role,
    postgresRunning: saysRunning(node, state.role),
    timeline: postgres.branch.timeline,
    lsn: postgres.running ? Math.floor(postgres.lsn) : 0,
    syncState: bestSyncState(node),
  });
  if (!answer.ok) {
    complain(simulation, node, 'ERROR', `Monitor ERROR:  ${answer.error.message}`);
    keeper.couldContact = false;
    return false;
  }
  if (keeper.firstRound) {
    const others = database.group(node.formation, node.group.number).filter(row => row.nodeid !== state.nodeId);
    write(simulation, node, otherNodesLines(keeper.pid, others));
  }
  if (!keeper.couldContact) say(simulation, node, 'INFO', 'Successfully got the goal state from the monitor');
  keeper.couldContact = true;
  keeper.complaint = '';
  state.lastMonitorContact = simulation.engine.now();
  state.assigned = answer.assigned;
  return before !== answer.assigned;
}

/** The first report after a start says that Postgres does not run; later a primary's keeper first tries to start it again. */
function saysRunning({keeper, postgres}: DataNode, role: ReplicationState): boolean {
  if (postgres.running) return true;
  return canTakeWrites(role) && !keeper.firstRound && keeper.failedStarts < startRetries;
}

/** No monitor: a primary without any standby for too long fences itself. */
function withoutMonitor(simulation: Simulation, node: DataNode, state: KeeperFile, now: number): void {
  const {keeper, postgres} = node;
  if (keeper.couldContact) {
    const {host, port} = simulation.monitor;
    const uri = `postgres://autoctl_node@${host.address}:${port}/pg_auto_failover`;
    say(simulation, node, 'ERROR', `Failed to connect to monitor database at "${uri}", see above for details`);
    say(simulation, node, 'ERROR', 'Failed to get the goal state from the monitor');
  }
  keeper.couldContact = false;
  if (state.role !== 'primary' || !postgres.running) return;
  if (now - state.lastMonitorContact <= partitionTimeout) return;
  if (streamsOf(node).length > 0) {
    const still = "We lost the monitor, but still have a standby: we're not in a network partition, continuing.";
    complain(simulation, node, 'INFO', still);
    return;
  }
  complain(simulation, node, 'WARN', 'Checking for network partitions...');
  if (now - state.lastSecondaryContact <= partitionTimeout) return;
  say(
    simulation,
    node,
    'INFO',
    'This node is in a network partition: we lost the monitor and the standby nodes, stopping Postgres now.',
  );
  state.assigned = 'demote_timeout';
}

function reach(simulation: Simulation, node: DataNode, state: KeeperFile, own: boolean, ended: () => void): void {
  const {engine} = simulation;
  const target = state.assigned;
  const edge = keeperEdge(state.role, target);
  if (edge === undefined) {
    const message = `pg_autoctl does not know how to reach state "${target}" from "${state.role}"`;
    say(simulation, node, 'FATAL', message);
    schedule(simulation, node, sleepTime, ended);
    return;
  }
  say(simulation, node, 'INFO', `FSM transition from "${state.role}" to "${target}": ${edge.comment}`);
  const ensured = ensureBefore(simulation, node, state);
  const usual = durationOf(simulation, node, state, edge, own);
  const duration = usual + beginAction(simulation, node, edge.action) + ensured;
  later(simulation, node, duration, () => {
    const problem = finishAction(simulation, node, edge.action);
    if (problem === undefined) {
      say(simulation, node, 'INFO', `Transition complete: current state is now "${target}"`);
      state.role = target;
      schedule(simulation, node, engine.random.between(3, 12), ended);
      return;
    }
    say(simulation, node, problem.startsWith('FATAL') ? 'ERROR' : 'WARN', problem);
    say(simulation, node, 'ERROR', `Failed to transition from state "${state.role}" to state "${target}", see above.`);
    say(simulation, node, 'ERROR', `Failed to transition to state "${target}", retrying... `);
    schedule(simulation, node, sleepTime, ended);
  });
}

function durationOf(
  {engine}: Simulation,
  {keeper, postgres}: DataNode,
  state: KeeperFile,
  edge: KeeperEdge,
  own: boolean,
): number {
  if (edge.action === 'initStandby' && postgres.hasData) return engine.random.between(...withoutBaseBackup);
  const duration = engine.random.between(edge.shortest, edge.longest);
  const lost = postgres.standby && postgres.running && postgres.stream === undefined;
  const lostFor = engine.now() - postgres.lostStreamAt;
  if (edge.action === 'reportLsn' && lost && lostFor > lostBetween[0] && lostFor < lostBetween[1]) {
    return duration + engine.random.between(...afterLoss);
  }
  // The candidate that completed the election itself goes through one more round of its loop.
  const round = own && state.role === 'report_lsn' && state.assigned === 'prepare_promotion';
  return duration + (round && !keeper.firstRound ? sleepTime : 0);
}

const running: readonly ReplicationState[] = [
  'single',
  'primary',
  'wait_primary',
  'join_primary',
  'apply_settings',
  'prepare_promotion',
  'stop_replication',
  'secondary',
  'report_lsn',
  'catchingup',
];
const stopped: readonly ReplicationState[] = ['draining', 'demote_timeout', 'demoted'];

/** keeper_ensure_current_state: starts or stops Postgres as the state wants it. True when that takes a while; `then` follows. */
function ensureState(
  simulation: Simulation,
  node: DataNode,
  state: KeeperFile,
  first: boolean,
  then: (noticed: boolean) => void,
): boolean {
  const {postgres, keeper} = node;
  if (stopped.includes(state.role) && postgres.running) {
    say(simulation, node, 'WARN', `PostgreSQL is running while in state "${state.role}", stopping PostgreSQL.`);
    stopPostgres(simulation, node);
    return false;
  }
  if (!running.includes(state.role) || postgres.running) return false;
  later(simulation, node, simulation.engine.random.between(...(first ? firstStart : restart)), () => {
    const problem = startPostgres(simulation, node);
    if (problem === undefined) {
      keeper.failedStarts = 0;
      const pid = nextPid(simulation);
      write(simulation, node, servingLines(node.port, pid));
      say(simulation, node, 'WARN', `PostgreSQL was not running, restarted with pid ${pid}`);
    } else {
      keeper.failedStarts += 1;
      complain(simulation, node, 'ERROR', problem);
      complain(simulation, node, 'ERROR', 'Failed to restart PostgreSQL, see PostgreSQL logs for instance');
    }
    // What the monitor said meanwhile is looked at without sleep.
    then(simulation.monitor.database.node(state.nodeId)?.goalstate !== state.assigned);
  });
  return true;
}

/** keeper_should_ensure_current_state_before_transition; what it adds to the time of the transition. */
function ensureBefore(simulation: Simulation, node: DataNode, state: KeeperFile): number {
  const {postgres} = node;
  const exempt = stopped.includes(state.assigned) || stopped.includes(state.role) || state.role === 'secondary';
  if (exempt || postgres.running || !running.includes(state.role)) return 0;
  startPostgres(simulation, node);
  return simulation.engine.random.between(250, 700);
}

/** What comes again every second is said once a minute. */
function complain(simulation: Simulation, node: DataNode, level: LogLevel, message: string): void {
  const minute = Math.floor(simulation.engine.now() / 60_000);
  const complaint = `${minute} ${message}`;
  if (node.keeper.complaint === complaint) return;
  node.keeper.complaint = complaint;
  say(simulation, node, level, message);
}

function say(simulation: Simulation, node: DataNode, level: LogLevel, message: string): void {
  log(simulation, node.container, node.keeper.pid, level, message);
}

function write(simulation: Simulation, node: DataNode, lines: readonly ServiceLine[]): void {
  for (const {pid, level, message} of lines) log(simulation, node.container, pid, level, message);
}

/** A process number that was not given before. */
export function nextPid(simulation: Simulation): number {
  simulation.lastPid += 1;
  return simulation.lastPid;
}
