import type {Answer, MonitorCall} from '../../source/simulator/answer.ts';
import {createWorld} from '../../source/simulator/create-world.ts';
import type {EventRow} from '../../source/simulator/tables.ts';
import type {GroupTruth} from '../../source/simulator/truth.ts';
import type {World, WorldOptions} from '../../source/simulator/world.ts';

/** A cluster of three, settled, at rest for 20 s. */
export function settledWorld(seed = 1, more: Partial<WorldOptions> = {}): World {
  const world = createWorld({seed, startAt: Date.UTC(2026, 0, 15), ...more});
  world.advance(20_000);
  return world;
}

/** Lets time pass until it is so; throws with the states when it is not after that many simulated seconds. Returns the seconds it took. */
export function advanceUntil(world: World, isSo: () => boolean, seconds: number): number {
  const begin = world.now();
  while (!isSo()) {
    if (world.now() - begin > seconds * 1000) throw new Error(`not after ${seconds} s: ${states(world)}`);
    world.advance(50);
  }
  return (world.now() - begin) / 1000;
}

/** `primary/primary secondary/secondary …`, by node id. */
export function states(world: World): string {
  return world.monitor
    .nodes()
    .map(row => `${row.reportedstate}/${row.goalstate}`)
    .join(' ');
}

/** A primary and standbys, all where they are to be and healthy. */
export function isSettled(world: World): boolean {
  const rows = world.monitor.nodes();
  const kinds = rows.map(row => row.reportedstate);
  return (
    rows.every(row => row.reportedstate === row.goalstate && row.health === 1) &&
    kinds.filter(kind => kind === 'primary').length === 1 &&
    kinds.filter(kind => kind === 'secondary').length === rows.length - 1
  );
}

export function truth(world: World): GroupTruth {
  const [group] = world.truth().groups;
  if (group === undefined) throw new Error('a world has a group');
  return group;
}

/** A call that must be accepted. */
export function accepted(world: World, call: MonitorCall): Answer {
  const answer = world.monitor.call(call);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer;
}

/** The events of what `run` leads to. */
export function eventsOf(world: World, run: () => void): readonly EventRow[] {
  const before = world.monitor.lastEventId();
  run();
  return world.monitor.events(before);
}
