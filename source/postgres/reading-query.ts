/** The name of the prepared statement; its only parameter is the number of the request, which comes back in front of the answer. */
export const statementName = 'pgaf_reading';

/** What stands in front of an answer, so that nothing else that psql prints can be taken for one. */
export const answerMark = 'pgaf_answer';

/**
 * One look at a server, primary or standby, as one line: mark, number, JSON. Functions that fail in recovery stand behind a CASE. The
 * control file lags behind after a promotion, so the timeline comes from where the WAL is written (primary) or received (standby).
 */
const query = `
select '${answerMark} ' || $1 || ' ' || json_build_object(
  'in_recovery', r.in_recovery,
  'read_only', current_setting('default_transaction_read_only'),
  'timeline', case when not r.in_recovery then ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
                   else greatest((select received_tli from pg_stat_wal_receiver), (select timeline_id from pg_control_checkpoint())) end,
  'system_identifier', (select system_identifier::text from pg_control_system()),
  'current_lsn', r.current_lsn,
  'flush_lsn', case when not r.in_recovery then pg_current_wal_flush_lsn() end,
  'receive_lsn', case when r.in_recovery then pg_last_wal_receive_lsn() end,
  'replay_lsn', case when r.in_recovery then pg_last_wal_replay_lsn() end,
  'replay_age', case when r.in_recovery then extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end,
  'replay_paused', case when r.in_recovery then pg_is_wal_replay_paused() else false end,
  'receiver', (select json_build_object('status', status, 'host', sender_host) from pg_stat_wal_receiver),
  'synchronous_standby_names', current_setting('synchronous_standby_names'),
  'waiting_for_sync_rep', (select count(*) from pg_stat_activity where wait_event = 'SyncRep'),
  'oldest_transaction', (select extract(epoch from clock_timestamp() - min(xact_start)) from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()),
  'base_backups', (select count(*) from pg_stat_progress_basebackup),
  'replication', (select coalesce(json_agg(json_build_object(
      'application_name', s.application_name, 'client_address', host(s.client_addr), 'state', s.state, 'sync_state', s.sync_state,
      'sent_lag', pg_wal_lsn_diff(coalesce(r.current_lsn, pg_last_wal_receive_lsn()), s.sent_lsn),
      'write_lag', pg_wal_lsn_diff(coalesce(r.current_lsn, pg_last_wal_receive_lsn()), s.write_lsn),
      'flush_lag', pg_wal_lsn_diff(coalesce(r.current_lsn, pg_last_wal_receive_lsn()), s.flush_lsn),
      'replay_lag', pg_wal_lsn_diff(coalesce(r.current_lsn, pg_last_wal_receive_lsn()), s.replay_lsn),
      'write_seconds', extract(epoch from s.write_lag), 'flush_seconds', extract(epoch from s.flush_lag),
      'replay_seconds', extract(epoch from s.replay_lag)) order by s.application_name), '[]'::json)
    from pg_stat_replication s where s.application_name not like '%basebackup%'),
  'slots', (select coalesce(json_agg(json_build_object('name', s.slot_name, 'active', s.active,
      'retained', pg_wal_lsn_diff(coalesce(r.current_lsn, pg_last_wal_receive_lsn()), s.restart_lsn)) order by s.slot_name), '[]'::json)
    from pg_replication_slots s),
  'server_time', extract(epoch from clock_timestamp()) * 1000,
  'started_at', extract(epoch from pg_postmaster_start_time()) * 1000)::text
from (select pg_is_in_recovery() as in_recovery,
             case when not pg_is_in_recovery() then pg_current_wal_lsn() end as current_lsn
      offset 0) r`;

/** Sent once after psql starts, as one line. */
export const prepareStatement = `prepare ${statementName}(bigint) as ${query.replaceAll(/\s+/g, ' ').trim()};\n`;

/** Sent for each look. */
export function executeStatement(request: number): string {
  return `execute ${statementName}(${request});\n`;
}
