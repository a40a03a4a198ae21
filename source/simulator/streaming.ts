import {canFollow} from './history.ts';
import {routeBetween} from './network.ts';
import type {DataNode, Simulation} from './simulation.ts';
import {streamsOf} from './wal.ts';

/** wal_retrieve_retry_interval. */
const retryInterval = 5000;
/** wal_sender_timeout as pg_auto_failover sets it, and wal_receiver_timeout. */
const senderTimeout = 30_000;
const receiverTimeout = 60_000;

/** Connects a standby to its upstream if that is possible now; otherwise it is tried again. True when it streams. */
export function connectStream(simulation: Simulation, node: DataNode): boolean {
  const {postgres} = node;
  if (postgres.retry !== undefined) postgres.retry.cancelled = true;
  postgres.retry = undefined;
  if (!postgres.running || !postgres.standby || postgres.upstream === undefined) return false;
  if (postgres.stream !== undefined) return true;
  const upstream = node.group.nodes.find(other => other.state?.nodeId === postgres.upstream);
  if (upstream !== undefined && canConnect(simulation, node, upstream)) {
    const behind = upstream.postgres.lsn - postgres.lsn;
    postgres.branch = upstream.postgres.branch;
    postgres.ghost = undefined;
    postgres.stream = {
      from: upstream,
      since: simulation.engine.now(),
      stalledAt: undefined,
      dropped: false,
      catchingUp: behind > 65_536,
    };
    return true;
  }
  const {life} = node.container;
  postgres.retry = simulation.engine.after(retryInterval * simulation.engine.random.between(0.9, 1), () => {
    if (node.container.life === life) connectStream(simulation, node);
  });
  return false;
}

/** Ends a standby's connection; it tries again unless it has no upstream any more. */
export function endStream(simulation: Simulation, node: DataNode, after: number): void {
  node.postgres.stream = undefined;
  node.postgres.lostStreamAt = simulation.engine.now();
  if (node.postgres.retry !== undefined) node.postgres.retry.cancelled = true;
  const {life} = node.container;
  node.postgres.retry = simulation.engine.after(after, () => {
    if (node.container.life === life) connectStream(simulation, node);
  });
}

/** The standby's Postgres ends. If no packet gets through, its upstream goes on showing it for a while. */
export function leaveStream(simulation: Simulation, node: DataNode): void {
  const {stream} = node.postgres;
  node.postgres.stream = undefined;
  if (stream === undefined || routeBetween(simulation, node, stream.from) === 'open') return;
  const stalledAt = stream.stalledAt ?? simulation.engine.now();
  const ghost = {...stream, stalledAt};
  node.postgres.ghost = ghost;
  // Its sender counts from the last it heard, not from when the standby let go.
  simulation.engine.after(Math.max(0, stalledAt + senderTimeout - simulation.engine.now()), () => {
    if (node.postgres.ghost === ghost) node.postgres.ghost = undefined;
  });
}

/** A Postgres that stops waits for its standbys to have everything: for one that is cut off until its sender gives it up. Milliseconds. */
export function untilSilentLeave({engine}: Simulation, upstream: DataNode): number {
  const silences = upstream.group.nodes.map(({postgres}) => {
    const stream = postgres.stream ?? postgres.ghost;
    const silent = stream?.from === upstream && !stream.dropped ? stream.stalledAt : undefined;
    return silent === undefined ? 0 : silent + senderTimeout - engine.now();
  });
  return upstream.postgres.running ? Math.max(0, ...silences) : 0;
}

/** Ends the connections of all standbys of a node whose Postgres, or whose timeline, ends. */
export function endDownstream(simulation: Simulation, upstream: DataNode): void {
  for (const node of upstream.group.nodes) {
    if (node.postgres.ghost?.from === upstream) node.postgres.ghost = undefined;
    if (node.postgres.stream?.from !== upstream) continue;
    // A machine that lost its power closes no connection.
    const silent = routeBetween(simulation, node, upstream) !== 'open';
    if (silent) stall(simulation, node);
    else endStream(simulation, node, simulation.engine.random.between(20, 400));
  }
}

/** Looks at every connection after the network changed. */
export function reviewStreams(simulation: Simulation): void {
  for (const node of simulation.nodes) {
    const {stream, ghost} = node.postgres;
    // A machine that is back answers for connections that it does not know any more.
    if (ghost !== undefined && routeBetween(simulation, node, ghost.from) === 'open') node.postgres.ghost = undefined;
    if (stream === undefined) continue;
    const open = routeBetween(simulation, node, stream.from) === 'open';
    if (!open) stall(simulation, node);
    else if (stream.stalledAt !== undefined) resume(simulation, node);
  }
}

function stall(simulation: Simulation, node: DataNode): void {
  const {stream} = node.postgres;
  if (stream === undefined || stream.stalledAt !== undefined) return;
  const since = simulation.engine.now();
  stream.stalledAt = since;
  simulation.engine.after(senderTimeout, () => {
    if (node.postgres.stream === stream && stream.stalledAt === since) stream.dropped = true;
  });
  simulation.engine.after(receiverTimeout, () => {
    if (node.postgres.stream === stream && stream.stalledAt === since) endStream(simulation, node, 0);
  });
}

function resume(simulation: Simulation, node: DataNode): void {
  const {stream} = node.postgres;
  if (stream === undefined) return;
  const gone = stream.dropped || !stream.from.postgres.running || stream.from.postgres.branch !== node.postgres.branch;
  if (gone || !streamsOf(stream.from).includes(node)) {
    endStream(simulation, node, 200);
    return;
  }
  stream.stalledAt = undefined;
  stream.catchingUp = stream.from.postgres.lsn - node.postgres.lsn > 65_536;
}

function canConnect(simulation: Simulation, node: DataNode, upstream: DataNode): boolean {
  return (
    upstream !== node &&
    upstream.postgres.running &&
    routeBetween(simulation, node, upstream) === 'open' &&
    canFollow(node.postgres, upstream.postgres) === 'yes'
  );
}
