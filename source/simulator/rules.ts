import type {ReplicationState} from '../cluster/replication-state.ts';
import type {DatabaseError} from './answer.ts';
import {sqlState} from './answer.ts';
import type {Database} from './database.ts';
import {isWithin, proceedElection, said} from './election.ts';
import {isFailoverInProgress, othersOf, primaryOrDemotedOf} from './find-nodes.ts';
import {countHealthyCandidates, isHealthy, isUnhealthy} from './healthy.ts';
import {isCurrent, isInMaintenance, isInPrimaryState} from './node-predicates.ts';
import {proceedPrimary} from './primary-rules.ts';
import {type NodeRow, nodeText} from './tables.ts';

/**
 * ProceedGroupState (group_state_machine.c): what a node's report leads to. `active` is its row as it was read before the report was
 * stored, with the new reported state, as the monitor has it. An error undoes the report.
 */
export function proceedGroup(database: Database, active: NodeRow): DatabaseError | undefined {
  const rows = database.group(active.formationid, active.groupid);
  if (isCurrent(active, 'dropped')) {
    const row = database.node(active.nodeid);
    if (row !== undefined) removeRow(database, row);
    return undefined;
  }
  if (active.goalstate === 'dropped' || isCurrent(active, 'maintenance')) return undefined;
  if (rows.length === 1 && !isCurrent(active, 'single')) {
    proceedAlone(database, active);
    return undefined;
  }
  if (isInPrimaryState(active)) {
    proceedPrimary(database, active);
    return undefined;
  }
  const primary = primaryOrDemotedOf(rows);
  if (primary === undefined && !isFailoverInProgress(rows)) return primaryMissing(active);
  if (rows.length > 2 && isUnhealthy(database, primary) && proceedFailover(database, active, primary, rows)) {
    return undefined;
  }
  proceedStandby(database, active, primary, rows);
  return undefined;
}

/** RemoveAutoFailoverNode; only said on the log channel. */
export function removeRow(database: Database, row: NodeRow): void {
  database.remove(row);
  database.say(`Removing ${nodeText(row)} from formation "${row.formationid}" and group ${row.groupid}`);
}

function primaryMissing(active: NodeRow): DatabaseError {
  return {
    code: sqlState.internal,
    message: `ProceedGroupState couldn't find the primary node in formation "${active.formationid}", group ${active.groupid}`,
    detail: `activeNode is ${nodeText(active)} in state ${active.goalstate}`,
  };
}

function proceedAlone(database: Database, active: NodeRow): void {
  if (active.candidatepriority > 0) {
    assign(database, active, 'single', `${nodeText(active)} to single as there is no other node.`);
  } else if (active.candidatepriority === 0) {
    const priority = `candidate priority is ${active.candidatepriority}`;
    assign(
      database,
      active,
      'report_lsn',
      `${nodeText(active)} to report_lsn as there is no other node and ${priority}.`,
    );
  }
}

/** The primary is unhealthy and there are several standbys: drain it, and elect. */
function proceedFailover(
  database: Database,
  active: NodeRow,
  primary: NodeRow | undefined,
  rows: readonly NodeRow[],
): boolean {
  const standbys = othersOf(rows, primary).filter(row => row.goalstate === 'secondary');
  const candidates = countHealthyCandidates(database, standbys);
  if (isInPrimaryState(primary) && !isCurrent(primary, 'wait_primary') && candidates >= 1) {
    assign(database, primary, 'draining', `${text(primary)} to draining after it became unhealthy.`);
  } else if (isCurrent(primary, 'prepare_maintenance')) {
    const message = `${text(primary)} to maintenance after it converged to prepare_maintenance.`;
    assign(database, primary, 'maintenance', message);
  }
  return proceedElection(database, active, primary);
}

/** What a standby's report leads to; the order is that of the source. */
function proceedStandby(
  database: Database,
  active: NodeRow,
  primary: NodeRow | undefined,
  rows: readonly NodeRow[],
): boolean {
  const node = nodeText(active);
  const to = (state: ReplicationState, message: string) => assign(database, active, state, message);
  if (isCurrent(active, 'report_lsn') && isHealthy(database, primary)) {
    if (isCurrent(primary, 'wait_primary', 'join_primary')) {
      const converged = `converged to ${primary?.reportedstate} and has been marked healthy.`;
      return to('secondary', `${node} to secondary after ${text(primary)} ${converged}`);
    }
    if (isCurrent(primary, 'primary')) {
      return to('secondary', `${node} to secondary after ${text(primary)} got selected as the failover candidate.`);
    }
  }
  if (isCurrent(active, 'fast_forward')) return to('prepare_promotion', `${node} to prepare_promotion`);
  if (isCurrent(active, 'report_lsn')) {
    return proceedElection(database, active, primary);
  }
  if (isCurrent(active, 'wait_standby')) return proceedJoining(database, active, primary);
  if (
    isCurrent(active, 'catchingup') &&
    isCurrent(primary, 'wait_primary', 'join_primary', 'primary') &&
    isHealthy(database, active) &&
    active.reportedtli === primary?.reportedtli &&
    isWithin(active, primary, database.setting('enable_sync_wal_log_threshold'))
  ) {
    return to('secondary', `${node} to secondary after it caught up.`);
  }
  if (
    isCurrent(active, 'secondary') &&
    primary !== undefined &&
    isInPrimaryState(primary) &&
    isUnhealthy(database, primary) &&
    isHealthy(database, active) &&
    active.candidatepriority > 0 &&
    isWithin(active, primary, database.setting('promote_wal_log_threshold'))
  ) {
    const both = `${text(primary)} to draining and ${node} to prepare_promotion`;
    return assignBoth(
      database,
      active,
      'prepare_promotion',
      primary,
      'draining',
      `${both} after ${text(primary)} became unhealthy.`,
    );
  }
  if (isCurrent(active, 'wait_maintenance')) {
    if (isCurrent(primary, 'wait_primary')) {
      return to('maintenance', `${node} to maintenance after ${text(primary)} converged to wait_primary.`);
    }
    if (primary !== undefined && primary.goalstate !== 'wait_primary') {
      return to(
        'maintenance',
        `${node} to maintenance after ${text(primary)} got assigned ${primary.goalstate} as goal state.`,
      );
    }
  }
  if (isCurrent(active, 'prepare_promotion')) return proceedPromotion(database, active, primary);
  if (isCurrent(active, 'stop_replication')) return proceedTakeover(database, active, primary);
  return proceedFollowers(database, active, primary, rows);
}

