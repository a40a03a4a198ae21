import {canTakeWrites} from '../cluster/replication-state.ts';
import type {Database} from './database.ts';
import {belongsToPrimary, isBeingDemoted, isDemoted, isParticipatingInPromotion} from './node-predicates.ts';
import type {NodeRow} from './tables.ts';

/** GetPrimaryNodeInGroup: the first that is assigned a state that takes writes. */
export function primaryOf(rows: readonly NodeRow[]): NodeRow | undefined {
  return rows.find(row => canTakeWrites(row.goalstate));
}

/** GetPrimaryOrDemotedNodeInGroup. */
export function primaryOrDemotedOf(rows: readonly NodeRow[]): NodeRow | undefined {
  const writable = primaryOf(rows);
  if (writable !== undefined) return writable;
  let found: NodeRow | undefined;
  for (const row of rows) {
    if (belongsToPrimary(row.reportedstate) && (!isBeingDemoted(found) || !isDemoted(row))) found = row;
  }
  return found;
}

/** AutoFailoverOtherNodesList. */
export function othersOf(rows: readonly NodeRow[], row: NodeRow | undefined): readonly NodeRow[] {
  return row === undefined ? [] : rows.filter(other => other.nodeid !== row.nodeid);
}

/** IsFailoverInProgress. */
export function isFailoverInProgress(rows: readonly NodeRow[]): boolean {
  return rows.some(isParticipatingInPromotion);
}

/** Highest candidate priority first; the order of ids where it is the same. */
export function byPriority(rows: readonly NodeRow[]): readonly NodeRow[] {
  return [...rows].sort((a, b) => b.candidatepriority - a.candidatepriority);
}

/** `pgautofailover.synchronous_standby_names` (node_active_protocol.c); dead nodes and those in maintenance stay listed. */
export function synchronousStandbyNames(database: Database, formation: string, group: number): string {
  const rows = database.group(formation, group);
  const primary = primaryOf(rows);
  const standbys = othersOf(rows, primary);
  const name = (row: NodeRow) => `pgautofailover_standby_${row.nodeid}`;
  if (rows.length < 2) return '';
  if (rows.length === 2) {
    const [standby] = standbys;
    const synchronous = standby?.replicationquorum === true && standby.goalstate === 'secondary';
    return synchronous ? `ANY 1 (${name(standby)})` : '';
  }
  const quorum = byPriority(standbys.filter(row => row.replicationquorum));
  const alone = primary?.goalstate === 'wait_primary' && primary.reportedstate === 'wait_primary';
  if (quorum.length === 0 || alone) return '';
  const required = Math.max(1, database.formation(formation)?.number_sync_standbys ?? 0);
  return `ANY ${required} (${quorum.map(name).join(', ')})`;
}
