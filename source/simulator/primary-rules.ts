import type {ReplicationState} from '../cluster/replication-state.ts';
import type {Database} from './database.ts';
import {said} from './election.ts';
import {othersOf} from './find-nodes.ts';
import {isUnhealthy} from './healthy.ts';
import {isCurrent} from './node-predicates.ts';
import {type NodeRow, nodeText} from './tables.ts';

/** ProceedGroupStateForPrimaryNode (group_state_machine.c): what the report of a node in a primary state leads to. */
export function proceedPrimary(database: Database, primary: NodeRow): void {
  const others = othersOf(database.group(primary.formationid, primary.groupid), primary);
  const to = (state: ReplicationState, reason: string) => {
    const row = database.node(primary.nodeid);
    if (row === undefined) return;
    database.assign(row, state, said(database, `Setting goal state of ${nodeText(primary)} to ${state} ${reason}`));
  };
  if (isCurrent(primary, 'single')) {
    const joining = others.find(row => isCurrent(row, 'wait_standby'));
    if (joining !== undefined) to('wait_primary', `after ${nodeText(joining)} joined.`);
    return;
  }
  if (isCurrent(primary, 'primary', 'wait_primary', 'apply_settings')) {
    proceedSettled(database, primary, countStandbys(database, others), to);
  } else if (isCurrent(primary, 'join_primary')) {
    to('primary', '');
  }
}

type Counts = {quorum: number; secondaries: number; quorumSecondaries: number};

/** Sends unhealthy secondaries to catchingup, and counts the others. */
function countStandbys(database: Database, others: readonly NodeRow[]): Counts {
  const counts = {quorum: others.length, secondaries: others.length, quorumSecondaries: others.length};
  for (const row of others) {
    const stopped = row.reportedstate === 'report_lsn' || row.reportedstate === 'join_secondary';
    if (row.goalstate === 'secondary' && !stopped && isUnhealthy(database, row)) {
      counts.secondaries -= 1;
      counts.quorumSecondaries -= 1;
      const message = `Setting goal state of ${nodeText(row)} to catchingup after it became unhealthy.`;
      database.assign(row, 'catchingup', said(database, message));
    } else if (!isCurrent(row, 'secondary')) {
      counts.secondaries -= 1;
      counts.quorumSecondaries -= 1;
    } else if (!row.replicationquorum) {
      counts.quorumSecondaries -= 1;
    }
    if (!row.replicationquorum) counts.quorum -= 1;
  }
  return counts;
}

function proceedSettled(
  database: Database,
  primary: NodeRow,
  {quorum, secondaries, quorumSecondaries}: Counts,
  to: (state: ReplicationState, reason: string) => void,
): void {
  const synchronous = database.formation(primary.formationid)?.number_sync_standbys ?? 0;
  if (quorum === 0) {
    const goal = secondaries === 0 ? 'wait_primary' : 'primary';
    if (primary.goalstate !== goal) to(goal, 'because none of the secondary nodes are healthy at the moment.');
    return;
  }
  if (!isCurrent(primary, 'wait_primary') && quorumSecondaries === 0) {
    const goal = synchronous === 0 ? 'wait_primary' : 'primary';
    if (primary.goalstate !== goal) {
      to(goal, 'because none of the standby nodes in the quorum are healthy at the moment.');
      return;
    }
  }
  if (isCurrent(primary, 'wait_primary') && quorumSecondaries > 0) {
    to('primary', `now that we have ${quorumSecondaries} healthy  secondary nodes in the quorum.`);
    return;
  }
  if (isCurrent(primary, 'apply_settings')) {
    const goal = synchronous === 0 && quorumSecondaries === 0 ? 'wait_primary' : 'primary';
    to(goal, 'after it applied replication properties change.');
  }
}
