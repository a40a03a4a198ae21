import {canTakeWrites} from '../../cluster/replication-state.ts';
import {runCommand} from '../command.ts';
import type {World} from '../world.ts';

/** So long is waited for the cluster to come to rest before a scenario begins. Simulated milliseconds. */
const patienceMs = 180_000;
const lookMs = 500;

/**
 * Brings a cluster to where scenarios begin: every fault ended, nobody in maintenance, pg_node1 the primary. Calls `done` when it is
 * there, or when it does not get there in time (a dropped node does not come back). Returns what cancels it.
 */
export function settleForScenario(world: World, done: (settled: boolean) => void): () => void {
  world.faults.repair();
  const end = world.now() + patienceMs;
  let cancel = () => {};
  let asked = '';
  const ask = (words: string) => {
    // Once is enough, unless it was refused: the monitor takes its time.
    if (asked !== words && runCommand(world, words).ok) asked = words;
  };
  const look = () => {
    const rows = world.monitor.nodes();
    const first = rows.find(row => row.nodename === 'pg_node1');
    const resting = rows.find(row => row.goalstate === 'maintenance' && row.reportedstate === 'maintenance');
    if (isAtRest(world) && (first === undefined || first.reportedstate === 'primary')) return done(true);
    if (world.now() >= end) return done(false);
    if (world.monitor.answers()) {
      if (resting !== undefined) ask(`maintenance off ${resting.nodename}`);
      else if (isAtRest(world)) ask('promote pg_node1');
    }
    cancel = world.schedule(lookMs, look);
  };
  cancel = world.schedule(0, look);
  return () => cancel();
}

/** Every node is where the monitor wants it, well, and either takes writes or is a standby. */
function isAtRest(world: World): boolean {
  const rows = world.monitor.nodes();
  return (
    world.monitor.answers() &&
    rows.every(
      row =>
        row.reportedstate === row.goalstate &&
        row.health === 1 &&
        (row.goalstate === 'secondary' || canTakeWrites(row.goalstate)),
    )
  );
}
