import {parseSynchronousStandbyNames} from '../cluster/synchronous.ts';
import {isDiskFull} from './disk.ts';
import {canFollow, forkHistory} from './history.ts';
import type {Branch, DataNode, Postgres, Simulation} from './simulation.ts';
import {connectStream, endDownstream, leaveStream} from './streaming.ts';
import {liveSynchronous, settle, streamsOf, writeGap} from './wal.ts';

/** Bytes that PostgreSQL writes for a shutdown checkpoint, and for the end of recovery with its new timeline. */
const checkpointBytes = 0x78;
const promotionBytes = 0x190;

/** A Postgres that has never run. */
export function newPostgres(branch: Branch, systemIdentifier: string): Postgres {
  return {
    running: false,
    startedAt: 0,
    standby: false,
    readOnly: false,
    standbyNames: '',
    required: 0,
    synchronous: new Set(),
    branch,
    lsn: branch.fork,
    replayed: branch.fork,
    upstream: undefined,
    stream: undefined,
    ghost: undefined,
    retry: undefined,
    lostStreamAt: 0,
    crashed: false,
    waiting: 0,
    systemIdentifier,
    lastCommitAt: 0,
    hasData: false,
  };
}

/** Starts Postgres as its files say; the first line of its complaint when it does not start. */
export function startPostgres(simulation: Simulation, node: DataNode): string | undefined {
  const {postgres} = node;
  if (postgres.running) return undefined;
  settle(simulation, node.group);
  if (isDiskFull(simulation, node.host)) {
    return 'FATAL:  could not write lock file "postmaster.pid": No space left on device';
  }
  if (postgres.standby) {
    const upstream = upstreamOf(node);
    // A node that knows the new timeline's history, but has WAL beyond the point where it began, cannot start.
    if (upstream?.postgres.running === true && canFollow(postgres, upstream.postgres) === 'forked') {
      return `FATAL:  requested timeline ${upstream.postgres.branch.timeline} is not a child of this server's history`;
    }
  }
  postgres.running = true;
  postgres.startedAt = simulation.engine.now();
  if (postgres.crashed && !postgres.standby) writeGap(postgres, checkpointBytes);
  postgres.crashed = false;
  if (postgres.standby) connectStream(simulation, node);
  return undefined;
}

/** Stops Postgres in good order: its shutdown checkpoint still reaches the standbys that stream. */
export function stopPostgres(simulation: Simulation, node: DataNode): void {
  const {postgres} = node;
  if (!postgres.running) return;
  settle(simulation, node.group);
  if (!postgres.standby) {
    const streaming = streamsOf(node).filter(
      standby => standby.postgres.stream?.stalledAt === undefined && standby.fault.receive === undefined,
    );
    writeGap(postgres, checkpointBytes);
    for (const standby of streaming) standby.postgres.lsn = Math.max(standby.postgres.lsn, postgres.lsn);
  }
  end(simulation, node);
}

/** Postgres ends without a word: kill, power cut, a full disk. */
export function crashPostgres(simulation: Simulation, node: DataNode): void {
  if (!node.postgres.running) return;
  settle(simulation, node.group);
  node.postgres.crashed = true;
  end(simulation, node);
}

/** Ends recovery: a new timeline begins here. */
export function promotePostgres(simulation: Simulation, node: DataNode): void {
  const {postgres} = node;
  settle(simulation, node.group);
  if (!postgres.running || !postgres.standby) return;
  postgres.stream = undefined;
  postgres.upstream = undefined;
  postgres.standby = false;
  setStandbyNames(postgres, '');
  forkHistory(node.group, node);
  writeGap(postgres, promotionBytes);
  // Whoever received from it connects anew, to its new timeline.
  endDownstream(simulation, node);
}

/** Sets synchronous_standby_names; commits that wait are freed when nothing is asked any more. */
export function setStandbyNames(postgres: Postgres, names: string): void {
  const parsed = parseSynchronousStandbyNames(names);
  postgres.standbyNames = names;
  postgres.required = parsed?.required ?? 0;
  const id = (name: string) => Number(/_standby_(\d+)$/.exec(name)?.[1] ?? -1);
  postgres.synchronous = new Set(parsed?.names.map(id) ?? []);
}

/** `pg_stat_replication.sync_state` of the best standby as the keeper reports it; `unknown` without any. */
export function bestSyncState(node: DataNode): string {
  if (!node.postgres.running || node.postgres.standby) return 'unknown';
  if (liveSynchronous(node).length > 0) return 'quorum';
  return streamsOf(node).length > 0 ? syncStateOfRest(node) : 'unknown';
}

/** The node it follows, if that is in its group. */
export function upstreamOf(node: DataNode): DataNode | undefined {
  const id = node.postgres.upstream;
  return id === undefined ? undefined : node.group.nodes.find(other => other.state?.nodeId === id);
}

// Cut-off standbys are shown with their last state until the sender gives them up.
function syncStateOfRest(node: DataNode): string {
  const listed = streamsOf(node).some(standby => node.postgres.synchronous.has(standby.state?.nodeId ?? -1));
  return listed ? 'quorum' : 'async';
}

function end(simulation: Simulation, node: DataNode): void {
  const {postgres} = node;
  postgres.running = false;
  leaveStream(simulation, node);
  postgres.waiting = 0;
  if (postgres.retry !== undefined) postgres.retry.cancelled = true;
  postgres.retry = undefined;
  endDownstream(simulation, node);
}
