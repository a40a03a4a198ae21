import type {Group, GroupNode} from './group.ts';
import {canTakeWrites, type ReplicationState} from './replication-state.ts';
import {freshReportSeconds} from './writable.ts';

/** What decides whether a group survives a loss: counts, because standbys of a kind are alike. */
export type Redundancy = {
  numberSyncStandbys: number;
  /** Healthy standbys in the replication quorum, other than the primary: each can acknowledge commits and stand for election. */
  quorum: number;
  /** Healthy standbys outside the quorum that may be promoted. */
  asynchronous: number;
  /** Standbys that acknowledge commits and cannot be promoted now (in maintenance: they go on streaming). */
  acknowledging: number;
  /** Quorum standbys that cannot report a position: an election would wait for each of them for ever. */
  missing: number;
  /** Of the standbys that are counted, those that may be promoted at all. */
  candidates: number;
  /** The primary's keeper, which lets commits go on without a synchronous standby when the monitor says so, is there. */
  primaryReports: boolean;
  /** The states of the primary are ones from which the monitor fails over. */
  failsOver: boolean;
  /** All standbys that are registered, dead or alive: a lone one is promoted without an election. */
  registered: number;
};

/**
 * How many more nodes can be lost, one after the other, with writes still possible after each (an automatic failover in between counts).
 * Follows the election test of pg_auto_failover 2.x: every quorum node has to report, and number_sync_standbys + 1 of them be candidates.
 */
export function toleratedFailures(redundancy: Redundancy): number {
  const {quorum, asynchronous} = redundancy;
  const losses = [afterPrimaryLoss(redundancy)];
  if (quorum > 0) losses.push(afterQuorumLoss(redundancy));
  if (asynchronous > 0)
    losses.push({...redundancy, asynchronous: asynchronous - 1, candidates: Math.max(0, redundancy.candidates - 1)});
  return Math.min(...losses.map(after => (after === undefined ? 0 : 1 + toleratedFailures(after))));
}

/** The group after its primary is lost and another took over; undefined when none could. */
export function afterPrimaryLoss(redundancy: Redundancy): Redundancy | undefined {
  const {numberSyncStandbys, quorum, asynchronous, missing, candidates, failsOver, registered} = redundancy;
  if (!failsOver || missing > 0 || candidates === 0) return undefined;
  const lone = registered === 1;
  if (!lone && numberSyncStandbys > 0 && quorum < numberSyncStandbys + 1) return undefined;
  const next = {...redundancy, candidates: candidates - 1, primaryReports: true, failsOver: true};
  if (quorum > 0) return {...next, quorum: quorum - 1};
  return asynchronous > 0 ? {...next, asynchronous: asynchronous - 1} : undefined;
}

/** The group after a quorum standby is lost; undefined when commits would wait from then on. */
export function afterQuorumLoss(redundancy: Redundancy): Redundancy | undefined {
  const {numberSyncStandbys, quorum, acknowledging, missing, primaryReports} = redundancy;
  const needed = numberSyncStandbys > 0 || primaryReports ? numberSyncStandbys : 1;
  if (quorum - 1 + acknowledging < needed) return undefined;
  return {...redundancy, quorum: quorum - 1, missing: missing + 1, candidates: Math.max(0, redundancy.candidates - 1)};
}

export function redundancyOf(group: Group): Redundancy {
  const standbys = group.nodes.filter(node => node !== group.primary && node.row?.assignedState !== 'dropped');
  const sound = standbys.filter(isSoundStandby);
  const connected = sound.filter(node => isConnected(group, node));
  return {
    numberSyncStandbys: group.numberSyncStandbys,
    quorum: connected.filter(node => node.row?.replicationQuorum === true).length,
    asynchronous: connected.filter(node => node.row?.replicationQuorum === false && canBePromoted(node)).length,
    acknowledging: standbys.filter(node => !isSoundStandby(node) && acknowledges(group, node)).length,
    missing: standbys.filter(node => node.row?.replicationQuorum === true && isMissing(node)).length,
    candidates: connected.filter(canBePromoted).length,
    primaryReports: group.primary !== undefined && reports(group.primary),
    failsOver: isReplaceable(group.primary?.row),
    registered: standbys.length,
  };
}

/** IsInPrimaryState (node_metadata.c): a primary that is lost on its way between other states is not replaced. */
function isReplaceable(row: GroupNode['row']): boolean {
  if (row === undefined) return false;
  const settled: readonly ReplicationState[] = ['primary', 'apply_settings'];
  return row.reportedState === row.assignedState
    ? canTakeWrites(row.assignedState)
    : settled.includes(row.reportedState) && settled.includes(row.assignedState);
}

/** A standby that the monitor could promote now. */
export function isSoundStandby(node: GroupNode): boolean {
  const row = node.row;
  return (
    node.rowCurrent &&
    row?.reportedState === 'secondary' &&
    row.assignedState === 'secondary' &&
    row.health === 'good' &&
    row.postgresRunning &&
    reports(node)
  );
}

export function reports(node: GroupNode): boolean {
  return node.reportAge !== null && node.reportAge <= freshReportSeconds;
}

/** An election would wait for this quorum node in vain; it asks no old primary that the monitor has given up. */
export function isMissing(node: GroupNode): boolean {
  if (['draining', 'demote_timeout', 'demoted', 'dropped'].includes(node.row?.assignedState ?? '')) return false;
  return !reports(node) || isStopped(node);
}

/** Its keeper reports a Postgres that does not run, and an election would ask it to report from there. */
function isStopped({row}: GroupNode): boolean {
  if (row === undefined || row.postgresRunning) return false;
  const standby: readonly ReplicationState[] = ['secondary', 'catchingup'];
  return standby.includes(row.assignedState) && [...standby, 'demoted'].includes(row.reportedState);
}

export function canBePromoted(node: GroupNode): boolean {
  return (node.row?.candidatePriority ?? 0) > 0;
}

function acknowledges(group: Group, node: GroupNode): boolean {
  return reports(node) && (group.synchronous?.live.some(row => row.nodeId === node.row?.id) ?? false);
}

/** Not proven to be cut off from the primary: by the primary's own word, or by the standby's where that is not heard. */
export function isConnected(group: Group, node: GroupNode): boolean {
  const reading = group.primary?.postgres;
  if (reading === undefined || reading.inRecovery) {
    return node.postgres?.inRecovery !== true || node.postgres.receiverStatus === 'streaming';
  }
  return reading.replication.some(row => row.nodeId === node.row?.id && row.state === 'streaming');
}
