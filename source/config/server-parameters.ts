/**
 * What pg_auto_failover writes itself, or relies on: replication, its port, its certificates, and where the files are (primary_standby.c;
 * fsm_transition.c).
 */
const itsOwn = [
  ...['port', 'listen_addresses', 'unix_socket_directories', 'data_directory', 'config_file', 'hba_file', 'ident_file'],
  ...['external_pid_file', 'ssl', 'ssl_ca_file', 'ssl_crl_file', 'ssl_cert_file', 'ssl_key_file', 'wal_log_hints'],
  ...['synchronous_standby_names', 'synchronous_commit', 'primary_conninfo', 'primary_slot_name', 'hot_standby'],
  ...['default_transaction_read_only', 'promote_trigger_file', 'recovery_target_timeline', 'restore_command', 'fsync'],
  ...['full_page_writes', 'wal_level'],
];

/** Their value is a list of names: PostgreSQL takes each as a word of its own. */
const lists = [
  'shared_preload_libraries',
  'session_preload_libraries',
  'local_preload_libraries',
  'temp_tablespaces',
  'search_path',
];

/** What is wrong with a parameter; undefined: nothing that can be told without PostgreSQL. */
export function parameterMistake(name: string, value: string): string | undefined {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name))
    return 'expected the name of a parameter of PostgreSQL, such as shared_buffers';
  if (itsOwn.includes(name) || name.startsWith('recovery_target'))
    return 'pg_auto_failover sets it itself, or relies on it: leave it out';
  return /[^\x20-\x7e]/.test(value) ? 'expected plain text on one line' : undefined;
}

/** A value as PostgreSQL writes it. */
export function parameterText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

/** The value as it stands in SQL: one literal, or one for each name of a list. */
export function parameterWords(name: string, value: string): readonly string[] {
  if (!lists.includes(name)) return [value];
  return value
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '');
}
