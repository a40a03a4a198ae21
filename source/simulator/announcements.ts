import {parseReplicationState} from '../cluster/replication-state.ts';
import type {Notification} from './happening.ts';
import {log} from './log-lines.ts';
import {routeBetween} from './network.ts';
import {insidePids} from './service-lines.ts';
import type {DataNode, Simulation} from './simulation.ts';
import {type NodeRow, nodeText} from './tables.ts';

/** Writes what the monitor says into the logs of those who listen to it: its own listener, and the keepers of the same group. */
export function logAnnouncements(simulation: Simulation): void {
  const {engine, monitor} = simulation;
  engine.listen(happening => {
    if (happening.kind !== 'notification' || monitor.container === undefined || !monitor.answers) return;
    const {channel, payload} = happening;
    const sayOnMonitor = (message: string) => {
      if (monitor.container !== undefined) log(simulation, monitor.container, insidePids.service, 'INFO', message);
    };
    if (channel === 'log') return sayOnMonitor(payload);
    const row = rowOf(simulation, happening);
    if (row === undefined) return;
    sayOnMonitor(stateLine(row, false));
    const group = simulation.groups.find(each => each.formation === row.formationid && each.number === row.groupid);
    for (const node of group?.nodes ?? []) {
      if (!listens(simulation, node)) continue;
      log(simulation, node.container, node.keeper.pid, 'INFO', stateLine(row, node.state?.nodeId === row.nodeid));
    }
  });
}

function change(row: Pick<NodeRow, 'reportedstate' | 'goalstate'>): string {
  return `${row.reportedstate} ➜ ${row.goalstate}`;
}

/** How a keeper words the state of a node, its own or another. */
export function stateLine(row: NodeRow, own: boolean): string {
  const {nodeid, nodename, nodehost, nodeport} = row;
  return own
    ? `New state for this node (node ${nodeid}, "${nodename}") (${nodehost}:${nodeport}): ${change(row)}`
    : `New state for ${nodeText(row)}: ${change(row)}`;
}

function listens(simulation: Simulation, node: DataNode): boolean {
  const {running, couldContact} = node.keeper;
  return running && couldContact && routeBetween(simulation, node, simulation.monitor) === 'open';
}

/** The row that a notification is about, in the states that it tells: by now it may have others. */
function rowOf({monitor}: Simulation, {payload}: Notification): NodeRow | undefined {
  const told = /"nodeId": (\d+),.*"reportedState": "(\w+)", "goalState": "(\w+)"/.exec(payload);
  const row = monitor.database.node(Number(told?.[1]));
  if (row === undefined || told === null) return undefined;
  return {
    ...row,
    reportedstate: parseReplicationState(told[2] ?? ''),
    goalstate: parseReplicationState(told[3] ?? ''),
  };
}
