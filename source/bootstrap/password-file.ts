import type {Passwords} from './secrets.ts';

/**
 * The ~/.pgpass of a container (PostgreSQL documentation, 34.16): keeper, walreceiver, pg_basebackup and pg_rewind look there at every
 * connection, so that a password can be changed while they run. Without it the password would stand in the monitor's URI, which pg_autoctl
 * logs whenever the monitor does not answer.
 */
export function passwordFile({monitorPassword, replicationPassword}: Passwords): string {
  return `*:*:*:autoctl_node:${monitorPassword}\n*:*:*:pgautofailover_replicator:${replicationPassword}\n`;
}

/** Run in the container: takes the file from its standard input. */
export const passwordFileScript = 'umask 077 && cat >"$HOME/.pgpass.new" && mv "$HOME/.pgpass.new" "$HOME/.pgpass"';
