import {current, type Sample} from './sample.ts';
import type {PostgresReading} from './snapshot.ts';

/** Two looks further apart than this say nothing about what happened between them. Milliseconds. */
const furthestApart = 5000;

/**
 * The sample with the time for which commits have waited and no synchronous standby has acknowledged anything, and since each of them has: the primary goes on
 * showing a cut-off standby as streaming for wal_sender_timeout (30 s), and only that it gets no further tells. Both times of sampling
 * are this machine's clock.
 */
export function withCommitStall(
  before: Sample<PostgresReading> | undefined,
  after: Sample<PostgresReading>,
): Sample<PostgresReading> {
  const [old, now] = [current(before), current(after)];
  if (now === undefined) return after;
  const apart = before === undefined ? Number.POSITIVE_INFINITY : after.at - before.at;
  const comparable = old !== undefined && apart >= 0 && apart <= furthestApart;
  const stands = comparable && standsStill(old, now);
  const seconds = stands ? (old.commitsStalledSeconds ?? 0) + apart / 1000 : 0;
  const flushedAgoSeconds = comparable ? flushedAgo(old, now, apart / 1000) : new Map<string, number>();
  return {value: {...now, commitsStalledSeconds: seconds, flushedAgoSeconds}, at: after.at, source: after.source};
}

function standsStill(old: PostgresReading, now: PostgresReading): boolean {
  if (old.waitingForSyncRep === 0 || now.waitingForSyncRep === 0 || now.inRecovery) return false;
  const [then, since] = [acknowledged(old), acknowledged(now)];
  return [...since].every(([name, position]) => then.get(name) === position);
}

/** A position that advances proves that its standby lives, whatever else is not heard of it. */
function flushedAgo(old: PostgresReading, now: PostgresReading, apart: number): ReadonlyMap<string, number> {
  const before = acknowledged(old);
  const ages = new Map<string, number>();
  for (const [name, position] of acknowledged(now)) {
    const last = before.get(name);
    const age = old.flushedAgoSeconds?.get(name);
    if (last !== undefined && position > last) ages.set(name, 0);
    else if (age !== undefined) ages.set(name, age + apart);
  }
  return ages;
}

/** How far each synchronous standby has flushed. */
function acknowledged(reading: PostgresReading): ReadonlyMap<string, bigint> {
  const positions = new Map<string, bigint>();
  for (const row of reading.replication) {
    const counts = ['sync', 'quorum', 'potential'].includes(row.syncState) && row.flushLagBytes !== undefined;
    if (!counts || reading.currentLsn === undefined) continue;
    positions.set(row.applicationName, reading.currentLsn - BigInt(Math.round(row.flushLagBytes ?? 0)));
  }
  return positions;
}
