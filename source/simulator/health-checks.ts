import {said} from './election.ts';
import {routeBetween} from './network.ts';
import {whenThawed} from './pause.ts';
import type {DataNode, Simulation} from './simulation.ts';
import {type NodeRow, nodeText} from './tables.ts';

/** What a machine's neighbours take to say that it does not answer. */
const unreachableAfter = 3100;

/** Begins a round of health checks: all nodes at once; the next one follows a pause after the last has its verdict. */
export function beginRound(simulation: Simulation): void {
  const {monitor, engine} = simulation;
  if (!monitor.answers) return;
  if (monitor.container?.state === 'paused') {
    whenThawed(monitor.container, () => beginRound(simulation));
    return;
  }
  const pause = monitor.database.setting('health_check_period');
  const rows = monitor.database.nodes;
  let pending = rows.length;
  const judged = () => {
    pending -= 1;
    if (pending <= 0) monitor.round = engine.after(pause, () => beginRound(simulation));
  };
  if (pending === 0) judged();
  for (const row of rows) check(simulation, row, 1, judged);
}

/** One attempt to connect. The verdict comes at once when it succeeds; otherwise there are further ones, each after a pause. */
function check(simulation: Simulation, row: NodeRow, attempt: number, judged: () => void): void {
  const {monitor} = simulation;
  const {database} = monitor;
  const node = nodeAt(simulation, row);
  const route = node === undefined ? 'lost' : routeBetween(simulation, monitor, node);
  if (route === 'open' && node?.postgres.running === true) {
    setHealth(simulation, row, 1);
    judged();
    return;
  }
  const timeout = database.setting('health_check_timeout');
  const takes = route === 'open' ? 0 : route === 'lost' ? timeout : Math.min(timeout, unreachableAfter);
  // Also after the last one the worker pauses before it judges (health_check_worker.c).
  afterwards(simulation, takes + database.setting('health_check_retry_delay'), () => {
    const known = database.node(row.nodeid) === row;
    if (known && attempt <= database.setting('health_check_max_retries')) {
      check(simulation, row, attempt + 1, judged);
      return;
    }
    setHealth(simulation, row, 0);
    judged();
  });
}

/** How often verdicts are given while they flap: several at once, as each would need a timer of its own. Milliseconds. */
const flapEvery = 10;

/** Lets the health checks of one node after the other fail and succeed in turn, so many verdicts a second, each a transaction; 0 ends it. */
export function flapHealth(simulation: Simulation, verdictsPerSecond: number): void {
  const {monitor, engine} = simulation;
  const {database} = monitor;
  if (monitor.flapping !== undefined) monitor.flapping.next.cancelled = true;
  monitor.flapping = undefined;
  if (verdictsPerSecond <= 0) return;
  let owed = 0;
  let next = 0;
  const flap = () => {
    owed += (verdictsPerSecond * flapEvery) / 1000;
    for (; owed >= 1; owed -= 1) {
      const row = database.nodes[next % database.nodes.length];
      next += 1;
      if (row !== undefined && monitor.answers) setHealth(simulation, row, row.health === 1 ? 0 : 1);
    }
    monitor.flapping = {verdictsPerSecond, next: engine.after(flapEvery, flap)};
  };
  monitor.flapping = {verdictsPerSecond, next: engine.after(flapEvery, flap)};
}

function afterwards(simulation: Simulation, milliseconds: number, run: () => void): void {
  const {startedAt} = simulation.monitor.database;
  simulation.engine.after(milliseconds, () => {
    if (simulation.monitor.answers && simulation.monitor.database.startedAt === startedAt) run();
  });
}

function setHealth(simulation: Simulation, row: NodeRow, health: 0 | 1): void {
  const {database} = simulation.monitor;
  if (database.node(row.nodeid) !== row) return;
  const before = row.health;
  row.health = health;
  row.healthchecktime = database.now();
  if (before === health) return;
  const message = `Node ${nodeText(row)} is marked as ${health === 1 ? 'healthy' : 'unhealthy'} by the monitor`;
  database.record(row, said(database, message));
  database.commit();
}

function nodeAt(simulation: Simulation, row: NodeRow): DataNode | undefined {
  return simulation.nodes.find(node => node.port === row.nodeport && node.host.address === row.nodehost);
}
