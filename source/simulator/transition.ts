import {canTakeWrites} from '../cluster/replication-state.ts';
import {primaryOf, primaryOrDemotedOf, synchronousStandbyNames} from './find-nodes.ts';
import {beginHistory, canFollow, commonPosition} from './history.ts';
import type {KeeperAction} from './keeper-edges.ts';
import {routeBetween} from './network.ts';
import {isBeingPromoted} from './node-predicates.ts';
import {promotePostgres, setStandbyNames, startPostgres, stopPostgres, upstreamOf} from './postgres.ts';
import type {DataNode, Simulation} from './simulation.ts';
import {connectStream, untilSilentLeave} from './streaming.ts';
import {liveSynchronous, settle, writeGap} from './wal.ts';

/** A timeline fork: starting fails only after Postgres has been waited for. */
const startTimeout = 10_000;

/** A database that is copied anew: bytes a second of a base backup. */
const rewindMilliseconds = 900;

/** Does what comes first on an edge, and says how much longer the whole takes than usual (ms). */
export function beginAction(simulation: Simulation, node: DataNode, action: KeeperAction): number {
  const {postgres} = node;
  settle(simulation, node.group);
  switch (action) {
    case 'stop':
    case 'setUpStandby':
    case 'reportLsn':
    case 'initStandby': {
      const longer = untilSilentLeave(simulation, node);
      stopPostgres(simulation, node);
      return longer;
    }
    case 'follow': {
      const primary = primaryToFollow(simulation, node);
      if (primary !== postgres.upstream) stopPostgres(simulation, node);
      return isForked(node, primary) ? startTimeout : 0;
    }
    case 'rewind': {
      const primary = primaryToFollow(simulation, node);
      if (primary !== postgres.upstream || !postgres.standby) stopPostgres(simulation, node);
      return isForked(node, primary) ? rewindMilliseconds : 0;
    }
    default:
      return 0;
  }
}

/** Does what an edge is about. Undefined: done; otherwise why not, as pg_autoctl says it. */
export function finishAction(simulation: Simulation, node: DataNode, action: KeeperAction): string | undefined {
  const {postgres} = node;
  settle(simulation, node.group);
  switch (action) {
    case 'initPrimary':
      if (!postgres.hasData) beginHistory(node.group, node);
      return startAsPrimary(simulation, node, true);
    case 'resumeAsPrimary':
    case 'start':
      return startAsPrimary(simulation, node, action !== 'start');
    case 'setUpStandby':
      postgres.standby = true;
      postgres.upstream = undefined;
      return undefined;
    case 'disableReplication':
    case 'disableSync':
      setStandbyNames(postgres, '');
      return undefined;
    case 'enableSync':
      return enableSync(simulation, node);
    case 'promote':
    case 'promoteReadOnly':
      return promote(simulation, node, action === 'promoteReadOnly');
    case 'open':
      postgres.readOnly = false;
      return postgres.running ? undefined : 'Failed to connect to the local Postgres instance';
    case 'initStandby':
      return initStandby(simulation, node);
    case 'rewind':
      return rewind(simulation, node);
    case 'follow':
      return follow(simulation, node, primaryToFollow(simulation, node));
    case 'reportLsn':
      postgres.standby = true;
      postgres.readOnly = false;
      postgres.upstream = undefined;
      return startPostgres(simulation, node);
    case 'fastForward':
      return fastForward(simulation, node);
    case 'stopReplicating':
      postgres.upstream = undefined;
      postgres.stream = undefined;
      return undefined;
    default:
      return undefined;
  }
}

function startAsPrimary(simulation: Simulation, node: DataNode, alone: boolean): string | undefined {
  const {postgres} = node;
  postgres.standby = false;
  postgres.readOnly = false;
  postgres.hasData = true;
  if (alone) setStandbyNames(postgres, '');
  return startPostgres(simulation, node);
}

// fsm_enable_sync_rep: without a synchronous standby that streams it fails, and is tried again for ever.
function enableSync(simulation: Simulation, node: DataNode): string | undefined {
  const {postgres, group} = node;
  if (!postgres.running) return 'Failed to connect to the local Postgres instance';
  const names = synchronousStandbyNames(simulation.monitor.database, group.formation, group.number);
  const changed = names !== postgres.standbyNames;
  setStandbyNames(postgres, names);
  if (changed) writeGap(postgres, 0xb0);
  if (names === '') return undefined;
  return liveSynchronous(node).length > 0
    ? undefined
    : "Failed to set the standby Target LSN because we don't have a quorum candidate yet";
}

function promote(simulation: Simulation, node: DataNode, readOnly: boolean): string | undefined {
  const {postgres} = node;
  if (!postgres.running) return 'Failed to promote standby: Postgres is not running';
  promotePostgres(simulation, node);
  postgres.readOnly = readOnly;
  return undefined;
}

