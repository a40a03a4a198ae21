import type {NodeEvidence} from './evidence.ts';
import type {PostgresReading, ReplicationRow} from './snapshot.ts';

/** What a `synchronous_standby_names` value asks for; undefined when it is empty (asynchronous). */
export type SynchronousStandbys = {required: number; names: readonly string[]};

/** Parses `ANY 1 (a, b)`, `FIRST 2 (a)`, `2 (a, b)`, `a, b` and `*` as PostgreSQL does. */
export function parseSynchronousStandbyNames(text: string): SynchronousStandbys | undefined {
  const value = text.trim();
  if (value === '') return undefined;
  const list = /^(?:(?:any|first)\s+)?(\d+)\s*\((.*)\)$/is.exec(value);
  const names = (list?.[2] ?? value)
    .split(',')
    .map(name => name.trim().replace(/^"(.*)"$/, '$1'))
    .filter(name => name !== '');
  return {required: list === null ? 1 : Number(list[1]), names};
}

/** Synchronous replication as the primary itself sees it; undefined without its own word. */
export type SynchronousReplication = {
  /** Acknowledgements that a commit waits for; 0: asynchronous. */
  required: number;
  /** Connected standbys that can give one now. */
  live: readonly ReplicationRow[];
  /** Backends whose commit waits at this moment. */
  waiting: number;
  /** For how long they have waited and nothing was acknowledged; seconds. */
  stalledSeconds: number;
};

/** A standby that has been silent for this long is not counted on, although the primary shows its connection for 30 s more. */
const silentSeconds = 5;
/** By then the primary has ended the connection of one that is gone (wal_sender_timeout, which pg_autoctl sets to 30 s): one that shows is alive. */
const connectionProvesSeconds = 36;

export function synchronousReplication(
  primary: NodeEvidence | undefined,
  nodes: readonly NodeEvidence[],
): SynchronousReplication | undefined {
  const reading = primary?.postgres;
  if (reading === undefined || reading.inRecovery) return undefined;
  const asked = parseSynchronousStandbyNames(reading.synchronousStandbyNames);
  const live = reading.replication.filter(
    row =>
      row.state === 'streaming' &&
      ['sync', 'quorum', 'potential'].includes(row.syncState) &&
      (hasFlushedLately(reading, row) || !isSilent(nodes.find(node => node.row?.id === row.nodeId))) &&
      (asked === undefined || asked.names.includes('*') || asked.names.includes(row.applicationName)),
  );
  return {
    required: asked?.required ?? 0,
    live,
    waiting: reading.waitingForSyncRep,
    stalledSeconds: reading.commitsStalledSeconds ?? 0,
  };
}

/** Commits have stood still for this long before that is believed: a standby that reconnects has acknowledged again by then. */
const stalledSeconds = 3;

/** Its commits have nobody to acknowledge them; false where that is not known. */
export function commitsWait(synchronous: SynchronousReplication | undefined): boolean {
  if (synchronous === undefined) return false;
  const {required, live, waiting} = synchronous;
  const stalled = required > 0 && waiting > 0 && synchronous.stalledSeconds >= stalledSeconds;
  return live.length < required || stalled;
}

function hasFlushedLately({flushedAgoSeconds}: PostgresReading, {applicationName}: ReplicationRow): boolean {
  return (flushedAgoSeconds?.get(applicationName) ?? Number.POSITIVE_INFINITY) <= silentSeconds;
}

/** Neither its keeper nor its own psql has been heard lately, and its connection does not yet prove that it lives (R11: a keeper that died alone). */
function isSilent(node: NodeEvidence | undefined): boolean {
  const age = node?.reportAge ?? 0;
  return (
    node?.rowCurrent === true && node.postgres === undefined && age > silentSeconds && age < connectionProvesSeconds
  );
}
