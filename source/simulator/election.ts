import type {Database} from './database.ts';
import {byPriority} from './find-nodes.ts';
import {isHealthy, isReporting, isUnhealthy} from './healthy.ts';
import {
  belongsToPrimary,
  isBeingDemoted,
  isBeingPromoted,
  isCurrent,
  isDemoted,
  isInPrimaryState,
  isReadyToStream,
} from './node-predicates.ts';
import {lsnText, type NodeRow, nodeText} from './tables.ts';

/** What perform_failover and perform_promotion take from or add to a candidate priority while they choose. */
export const priorityIncrement = 101;

/** The highest candidate priority that a person can set. */
export const highestPriority = 100;

/**
 * ProceedGroupStateForMSFailover (group_state_machine.c): the election among more than one standby, driven by the report of `active`.
 * True when it took a step.
 */
export function proceedElection(database: Database, active: NodeRow, primary: NodeRow | undefined): boolean {
  const rows = database.group(active.formationid, active.groupid);
  const promoted = rows.find(isBeingPromoted);
  if (promoted !== undefined) {
    if (promoted.nodeid === active.nodeid) return followCandidate(database, active, promoted);
    database.say(
      `Active ${nodeText(active)} found failover candidate ${nodeText(promoted)} being promoted ` +
        `(currently "${promoted.reportedstate}"/"${promoted.goalstate}")`,
    );
    // In these states its Postgres may not run, and it is nevertheless the one.
    const expectedDown = promoted.reportedstate === 'report_lsn' || promoted.reportedstate === 'prepare_promotion';
    if (expectedDown || isHealthy(database, promoted)) return followCandidate(database, active, promoted);
  }
  return choose(database, active, primary, rows);
}

function choose(database: Database, active: NodeRow, primary: NodeRow | undefined, rows: readonly NodeRow[]): boolean {
  const synchronous = database.formation(active.formationid)?.number_sync_standbys ?? 0;
  const {candidates, inQuorum, missing} = gatherCandidates(database, rows, synchronous);
  const activeText = `activeNode is ${nodeText(active)} and reported state "${active.reportedstate}"`;
  if (missing > 0) {
    database.say(
      `Failover still in progress after ${candidates.length} nodes reported their LSN ` +
        `and we are waiting for ${missing} nodes to report, ${activeText}`,
    );
    return false;
  }
  if (candidates.length === 0) return false;
  const required = synchronous + 1;
  if (inQuorum < required) {
    database.say(
      `Failover still in progress with ${inQuorum} candidates that participate in the quorum having reported their LSN: ` +
        `${required} nodes are required in the quorum to satisfy number_sync_standbys=${synchronous} in ` +
        `formation "${active.formationid}", ${activeText}`,
    );
    return false;
  }
  const mostAdvanced = mostAdvancedOf(rows);
  const [first] = mostAdvanced;
  if (first === undefined) return false;
  database.say(
    `The current most advanced reported LSN is ${lsnText(first.reportedlsn)}, ` +
      `as reported by ${nodeText(first)} and ${mostAdvanced.length - 1} other nodes`,
  );
  const selected = selectCandidate(database, candidates, mostAdvanced, primary);
  if (selected === undefined) {
    database.say(
      `Failover still in progress after all ${candidates.length} candidate nodes reported their LSN ` +
        `and we failed to select one of them; ${activeText}`,
    );
    return false;
  }
  promote(database, selected, primary, candidates, first.reportedlsn);
  return true;
}

type Candidates = {candidates: readonly NodeRow[]; inQuorum: number; missing: number};

/** BuildCandidateList: who has reported its position, who is still to be asked, who is missing. */
function gatherCandidates(database: Database, rows: readonly NodeRow[], synchronous: number): Candidates {
  const candidates: NodeRow[] = [];
  let inQuorum = 0;
  let missing = 0;
  for (const row of rows) {
    const isPrimary = isInPrimaryState(row) || isBeingDemoted(row) || isDemoted(row);
    if (isPrimary && !isCurrent(row, 'draining', 'demoted')) continue;
    if (isUnhealthy(database, row) && !isReporting(database, row)) {
      if (row.replicationquorum && row.reportedstate !== 'report_lsn') missing += 1;
      continue;
    }
    if (isCurrent(row, 'report_lsn')) {
      candidates.push(row);
      if (row.replicationquorum || synchronous === 0) inQuorum += 1;
    } else if (row.goalstate === 'report_lsn') {
      missing += 1;
    } else if (isToReport(row)) {
      missing += 1;
      database.assign(
        row,
        'report_lsn',
        said(database, `Setting goal state of ${nodeText(row)} to report_lsn to find the failover candidate`),
      );
    }
  }
  return {candidates, inQuorum, missing};
}

