/** The states of a pg_auto_failover node, in the order of `pgautofailover.replication_state` (pgautofailover.sql). */
export const replicationStates = [
  'unknown',
  'init',
  'single',
  'wait_primary',
  'primary',
  'draining',
  'demote_timeout',
  'demoted',
  'catchingup',
  'secondary',
  'prepare_promotion',
  'stop_replication',
  'wait_standby',
  'maintenance',
  'join_primary',
  'apply_settings',
  'prepare_maintenance',
  'wait_maintenance',
  'report_lsn',
  'fast_forward',
  'join_secondary',
  'dropped',
] as const;

export type ReplicationState = (typeof replicationStates)[number];

/** A state that this version does not know (a newer monitor) reads as `unknown`. */
export function parseReplicationState(text: string): ReplicationState {
  return replicationStates.find(state => state === text) ?? 'unknown';
}

/** States in which the monitor counts on this node for writes (CanTakeWrites, node_metadata.c). */
export function canTakeWrites(state: ReplicationState): boolean {
  return ['single', 'primary', 'wait_primary', 'join_primary', 'apply_settings'].includes(state);
}