/** standby_init_database: data that is there is used as it is, without a rewind. */
function initStandby(simulation: Simulation, node: DataNode): string | undefined {
  return node.postgres.hasData
    ? follow(simulation, node, primaryToFollow(simulation, node))
    : copyPrimary(simulation, node);
}

function copyPrimary(simulation: Simulation, node: DataNode): string | undefined {
  const source = nodeById(node, primaryToFollow(simulation, node)) ?? reporter(simulation, node);
  if (source === undefined || !isReachable(simulation, node, source))
    return 'Failed to connect to the primary for pg_basebackup';
  const {postgres} = node;
  postgres.branch = source.postgres.branch;
  postgres.lsn = source.postgres.lsn;
  postgres.replayed = source.postgres.lsn;
  postgres.systemIdentifier = source.postgres.systemIdentifier;
  postgres.hasData = true;
  postgres.crashed = false;
  return follow(simulation, node, source.state?.nodeId);
}

function rewind(simulation: Simulation, node: DataNode): string | undefined {
  const primary = primaryToFollow(simulation, node);
  const source = nodeById(node, primary);
  if (source === undefined || !isReachable(simulation, node, source)) {
    return 'Failed to connect to the primary for pg_rewind';
  }
  const {postgres} = node;
  if (!postgres.running && canFollow(postgres, source.postgres) === 'forked') {
    postgres.lsn = commonPosition(postgres, source.postgres) || source.postgres.lsn;
    postgres.replayed = postgres.lsn;
    postgres.branch = source.postgres.branch;
  }
  return follow(simulation, node, primary);
}

function follow(simulation: Simulation, node: DataNode, upstream: number | undefined): string | undefined {
  const {postgres} = node;
  if (upstream === undefined) return 'Failed to find a primary node to follow';
  if (postgres.upstream !== upstream && postgres.running) stopPostgres(simulation, node);
  postgres.standby = true;
  postgres.readOnly = false;
  postgres.upstream = upstream;
  setStandbyNames(postgres, '');
  const problem = startPostgres(simulation, node);
  if (problem !== undefined) return problem;
  return connectStream(simulation, node) ? undefined : 'Failed to reach the timeline of the upstream node';
}

function fastForward(simulation: Simulation, node: DataNode): string | undefined {
  const {postgres} = node;
  const rows = simulation.monitor.database.group(node.formation, node.group.number);
  const [source] = rows
    .filter(
      row =>
        row.nodeid !== node.state?.nodeId && row.reportedstate !== 'maintenance' && !canTakeWrites(row.reportedstate),
    )
    .sort((a, b) => b.reportedlsn - a.reportedlsn);
  const other = nodeById(node, source?.nodeid);
  if (other === undefined || !isReachable(simulation, node, other)) {
    return 'Failed to fast forward from the most advanced standby node, see above for details';
  }
  if (!postgres.running) return 'Failed to fast forward: Postgres is not running';
  postgres.lsn = Math.max(postgres.lsn, other.postgres.lsn);
  postgres.branch = other.postgres.branch;
  return undefined;
}

/** The node that a base backup is being copied from into this one. */
export function copiesFrom(simulation: Simulation, node: DataNode): DataNode | undefined {
  const {state, keeper, postgres} = node;
  const begins = state?.role === 'wait_standby' && state.assigned === 'catchingup';
  if (!begins || !keeper.busy || postgres.hasData) return undefined;
  return nodeById(node, primaryToFollow(simulation, node));
}

/** The node id that a standby is to follow: the primary, or the one that is being promoted. */
function primaryToFollow(simulation: Simulation, node: DataNode): number | undefined {
  const rows = simulation.monitor.database.group(node.formation, node.group.number);
  const row = primaryOf(rows) ?? rows.find(isBeingPromoted) ?? primaryOrDemotedOf(rows);
  return row?.nodeid === node.state?.nodeId ? undefined : row?.nodeid;
}

function reporter(simulation: Simulation, node: DataNode): DataNode | undefined {
  const rows = simulation.monitor.database.group(node.formation, node.group.number);
  return nodeById(node, rows.find(row => row.reportedstate === 'report_lsn')?.nodeid);
}

function nodeById(node: DataNode, id: number | undefined): DataNode | undefined {
  return id === undefined ? undefined : node.group.nodes.find(other => other.state?.nodeId === id);
}

function isForked(node: DataNode, upstream: number | undefined): boolean {
  const other = nodeById(node, upstream) ?? upstreamOf(node);
  return other !== undefined && other !== node && canFollow(node.postgres, other.postgres) === 'forked';
}

function isReachable(simulation: Simulation, node: DataNode, other: DataNode): boolean {
  return other.postgres.running && routeBetween(simulation, node, other) === 'open';
}
