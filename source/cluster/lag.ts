import type {NodeEvidence} from './evidence.ts';
import {lsnDistance} from './lsn.ts';
import type {ReplicationRow} from './snapshot.ts';
import {freshReportSeconds} from './writable.ts';

/** Replay lag of a standby against its primary; null is "not known", never 0. */
export type Lag = {
  bytes: number | null;
  seconds: number | null;
  source: 'node' | 'monitor' | null;
  steps: {sent: number | null; write: number | null; flush: number | null; replay: number | null} | null;
};

const notKnown: Lag = {bytes: null, seconds: null, source: null, steps: null};

/**
 * From the primary's pg_stat_replication; else from the standby's own replay position; else from the monitor, which only knows what was
 * received. A standby on another timeline has no lag: distance means nothing there.
 */
export function replicationLag(node: NodeEvidence, primary: NodeEvidence | undefined): Lag {
  if (primary === undefined || primary === node) return notKnown;
  const row = replicationRow(node, primary);
  if (row !== undefined) return lagOfRow(row);
  if (onAnotherTimeline(node, primary)) return notKnown;
  return lagFromItself(node, primary) ?? lagFromMonitor(node, primary) ?? notKnown;
}

/** The primary's pg_stat_replication row of this standby: by node id, else by address. */
export function replicationRow(node: NodeEvidence, primary: NodeEvidence | undefined): ReplicationRow | undefined {
  const rows = primary?.postgres?.inRecovery === false ? primary.postgres.replication : [];
  const id = node.row?.id;
  if (id !== undefined) return rows.find(row => row.nodeId === id);
  const address = node.host?.address;
  return address === undefined ? undefined : rows.find(row => row.clientAddress === address);
}

/** True only when both timelines are known and differ and the standby is not connected to this primary. */
export function onAnotherTimeline(node: NodeEvidence, primary: NodeEvidence | undefined): boolean {
  if (primary === undefined || replicationRow(node, primary) !== undefined) return false;
  return registeredElsewhere(node, primary) || differ(ownTimeline(node), ownTimeline(primary));
}

/** As above by the monitor's word alone: a standby that is starting says a wrong one itself, until it is connected. */
export function registeredElsewhere(node: NodeEvidence, primary: NodeEvidence | undefined): boolean {
  if (primary === undefined || replicationRow(node, primary) !== undefined) return false;
  return differ(timelineOf(node), timelineOf(primary));
}

/** The timeline the monitor has for the node, or the node's own when the monitor has none now. */
export function timelineOf(node: NodeEvidence): number | null {
  if (node.rowCurrent && node.row !== undefined) return node.row.timeline;
  return ownTimeline(node) ?? node.row?.timeline ?? null;
}

/** What the server itself says; 0 is its way of not knowing. */
function ownTimeline(node: NodeEvidence): number | null {
  const timeline = node.postgres?.timeline ?? 0;
  return timeline === 0 ? null : timeline;
}

function differ(one: number | null, other: number | null): boolean {
  return one !== null && other !== null && one !== other;
}

function lagOfRow(row: ReplicationRow): Lag {
  const bytes = row.replayLagBytes ?? null;
  return {
    bytes,
    // PostgreSQL gives no time once a standby has replayed everything.
    seconds: row.replayLagSeconds ?? (bytes === 0 ? 0 : null),
    source: 'node',
    steps: {
      sent: row.sentLagBytes ?? null,
      write: row.writeLagBytes ?? null,
      flush: row.flushLagBytes ?? null,
      replay: bytes,
    },
  };
}

function lagFromItself(node: NodeEvidence, primary: NodeEvidence): Lag | undefined {
  const ahead = primary.postgres?.currentLsn;
  const replayed = node.postgres?.replayLsn;
  if (ahead === undefined || replayed === undefined || node.postgres === undefined) return undefined;
  // The two readings are not of one moment: a standby read a little later may seem ahead.
  const bytes = Math.max(0, lsnDistance(ahead, replayed));
  const seconds = bytes === 0 ? 0 : (node.postgres.replayAgeSeconds ?? null);
  return {bytes, seconds, source: 'node', steps: null};
}

function lagFromMonitor(node: NodeEvidence, primary: NodeEvidence): Lag | undefined {
  const fresh = [node, primary].every(
    each => each.rowCurrent && each.reportAge !== null && each.reportAge <= freshReportSeconds,
  );
  const ahead = primary.row?.lsn;
  const received = node.row?.lsn;
  if (!fresh || ahead === undefined || received === undefined) return undefined;
  return {bytes: Math.max(0, lsnDistance(ahead, received)), seconds: null, source: 'monitor', steps: null};
}
