import type {ReplicationState} from './replication-state.ts';

/** The transitions that a pg_auto_failover 2.x keeper knows (KeeperFSM in fsm.c); from anywhere to `dropped` as well. */
const edges: Partial<Record<ReplicationState, readonly ReplicationState[]>> = {
  init: ['single', 'wait_standby', 'report_lsn'],
  dropped: ['single', 'wait_standby', 'report_lsn'],
  primary: [
    'single',
    'draining',
    'demoted',
    'demote_timeout',
    'prepare_maintenance',
    'maintenance',
    'join_primary',
    'wait_primary',
    'apply_settings',
  ],
  wait_primary: ['single', 'demoted', 'join_primary', 'primary', 'apply_settings'],
  join_primary: ['single', 'draining', 'demoted', 'demote_timeout', 'wait_primary', 'primary'],
  draining: ['demoted', 'demote_timeout', 'single', 'report_lsn'],
  demote_timeout: ['demoted', 'single', 'primary'],
  demoted: ['single', 'catchingup', 'report_lsn'],
  apply_settings: ['draining', 'demoted', 'demote_timeout', 'primary', 'single', 'wait_primary', 'join_primary'],
  prepare_maintenance: ['maintenance', 'catchingup', 'report_lsn'],
  maintenance: ['catchingup', 'report_lsn'],
  wait_maintenance: ['maintenance'],
  single: ['wait_primary'],
  wait_standby: ['catchingup'],
  secondary: [
    'single',
    'catchingup',
    'prepare_promotion',
    'wait_standby',
    'wait_maintenance',
    'maintenance',
    'report_lsn',
  ],
  catchingup: ['single', 'secondary', 'prepare_promotion', 'wait_maintenance', 'maintenance', 'report_lsn'],
  prepare_promotion: ['single', 'stop_replication', 'wait_primary'],
  stop_replication: ['single', 'wait_primary'],
  report_lsn: ['single', 'prepare_promotion', 'fast_forward', 'join_secondary', 'secondary'],
  fast_forward: ['prepare_promotion'],
  join_secondary: ['secondary'],
};

/** Whether a keeper of 2.0 to 2.2 can get from the one state to the other. True where it is not known (`unknown`). */
export function isPossible(reported: ReplicationState, assigned: ReplicationState): boolean {
  if (reported === assigned || assigned === 'dropped') return true;
  if (reported === 'unknown' || assigned === 'unknown') return true;
  return edges[reported]?.includes(assigned) ?? false;
}

/** The table above is that of 2.0 to 2.2; later versions know more transitions. */
export function knowsEdgesOf(version: string): boolean {
  return /^(1\.|2\.[0-2](\D|$))/.test(version);
}
