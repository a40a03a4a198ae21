/** Whether a database and a user may have this name: one that needs no quotes, and is nobody else's. */
export function isPlainName(name: string): boolean {
  const taken = ['postgres', 'template0', 'template1', 'replication', 'all', 'docker', 'pg_auto_failover'];
  return /^[a-z_][a-z0-9_]{0,62}$/.test(name) && !/^(pg_|pgautofailover|autoctl)/.test(name) && !taken.includes(name);
}