function proceedJoining(database: Database, active: NodeRow, primary: NodeRow | undefined): boolean {
  const node = nodeText(active);
  if (isCurrent(primary, 'wait_primary', 'join_primary')) {
    const message = `${node} to catchingup after ${text(primary)} converged to ${primary?.reportedstate}.`;
    return assign(database, active, 'catchingup', message);
  } else if (primary !== undefined && isCurrent(primary, 'primary') && active.replicationquorum) {
    const message = `${node} to catchingup and ${text(primary)} to primary to edit synchronous_standby_names.`;
    return assignBoth(database, active, 'catchingup', primary, 'apply_settings', message);
  } else if (isCurrent(primary, 'primary')) {
    return assign(database, active, 'catchingup', `${node} to catchingup.`);
  }
  return false;
}

function proceedPromotion(database: Database, active: NodeRow, primary: NodeRow | undefined): boolean {
  const node = nodeText(active);
  if (isCurrent(primary, 'prepare_maintenance')) {
    const message = `${node} to stop_replication after ${text(primary)} converged to prepare_maintenance.`;
    return assign(database, active, 'stop_replication', message);
  } else if (primary === undefined) {
    return assign(
      database,
      active,
      'wait_primary',
      `${node} to wait_primary after ${node} converged to prepare_promotion.`,
    );
  } else if (!isInMaintenance(primary)) {
    const message = `${text(primary)} to demote_timeout and ${node} to stop_replication after ${node} converged to prepare_promotion.`;
    return assignBoth(database, active, 'stop_replication', primary, 'demote_timeout', message);
  }
  return false;
}

function proceedTakeover(database: Database, active: NodeRow, primary: NodeRow | undefined): boolean {
  if (primary === undefined) return false;
  const both = `${nodeText(active)} to wait_primary and ${text(primary)} to`;
  if (isCurrent(primary, 'prepare_maintenance')) {
    return assignBoth(database, active, 'wait_primary', primary, 'maintenance', `${both} maintenance.`);
  }
  const expired =
    primary.goalstate === 'demote_timeout' &&
    database.now() - primary.statechangetime >= database.setting('primary_demote_timeout');
  if (isCurrent(primary, 'demote_timeout') || expired) {
    const message = `${both} demoted after the demote timeout expired.`;
    return assignBoth(database, active, 'wait_primary', primary, 'demoted', message);
  }
  return false;
}

function proceedFollowers(
  database: Database,
  active: NodeRow,
  primary: NodeRow | undefined,
  rows: readonly NodeRow[],
): boolean {
  const node = nodeText(active);
  if (primary === undefined) return false;
  const opening = primary.reportedstate === 'wait_primary' || primary.reportedstate === 'join_primary';
  if (isCurrent(active, 'demoted') && isHealthy(database, primary)) {
    const after = `${node} to catchingup after it converged to demotion and ${text(primary)} converged to`;
    if (opening && primary.goalstate === 'primary') {
      return assign(database, active, 'catchingup', `${after} primary.`);
    }
    if (isCurrent(primary, 'join_primary', 'wait_primary', 'primary')) {
      return assign(database, active, 'catchingup', `${after} ${primary.reportedstate}.`);
    }
  }
  if (!isCurrent(active, 'join_secondary')) return false;
  const promoted = primary.goalstate === 'wait_primary' || primary.goalstate === 'primary';
  if (primary.reportedstate === 'wait_primary' && promoted) {
    assign(database, active, 'secondary', `${node} to secondary after ${text(primary)} converged to wait_primary.`);
    const row = rows.find(other => other.nodeid === primary.nodeid);
    if (row !== undefined) proceedPrimary(database, row);
    return true;
  } else if (isCurrent(primary, 'primary')) {
    return assign(database, active, 'secondary', `${node} to secondary after ${text(primary)} converged to primary.`);
  }
  return false;
}

function assignBoth(
  database: Database,
  active: NodeRow,
  state: ReplicationState,
  primary: NodeRow,
  primaryState: ReplicationState,
  message: string,
): boolean {
  assign(database, active, state, message);
  const row = database.node(primary.nodeid);
  if (row !== undefined) database.assign(row, primaryState, `Setting goal state of ${message}`);
  return row !== undefined;
}

function assign(database: Database, node: NodeRow | undefined, state: ReplicationState, message: string): boolean {
  const row = node === undefined ? undefined : database.node(node.nodeid);
  if (row !== undefined) database.assign(row, state, said(database, `Setting goal state of ${message}`));
  return row !== undefined;
}

function text(row: NodeRow | undefined): string {
  return row === undefined ? '' : nodeText(row);
}
