import {canTakeWrites, type ReplicationState} from '../cluster/replication-state.ts';
import type {NodeRow} from './tables.ts';

type States = Pick<NodeRow, 'reportedstate' | 'goalstate'>;

/** The node has reported the state it is assigned, and it is this one (IsCurrentState). */
export function isCurrent(row: States | undefined, ...states: readonly ReplicationState[]): boolean {
  return row !== undefined && row.goalstate === row.reportedstate && states.includes(row.goalstate);
}

/** StateBelongsToPrimary. */
export function belongsToPrimary(state: ReplicationState): boolean {
  return canTakeWrites(state) || state === 'draining' || state === 'demote_timeout' || state === 'prepare_maintenance';
}

/** CanInitiateFailover. */
export function canInitiateFailover(state: ReplicationState): boolean {
  return state === 'single' || state === 'primary' || state === 'join_primary';
}

/** IsInPrimaryState. */
export function isInPrimaryState(row: States | undefined): boolean {
  if (row === undefined) return false;
  if (row.goalstate === row.reportedstate) return canTakeWrites(row.goalstate);
  return isPrimaryOrApplying(row.goalstate) && isPrimaryOrApplying(row.reportedstate);
}

/** IsBeingDemotedPrimary. */
export function isBeingDemoted(row: States | undefined): boolean {
  return (
    row !== undefined &&
    belongsToPrimary(row.reportedstate) &&
    ['draining', 'demote_timeout', 'prepare_maintenance'].includes(row.goalstate)
  );
}

/** IsDemotedPrimary. */
export function isDemoted(row: States | undefined): boolean {
  return row?.goalstate === 'demoted' && (belongsToPrimary(row.reportedstate) || row.reportedstate === 'demoted');
}

const promotionSteps: Partial<Record<ReplicationState, readonly ReplicationState[]>> = {
  report_lsn: ['fast_forward', 'prepare_promotion'],
  fast_forward: ['fast_forward', 'prepare_promotion'],
  prepare_promotion: ['prepare_promotion', 'stop_replication', 'wait_primary'],
  stop_replication: ['stop_replication', 'wait_primary'],
};

/** IsBeingPromoted. */
export function isBeingPromoted(row: States): boolean {
  return promotionSteps[row.reportedstate]?.includes(row.goalstate) === true;
}

const streamingSteps: Partial<Record<ReplicationState, readonly ReplicationState[]>> = {
  prepare_promotion: ['stop_replication', 'wait_primary'],
  stop_replication: ['stop_replication', 'wait_primary'],
  wait_primary: ['wait_primary', 'primary'],
  primary: ['primary'],
};

/** CandidateNodeIsReadyToStreamWAL. */
export function isReadyToStream(row: States): boolean {
  return streamingSteps[row.reportedstate]?.includes(row.goalstate) === true;
}

/** IsParticipatingInPromotion. */
export function isParticipatingInPromotion(row: States): boolean {
  const electing = (state: ReplicationState) => state === 'report_lsn' || state === 'join_secondary';
  return isBeingPromoted(row) || electing(row.reportedstate) || electing(row.goalstate);
}

/** IsInMaintenance. */
export function isInMaintenance(row: States): boolean {
  return ['prepare_maintenance', 'wait_maintenance', 'maintenance'].includes(row.goalstate);
}

function isPrimaryOrApplying(state: ReplicationState): boolean {
  return state === 'primary' || state === 'apply_settings';
}