function isToReport({reportedstate, goalstate}: NodeRow): boolean {
  const standby = (state: string) => state === 'secondary' || state === 'catchingup';
  if (standby(reportedstate) && standby(goalstate)) return true;
  if (reportedstate === 'maintenance' && goalstate === 'catchingup') return true;
  if (reportedstate === 'draining' && goalstate === 'draining') return true;
  return reportedstate === 'demoted' && (goalstate === 'demoted' || goalstate === 'catchingup');
}

/** ListMostAdvancedStandbyNodes. */
function mostAdvancedOf(rows: readonly NodeRow[]): readonly NodeRow[] {
  const standbys = rows.filter(row => !belongsToPrimary(row.reportedstate));
  const highest = Math.max(...standbys.map(row => row.reportedlsn));
  return standbys.filter(row => row.reportedlsn === highest);
}

/** SelectFailoverCandidateNode: the highest priority, then the most advanced, if what it lacks can be fetched. */
function selectCandidate(
  database: Database,
  candidates: readonly NodeRow[],
  mostAdvanced: readonly NodeRow[],
  primary: NodeRow | undefined,
): NodeRow | undefined {
  const [reference] = mostAdvanced;
  if (reference === undefined) return undefined;
  const threshold = database.setting('promote_wal_log_threshold');
  if (primary !== undefined && !isWithin(reference, primary, threshold)) {
    database.say(
      `One of the most advanced standby nodes in the group is ${nodeText(reference)}with reported LSN ` +
        `${lsnText(reference.reportedlsn)}, which is more than pgautofailover.enable_sync_wal_log_threshold (${threshold}) behind ` +
        `the primary ${nodeText(primary)}, which has reported ${lsnText(primary.reportedlsn)}`,
    );
    return undefined;
  }
  let selected: NodeRow | undefined;
  for (const row of byPriority(candidates)) {
    if (row.candidatepriority <= 0) continue;
    if (isUnhealthy(database, row)) {
      database.say(`Not selecting failover candidate ${nodeText(row)}because it is unhealthy`);
    } else if (selected === undefined) {
      selected = row;
    } else if (row.candidatepriority === selected.candidatepriority && row.reportedlsn > selected.reportedlsn) {
      selected = row;
    } else if (row.candidatepriority < selected.candidatepriority) break;
  }
  if (selected === undefined || selected.reportedlsn >= reference.reportedlsn) return selected;
  if (mostAdvanced.some(row => isHealthy(database, row))) return selected;
  database.say(
    `The selected candidate ${nodeText(selected)} needs to fetch missing WAL to reach LSN ${lsnText(reference.reportedlsn)} ` +
      `(from current reported LSN ${lsnText(selected.reportedlsn)}) and none of the most advanced standby nodes are healthy at the moment.`,
  );
  return undefined;
}

/** PromoteSelectedNode, after the priorities that the call had changed are put back. */
function promote(
  database: Database,
  selected: NodeRow,
  primary: NodeRow | undefined,
  candidates: readonly NodeRow[],
  highest: number,
): void {
  if (selected.candidatepriority > highestPriority) restorePriority(database, selected, -priorityIncrement);
  for (const row of candidates) {
    if (row.candidatepriority < 0) restorePriority(database, row, priorityIncrement);
  }
  const count = candidates.length;
  const after = primary === undefined ? '' : ` after ${nodeText(primary)} became unhealthy`;
  if (selected.reportedlsn === highest) {
    const message = `Setting goal state of ${nodeText(selected)} to prepare_promotion${after} and ${count} nodes reported their LSN position.`;
    database.assign(selected, 'prepare_promotion', said(database, message));
    return;
  }
  const why = primary === undefined ? ` after ${count}` : `${after} and ${count}`;
  const message = `Setting goal state of ${nodeText(selected)} to fast_forward${why} nodes reported their LSN position.`;
  database.assign(selected, 'fast_forward', said(database, message));
}

function restorePriority(database: Database, row: NodeRow, by: number): void {
  row.candidatepriority += by;
  database.record(
    row,
    said(database, `Updating candidate priority back to ${row.candidatepriority} for ${nodeText(row)}`),
  );
}

/** ProceedWithMSFailover: a standby that has reported its position stops and waits for the new primary. */
function followCandidate(database: Database, active: NodeRow, candidate: NodeRow): boolean {
  if (!isCurrent(active, 'report_lsn') || !isReadyToStream(candidate)) return false;
  const row = database.node(active.nodeid);
  if (row === undefined) return false;
  const message = `Setting goal state of ${nodeText(active)} to join_secondary after ${nodeText(candidate)} got selected as the failover candidate.`;
  database.assign(row, 'join_secondary', said(database, message));
  return true;
}

/** WalDifferenceWithin: false while one of them has reported no position. */
export function isWithin(row: NodeRow, other: NodeRow, bytes: number): boolean {
  if (row.reportedlsn === 0 || other.reportedlsn === 0) return false;
  return Math.abs(other.reportedlsn - row.reportedlsn) <= bytes;
}

/** NOTIFY log with this text, which then also stands in the event. */
export function said(database: Database, message: string): string {
  database.say(message);
  return message;
}
