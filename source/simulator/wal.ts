import {routeBetween} from './network.ts';
import type {Branch, DataNode, Postgres, ReplicationGroup, Simulation} from './simulation.ts';

/** WAL of one transaction of the application. */
export const bytesPerTransaction = 200;

/** Connections of the application: so many commits can wait at once. */
const connections = 8;

/** What a standby can receive, bytes a second, unless a fault slows it. */
const unhindered = 200_000_000;

/** Lets WAL flow in a group up to now: conditions have not changed since it was last settled. Call before anything changes. */
export function settle(simulation: Simulation, group: ReplicationGroup): void {
  const now = simulation.engine.now();
  simulation.touched.add(group);
  const seconds = (now - group.settledAt) / 1000;
  if (seconds <= 0) return;
  group.settledAt = now;
  group.writesTo = writerTarget(simulation, group);
  for (const node of group.nodes) {
    if (isOpen(node.postgres)) settleOpen(simulation, node, seconds);
  }
  // After their upstreams, so that what these wrote is there to be had.
  for (const node of group.nodes) {
    const {postgres} = node;
    if (!postgres.running || !postgres.standby) continue;
    if (postgres.stream !== undefined && !isOpen(postgres.stream.from.postgres))
      receive(node, postgres.stream.from.postgres.lsn, seconds);
    replay(simulation, node, seconds);
  }
}

/** Out of recovery and not read-only: it takes writes. */
export function isOpen(postgres: Postgres): boolean {
  return postgres.running && !postgres.standby && !postgres.readOnly;
}

/** Synchronous standbys that can acknowledge at this moment. */
export function liveSynchronous(node: DataNode): readonly DataNode[] {
  return streamsOf(node).filter(
    standby =>
      standby.postgres.stream?.stalledAt === undefined &&
      standby.postgres.stream?.catchingUp === false &&
      node.postgres.synchronous.has(standby.state?.nodeId ?? -1),
  );
}

/** Standbys that the node shows in pg_stat_replication. */
export function streamsOf(node: DataNode): readonly DataNode[] {
  return node.group.nodes.filter(standby => {
    const stream = standby.postgres.stream ?? standby.postgres.ghost;
    return stream?.from === node && !stream.dropped;
  });
}

/** A commit would be acknowledged now. */
export function acknowledges(node: DataNode): boolean {
  const {postgres} = node;
  return isOpen(postgres) && (postgres.required === 0 || liveSynchronous(node).length >= postgres.required);
}

/** Transactions in the history up to a position of a branch. */
export function transactionsAt(branch: Branch, lsn: number): number {
  const {gaps, fork, forkTransactions} = branch;
  for (let index = gaps.length - 1; index >= 0; index -= 1) {
    const gap = gaps[index];
    if (gap === undefined) break;
    const begin = gap.end - gap.bytes;
    const before = gap.total - gap.bytes;
    if (lsn >= gap.end) return forkTransactions + (lsn - fork - gap.total) / bytesPerTransaction;
    // In the middle of it there is no more than at its beginning.
    if (lsn > begin) return forkTransactions + (begin - fork - before) / bytesPerTransaction;
  }
  return forkTransactions + Math.max(0, lsn - fork) / bytesPerTransaction;
}

/** Writes WAL that is no transaction. */
export function writeGap(postgres: Postgres, bytes: number): void {
  const {branch} = postgres;
  postgres.lsn += bytes;
  postgres.replayed = postgres.lsn;
  branch.gaps.push({end: postgres.lsn, bytes, total: (branch.gaps.at(-1)?.total ?? 0) + bytes});
  if (branch.gaps.length > 500) branch.gaps.splice(0, 250);
}

/** The application stays with its node while that answers, and looks for another one then. */
function writerTarget(simulation: Simulation, group: ReplicationGroup): DataNode | undefined {
  const usable = (node: DataNode) => isOpen(node.postgres) && routeBetween(simulation, undefined, node) === 'open';
  if (group.writesTo !== undefined && usable(group.writesTo)) return group.writesTo;
  return group.nodes.find(usable);
}

function settleOpen(simulation: Simulation, node: DataNode, seconds: number): void {
  const {postgres, group} = node;
  const rate = group.writesTo === node ? simulation.transactionsPerSecond : 0;
  // Counted from one moment, so that it does not matter how often one looks.
  const now = simulation.engine.now();
  const written = (at: number) => Math.floor((at * rate) / 1000);
  const due = written(now) - written(now - seconds * 1000);
  const desired = postgres.lsn + due * bytesPerTransaction;
  const standbys = streamsOf(node);
  for (const standby of standbys) receive(standby, desired, seconds);
  const flushed = acknowledgedPosition(node, standbys, desired);
  const allowed = Math.max(postgres.lsn, flushed + connections * bytesPerTransaction);
  const lsn = Math.min(desired, allowed);
  if (lsn > postgres.lsn) postgres.lastCommitAt = now;
  for (const standby of standbys) standby.postgres.lsn = Math.min(standby.postgres.lsn, lsn);
  postgres.lsn = lsn;
  postgres.replayed = lsn;
  const {branch} = postgres;
  const unacknowledged = lsn <= flushed ? 0 : transactionsAt(branch, lsn) - transactionsAt(branch, flushed);
  postgres.waiting = Math.min(connections, Math.round(unacknowledged));
  acknowledge(group, postgres, Math.min(lsn, flushed));
}

function acknowledgedPosition(node: DataNode, standbys: readonly DataNode[], desired: number): number {
  const {postgres} = node;
  if (postgres.required === 0) return desired;
  const positions = standbys
    .filter(
      ({postgres: each, state}) => each.stream?.catchingUp === false && postgres.synchronous.has(state?.nodeId ?? -1),
    )
    .map(standby => standby.postgres.lsn)
    .sort((a, b) => b - a);
  return Math.max(positions[postgres.required - 1] ?? 0, postgres.branch.acknowledged);
}

function acknowledge(group: ReplicationGroup, postgres: Postgres, position: number): void {
  const {branch} = postgres;
  if (position <= branch.acknowledged) return;
  group.acknowledged += transactionsAt(branch, position) - transactionsAt(branch, branch.acknowledged);
  branch.acknowledged = position;
}

function receive(standby: DataNode, upTo: number, seconds: number): void {
  const {postgres, fault} = standby;
  const {stream} = postgres;
  if (stream === undefined || stream.stalledAt !== undefined || !postgres.running) return;
  const limit = (fault.receive ?? unhindered) * seconds;
  postgres.lsn = Math.max(postgres.lsn, Math.min(upTo, postgres.lsn + limit));
  if (stream.catchingUp && upTo - postgres.lsn < 65_536) stream.catchingUp = false;
}

function replay(simulation: Simulation, node: DataNode, seconds: number): void {
  const {postgres, fault} = node;
  const limit = (fault.replay ?? unhindered) * seconds;
  const before = postgres.replayed;
  postgres.replayed = Math.min(postgres.lsn, postgres.replayed + limit);
  if (postgres.replayed <= before) return;
  // What is replayed now was committed as long ago as the rest of the way is.
  const rate = simulation.transactionsPerSecond * bytesPerTransaction;
  const behind =
    rate === 0 ? 0 : ((postgres.stream?.from.postgres.lsn ?? postgres.replayed) - postgres.replayed) / rate;
  postgres.lastCommitAt = simulation.engine.now() - Math.max(0, behind) * 1000;
}
