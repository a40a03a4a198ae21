import {lostWrites} from './history.ts';
import {routeBetween} from './network.ts';
import {isCurrent} from './node-predicates.ts';
import type {DataNode, ReplicationGroup, Simulation} from './simulation.ts';
import type {GroupTruth} from './truth.ts';
import {acknowledges, isOpen, liveSynchronous, settle} from './wal.ts';

/** Whether an application outside can write now, and its commit is acknowledged. */
export function writesPossible(simulation: Simulation, group: ReplicationGroup): boolean {
  return group.nodes.some(node => acknowledges(node) && routeBetween(simulation, undefined, node.host) === 'open');
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

/** After the loss of any one node writes go on or come back: enough standbys stream, and enough could elect. */
function isRedundant(simulation: Simulation, primary: DataNode): boolean {
  const {database, answers, host} = simulation.monitor;
  const rows = database.group(primary.formation, primary.group.number);
  const row = rows.find(each => each.nodeid === primary.state?.nodeId);
  if (!answers || !isCurrent(row, 'primary')) return false;
  const sees = (node: DataNode) =>
    node.keeper.running && node.postgres.running && routeBetween(simulation, node.host, host) === 'open';
  const standbys = primary.group.nodes.filter(node => node !== primary);
  const ready = standbys.filter(node => {
    const standby = rows.find(each => each.nodeid === node.state?.nodeId);
    return isCurrent(standby, 'secondary') && sees(node);
  });
  const quorum = rows.filter(each => each.replicationquorum && each !== row);
  const synchronous = database.formation(primary.formation)?.number_sync_standbys ?? 0;
  const elects =
    quorum.every(each => ready.some(node => node.state?.nodeId === each.nodeid)) && ready.length > synchronous;
  const acknowledges = liveSynchronous(primary).length > Math.max(1, synchronous) || synchronous === 0;
  return sees(primary) && elects && acknowledges;
}
