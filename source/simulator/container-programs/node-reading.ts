import {formatLsn, type Lsn} from '../../cluster/lsn.ts';
import type {ReplicationRow} from '../../cluster/snapshot.ts';
import type {PostgresView} from '../world.ts';

/** The JSON that the console's reading query gives on a simulated server. */
export function nodeReading(view: PostgresView): Record<string, unknown> {
  return {
    in_recovery: view.inRecovery,
    read_only: view.readOnly ? 'on' : 'off',
    timeline: view.timeline,
    system_identifier: view.systemIdentifier ?? null,
    current_lsn: lsn(view.currentLsn),
    flush_lsn: lsn(view.flushLsn),
    receive_lsn: lsn(view.receiveLsn),
    replay_lsn: lsn(view.replayLsn),
    replay_age: view.replayAgeSeconds ?? null,
    replay_paused: view.replayPaused,
    receiver: view.receiverStatus === undefined ? null : {status: view.receiverStatus, host: view.receiverHost ?? null},
    synchronous_standby_names: view.synchronousStandbyNames,
    waiting_for_sync_rep: view.waitingForSyncRep,
    oldest_transaction: view.activity?.oldestTransactionSeconds ?? null,
    base_backups: view.activity?.baseBackups ?? 0,
    replication: view.replication.map(replicationJson),
    slots: view.slots.map(({name, active, retainedBytes}) => ({name, active, retained: retainedBytes ?? null})),
    server_time: view.serverTime,
    started_at: view.startedAt,
  };
}

function replicationJson(row: ReplicationRow): Record<string, unknown> {
  return {
    application_name: row.applicationName,
    client_address: row.clientAddress ?? null,
    state: row.state,
    sync_state: row.syncState,
    sent_lag: row.sentLagBytes ?? null,
    write_lag: row.writeLagBytes ?? null,
    flush_lag: row.flushLagBytes ?? null,
    replay_lag: row.replayLagBytes ?? null,
    write_seconds: row.writeLagSeconds ?? null,
    flush_seconds: row.flushLagSeconds ?? null,
    replay_seconds: row.replayLagSeconds ?? null,
  };
}

/** A position as SQL prints it; null when it is not known. */
export function lsn(position: Lsn | undefined): string | null {
  return position === undefined ? null : formatLsn(position);
}
