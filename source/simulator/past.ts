import type {ReplicationState} from '../cluster/replication-state.ts';
import {stateLine} from './announcements.ts';
import {keeperEdge} from './keeper-edges.ts';
import {recallLine} from './log-lines.ts';
import {createRandom, type Random} from './random.ts';
import {
  insidePids,
  listeningLines,
  otherNodesLines,
  runningLines,
  type ServiceLine,
  servingLines,
  startLines,
  terminationLines,
} from './service-lines.ts';
import type {ContainerState, DataNode, Simulation} from './simulation.ts';
import {type NodeRow, nodeText} from './tables.ts';

/** Only the groups that a person may look at have a past: a cluster of hundreds is there for its size. */
const groupsWithPast = 5;

const minute = 60_000;

/**
 * What a settled cluster did before it is looked at, for its logs and events: everything started at `since`, and about an hour ago somebody
 * restarted the containers of the standbys, one after the other. Another seed is another past, and nothing else.
 */
export function givePast(simulation: Simulation, {seed, since}: {seed: number; since: number}): void {
  const random = createRandom(seed ^ 0x5eed);
  const past = new Past(simulation);
  recallMonitor(past, simulation, since);
  for (const group of simulation.groups) {
    if (group.number >= groupsWithPast) continue;
    for (const node of group.nodes) recallStart(past, simulation, node, since);
    const [, ...standbys] = group.nodes;
    let at = simulation.engine.now() - random.between(58, 66) * minute;
    for (const standby of standbys.reverse()) {
      recallRestart(past, simulation, standby, at, random);
      at += random.between(4, 9) * minute;
    }
  }
  past.commit();
}

/** What is remembered, in any order; written down in order of time. */
class Past {
  readonly #simulation: Simulation;
  readonly #lines: {container: ContainerState; at: number; line: ServiceLine}[] = [];
  readonly #events: {row: NodeRow; at: number; description: string}[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  lines(container: ContainerState, at: number, lines: readonly ServiceLine[]): void {
    for (const line of lines) this.#lines.push({container, at: Math.round(at), line});
  }

  /** The monitor moves or hears of a node: an event, and what all who listen write of it. */
  event(node: DataNode, at: number, states: Pick<NodeRow, 'reportedstate' | 'goalstate'>, description: string): void {
    const {monitor} = this.#simulation;
    const known = monitor.database.node(node.state?.nodeId ?? 0);
    if (known === undefined || monitor.container === undefined) return;
    const row = {...known, ...states};
    this.#events.push({row, at: Math.round(at), description});
    const say = (message: string): ServiceLine => ({pid: insidePids.service, level: 'INFO', message});
    this.lines(monitor.container, at, [say(description), say(stateLine(row, false))]);
    for (const other of node.group.nodes) this.lines(other.container, at + 20, [say(stateLine(row, other === node))]);
  }

  commit(): void {
    for (const {container, at, line} of this.#lines.sort((one, other) => one.at - other.at)) {
      recallLine(container, at, line);
    }
    const {database} = this.#simulation.monitor;
    for (const {row, at, description} of this.#events.sort((one, other) => one.at - other.at)) {
      database.recall(row, at, description);
    }
  }
}

function recallMonitor(past: Past, {monitor}: Simulation, since: number): void {
  const {container} = monitor;
  if (container === undefined) return;
  past.lines(container, since, startLines('listener'));
  past.lines(container, since + 640, [
    ...servingLines(monitor.port, 23),
    ...listeningLines(monitor.host.address, monitor.port),
  ]);
}

function recallStart(past: Past, simulation: Simulation, node: DataNode, at: number): void {
  const {container, keeper, state, port} = node;
  past.lines(container, at, [...startLines('node-active'), ...runningLines(keeper.pid, state?.role ?? 'init')]);
  past.lines(container, at + 480, [
    ...otherNodesLines(keeper.pid, othersOf(simulation, node)),
    ...servingLines(port, 23),
  ]);
  past.lines(container, at + 500, [
    {pid: keeper.pid, level: 'WARN', message: 'PostgreSQL was not running, restarted with pid 23'},
  ]);
}

/** `docker restart` of a standby: the monitor sends it to catchingup, and a few seconds later it is a secondary again. */
function recallRestart(past: Past, simulation: Simulation, node: DataNode, at: number, random: Random): void {
  const {container, keeper, postgres, state} = node;
  const row = simulation.monitor.database.node(state?.nodeId ?? 0);
  if (row === undefined) return;
  const started = Math.round(at + random.between(600, 900));
  const noticed = started + random.between(600, 1100);
  const caught = noticed + random.between(1500, 2200);
  const back = caught + random.between(400, 900);
  past.lines(container, at, terminationLines);
  past.lines(container, started - 60, [{pid: insidePids.autoctl, level: 'INFO', message: 'Stop pg_autoctl'}]);
  recallStart(past, simulation, node, started);
  const text = nodeText(row);
  const states = (reportedstate: ReplicationState, goalstate: ReplicationState) => ({reportedstate, goalstate});
  past.event(
    node,
    noticed,
    states('secondary', 'catchingup'),
    `Setting goal state of ${text} to catchingup after it became unhealthy.`,
  );
  past.lines(container, noticed + 40, transition(keeper.pid, 'secondary', 'catchingup'));
  past.event(node, caught, states('catchingup', 'catchingup'), `New state is reported by ${text}: "catchingup"`);
  past.event(
    node,
    caught + 30,
    states('catchingup', 'secondary'),
    `Setting goal state of ${text} to secondary after it caught up.`,
  );
  past.lines(container, caught + 70, transition(keeper.pid, 'catchingup', 'secondary'));
  past.event(node, back, states('secondary', 'secondary'), `New state is reported by ${text}: "secondary"`);
  container.startedAt = started;
  container.finishedAt = started - 50;
  postgres.startedAt = started + 480;
  row.statechangetime = Math.round(back);
}

function transition(pid: number, from: ReplicationState, to: ReplicationState): readonly ServiceLine[] {
  const say = (message: string): ServiceLine => ({pid, level: 'INFO', message});
  return [
    say(`Monitor assigned new state "${to}"`),
    say(`FSM transition from "${from}" to "${to}": ${keeperEdge(from, to)?.comment ?? ''}`),
    say(`Transition complete: current state is now "${to}"`),
  ];
}

function othersOf({monitor}: Simulation, {formation, group, state}: DataNode): readonly NodeRow[] {
  return monitor.database.group(formation, group.number).filter(row => row.nodeid !== state?.nodeId);
}
