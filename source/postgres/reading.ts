import {parseLsn} from '../cluster/lsn.ts';
import type {PostgresReading, ReplicationRow, ReplicationSlot} from '../cluster/snapshot.ts';
import {answerMark} from './reading-query.ts';

/** The number and the reading in a line that psql printed; undefined for any other line. */
export function parseAnswer(line: string): {request: number; reading: PostgresReading} | undefined {
  const match = /^(\S+) (\d+) (\{.*\})$/.exec(line);
  if (match === null || match[1] !== answerMark) return undefined;
  const row = parseRow(match[3] ?? '');
  return row === undefined ? undefined : {request: Number(match[2]), reading: parseReading(row)};
}

function parseReading(row: Row): PostgresReading {
  const receiver = record(row.receiver);
  const replication = Array.isArray(row.replication) ? row.replication : [];
  const slots = Array.isArray(row.slots) ? row.slots : [];
  return {
    inRecovery: row.in_recovery === true,
    readOnly: row.read_only === 'on',
    timeline: number(row.timeline) ?? 0,
    systemIdentifier: text(row.system_identifier),
    currentLsn: parseLsn(text(row.current_lsn)),
    flushLsn: parseLsn(text(row.flush_lsn)),
    receiveLsn: parseLsn(text(row.receive_lsn)),
    replayLsn: parseLsn(text(row.replay_lsn)),
    replayAgeSeconds: number(row.replay_age),
    replayPaused: row.replay_paused === true,
    receiverStatus: text(receiver.status),
    receiverHost: text(receiver.host),
    synchronousStandbyNames: text(row.synchronous_standby_names) ?? '',
    replication: replication.map(standby => parseStandby(record(standby))),
    slots: slots.map(slot => parseSlot(record(slot))),
    waitingForSyncRep: number(row.waiting_for_sync_rep) ?? 0,
    activity: {oldestTransactionSeconds: number(row.oldest_transaction), baseBackups: number(row.base_backups) ?? 0},
    serverTime: number(row.server_time) ?? Number.NaN,
    startedAt: number(row.started_at) ?? Number.NaN,
  };
}

function parseStandby(row: Row): ReplicationRow {
  const applicationName = text(row.application_name) ?? '';
  return {
    applicationName,
    clientAddress: text(row.client_address),
    nodeId: nodeIdIn(applicationName),
    state: text(row.state) ?? 'unknown',
    syncState: text(row.sync_state) ?? 'unknown',
    sentLagBytes: bytes(row.sent_lag),
    writeLagBytes: bytes(row.write_lag),
    flushLagBytes: bytes(row.flush_lag),
    replayLagBytes: bytes(row.replay_lag),
    writeLagSeconds: number(row.write_seconds),
    flushLagSeconds: number(row.flush_seconds),
    replayLagSeconds: number(row.replay_seconds),
  };
}

function parseSlot(row: Row): ReplicationSlot {
  const name = text(row.name) ?? '';
  return {name, nodeId: nodeIdIn(name), active: row.active === true, retainedBytes: bytes(row.retained)};
}

/** pg_auto_failover names a standby's connection and its slot after its id. */
function nodeIdIn(name: string): number | undefined {
  const id = /^pgautofailover_standby_(\d+)$/.exec(name)?.[1];
  return id === undefined ? undefined : Number(id);
}

type Row = Record<string, unknown>;

function parseRow(source: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return isRow(value) ? value : undefined;
  } catch {
    // Half an answer, or not ours.
    return undefined;
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown): Row {
  return isRow(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The standby's answer may be newer than the primary's own position in the same row: that is no lag. */
function bytes(value: unknown): number | undefined {
  const lag = number(value);
  return lag === undefined ? undefined : Math.max(0, lag);
}
