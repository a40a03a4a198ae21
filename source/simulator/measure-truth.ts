import {isDiskFull} from './disk.ts';
import {lostWrites} from './history.ts';
import {routeBetween} from './network.ts';
import {isCurrent, isInMaintenance, isInPrimaryState} from './node-predicates.ts';
import type {DataNode, ReplicationGroup, Simulation} from './simulation.ts';
import type {NodeRow} from './tables.ts';
import type {GroupTruth} from './truth.ts';
import {acknowledges, isOpen, liveSynchronous, settle} from './wal.ts';

/** Whether an application outside can write now, and its commit is acknowledged. */
export function writesPossible(simulation: Simulation, group: ReplicationGroup): boolean {
  return group.nodes.some(node => acknowledges(node) && routeBetween(simulation, undefined, node) === 'open');
}

/** Notes when writes became possible or ceased to be; called after everything that happens. */
export function noteWrites(simulation: Simulation, group: ReplicationGroup): void {
  const now = simulation.engine.now();
  if (!group.writesPossible) group.millisecondsWithoutWrites += now - group.countedAt;
  group.countedAt = now;
  // Of two promotions at once the last need not be the one that stays: the history that goes on is that of the application.
  if (group.writesTo !== undefined && acknowledges(group.writesTo)) group.main = group.writesTo.postgres.branch;
  const possible = writesPossible(simulation, group);
  if (possible === group.writesPossible) return;
  group.writesPossible = possible;
  group.since = now;
}

/** The truth about a group. */
export function truthOf(simulation: Simulation, group: ReplicationGroup): GroupTruth {
  settle(simulation, group);
  noteWrites(simulation, group);
  const open = group.nodes.filter(node => isOpen(node.postgres));
  const acknowledging = open.filter(acknowledges);
  return {
    formation: group.formation,
    group: group.number,
    open: open.map(node => node.name),
    acknowledging: acknowledging.map(node => node.name),
    writesPossible: group.writesPossible,
    since: group.since,
    blocked: open.length > 0 && acknowledging.length === 0,
    redundant: group.writesPossible && open.some(node => isRedundant(simulation, node)),
    acknowledgedWrites: Math.round(group.acknowledged),
    lostWrites: lostWrites(group),
    secondsWithoutWrites: group.millisecondsWithoutWrites / 1000,
  };
}

/** After the loss of any one node writes go on or come back: enough standbys stream, and an election would end. */
function isRedundant(simulation: Simulation, primary: DataNode): boolean {
  const {database, answers} = simulation.monitor;
  const rows = database.group(primary.formation, primary.group.number);
  const row = rows.find(each => each.nodeid === primary.state?.nodeId);
  if (!answers || row === undefined || !isInPrimaryState(row)) return false;
  if (routeBetween(simulation, primary, simulation.monitor) !== 'open') return false;
  const synchronous = database.formation(primary.formation)?.number_sync_standbys ?? 0;
  const others = rows.filter(each => each !== row);
  // Without a standby too many commits wait, unless the monitor lets the primary go on alone, which its keeper has to carry out.
  const spare = liveSynchronous(primary).length > Math.max(1, synchronous);
  return (
    (spare || (synchronous === 0 && primary.keeper.running)) && wouldElect(simulation, primary, others, synchronous)
  );
}

/** The monitor would find a new primary among these: each that it waits for can report its position, and one of them may win. */
function wouldElect(
  simulation: Simulation,
  {group}: DataNode,
  others: readonly NodeRow[],
  synchronous: number,
): boolean {
  const {monitor} = simulation;
  const canReport = (row: NodeRow, running: boolean) => {
    const node = group.nodes.find(each => each.state?.nodeId === row.nodeid);
    if (node?.keeper.running !== true || routeBetween(simulation, node, monitor) !== 'open') return false;
    return !running || node.postgres.running || (row.reportedstate === 'demoted' && !isDiskFull(simulation, node.host));
  };
  const [only] = others;
  if (only !== undefined && others.length === 1) {
    return isCurrent(only, 'secondary') && canReport(only, true) && only.candidatepriority > 0;
  }
  const counted = others.filter(row => !isGivenUp(row) && !['init', 'wait_standby'].includes(row.reportedstate));
  const asked = counted.filter(row => !isInMaintenance(row) && (row.replicationquorum || canReport(row, false)));
  const idle = counted.filter(row => isInMaintenance(row) && row.replicationquorum);
  const votes = asked.filter(row => row.replicationquorum || synchronous === 0).length;
  return (
    asked.every(row => canReport(row, true)) &&
    idle.every(row => canReport(row, false)) &&
    votes > synchronous &&
    asked.some(row => row.candidatepriority > 0)
  );
}

/** An old primary that no election asks. */
function isGivenUp({goalstate}: NodeRow): boolean {
  return ['draining', 'demote_timeout', 'demoted'].includes(goalstate);
}
