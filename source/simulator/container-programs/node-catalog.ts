import {type Lsn, parseLsn} from '../../cluster/lsn.ts';
import type {FunctionResult, Given} from '../sql/evaluate.ts';
import {columnsOf, failure, type SqlType, type SqlValue, type Table} from '../sql/table.ts';
import {lsnText} from '../tables.ts';
import type {PostgresView} from '../world.ts';
import {lsn} from './node-reading.ts';

/** Functions of a data node's server that every server has in its own way; undefined: none of that name. */
export function nodeFunction(view: PostgresView, name: string, given: Given): FunctionResult {
  switch (name) {
    case 'pg_is_in_recovery':
      return value(view.inRecovery, 'bool');
    case 'pg_current_wal_lsn':
    case 'pg_current_wal_insert_lsn':
    case 'pg_current_wal_flush_lsn':
      if (view.inRecovery) {
        const hint = 'WAL control functions cannot be executed during recovery.';
        return failure('55000', 'recovery is in progress', {hint});
      }
      return value(lsn(view.currentLsn), 'pg_lsn');
    case 'pg_last_wal_receive_lsn':
      return value(lsn(view.receiveLsn), 'pg_lsn');
    case 'pg_last_wal_replay_lsn':
      return value(lsn(view.replayLsn), 'pg_lsn');
    case 'pg_last_xact_replay_timestamp':
      return value(
        view.replayAgeSeconds === undefined ? null : view.serverTime - view.replayAgeSeconds * 1000,
        'timestamptz',
      );
    case 'pg_is_wal_replay_paused':
      return value(view.replayPaused, 'bool');
    case 'pg_wal_lsn_diff': {
      const [a, b] = given.positional.map(each => parseLsn(String(each)));
      return value(a === undefined || b === undefined ? null : Number(a - b), 'int8');
    }
    case 'inet_server_port':
      return value(null, 'int4');
    default:
      return undefined;
  }
}

/** Views of a data node's server; undefined: none of that name. */
export function nodeTable(view: PostgresView, name: string, given: Given | undefined): Table | undefined {
  if (given !== undefined) {
    if (name === 'pg_control_system') {
      return table('pg_control_version int4, system_identifier int8', [[1300, view.systemIdentifier ?? null]]);
    }
    return name === 'pg_control_checkpoint'
      ? table('redo_lsn pg_lsn, timeline_id int4', [[lsn(view.currentLsn ?? view.replayLsn), view.timeline]])
      : undefined;
  }
  switch (name) {
    case 'pg_stat_replication':
      return replication(view);
    case 'pg_stat_wal_receiver':
      return table(
        'status text, received_tli int4, flushed_lsn pg_lsn, sender_host text',
        view.receiverStatus === undefined
          ? []
          : [[view.receiverStatus, view.timeline, lsn(view.receiveLsn), view.receiverHost ?? null]],
      );
    case 'pg_replication_slots':
      return table(
        'slot_name text, slot_type text, active bool, restart_lsn pg_lsn, wal_status text',
        view.replicationSlots.map(slot => [
          slot.name,
          'physical',
          slot.active,
          lsnText(slot.restartLsn),
          slot.walStatus,
        ]),
      );
    case 'pg_database':
      return table(
        'datname text, datallowconn bool',
        ['postgres', 'template0', 'template1'].map(each => [each, each !== 'template0']),
      );
    case 'pg_roles':
      return table(
        'rolname text, rolsuper bool, rolreplication bool, rolcanlogin bool',
        roles.map(([role, superuser, replicates]) => [role, superuser, replicates, true]),
      );
    default:
      return undefined;
  }
}

/** Roles that pg_auto_failover makes on a data node: name, superuser, replication. */
export const roles: readonly (readonly [string, boolean, boolean])[] = [
  ['postgres', true, true],
  ['pgautofailover_monitor', false, false],
  ['pgautofailover_replicator', false, true],
];

function replication(view: PostgresView): Table {
  const sent = view.currentLsn ?? view.receiveLsn;
  const behind = (bytes: number | undefined) =>
    sent === undefined || bytes === undefined ? null : lsn(less(sent, bytes));
  return table(
    'pid int4, usename text, application_name text, client_addr text, state text, sent_lsn pg_lsn, write_lsn pg_lsn, ' +
      'flush_lsn pg_lsn, replay_lsn pg_lsn, write_lag interval, flush_lag interval, replay_lag interval, sync_priority int4, ' +
      'sync_state text',
    view.replication.map((row, index) => [
      200 + index,
      'pgautofailover_replicator',
      row.applicationName,
      row.clientAddress ?? null,
      row.state,
      behind(row.sentLagBytes),
      behind(row.writeLagBytes),
      behind(row.flushLagBytes),
      behind(row.replayLagBytes),
      interval(row.writeLagSeconds),
      interval(row.flushLagSeconds),
      interval(row.replayLagSeconds),
      row.syncState === 'async' ? 0 : 1,
      row.syncState,
    ]),
  );
}

function less(position: Lsn, bytes: number): Lsn | undefined {
  return parseLsn(lsnText(Math.max(0, Number(position) - bytes)));
}

/** `00:00:00.000512` */
function interval(seconds: number | undefined): string | null {
  if (seconds === undefined) return null;
  const whole = Math.floor(seconds);
  const two = (number: number) => String(number).padStart(2, '0');
  const fraction = Math.round((seconds - whole) * 1e6);
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(two).join(':');
  return fraction === 0 ? clock : `${clock}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
}

function value(result: SqlValue, type: SqlType): FunctionResult {
  return {ok: true, value: result, type};
}

function table(columns: string, rows: readonly (readonly SqlValue[])[]): Table {
  return {columns: columnsOf(columns), rows};
}
