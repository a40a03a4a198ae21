import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {current} from '../../source/cluster/sample.ts';
import {createWorld} from '../../source/simulator/create-world.ts';
import {createObserver} from '../../source/simulator/observer.ts';
import {createRandom} from '../../source/simulator/random.ts';
import type {World} from '../../source/simulator/world.ts';
import {meddle} from './random-faults.ts';
import {settledWorld, truth} from './stage.ts';

/** For so long a console may not know better (seconds): a report or a look is believed, a cut-off standby is shown as streaming. */
const blindForWrites = 12;
const blindWithoutPsql = 45;
const blindForRedundancy = 40;

/** More of them: PGAF_SEEDS=100 PGAF_HOURS=24. */
const seeds = Array.from({length: Number(process.env.PGAF_SEEDS ?? 2)}, (_, index) => index + 1);
const hours = Number(process.env.PGAF_HOURS ?? 0.5);

const steps = fc.array(fc.tuple(fc.nat(100), fc.nat(11), fc.integer({min: 1, max: 60})), {maxLength: 25});

// With a seed: among enough faults pg_auto_failover 2.x itself promotes two nodes at once (a candidate in fast_forward whose health is
// bad is passed over by the next report), and so does the simulation.
describe('whatever happens', () => {
  test('the tables keep what the real ones keep', () => {
    fc.assert(
      fc.property(fc.nat(1000), steps, (seed, list) => {
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
      fc.property(fc.nat(1000), steps, (seed, list) => {
        const world = settledWorld(seed);
        for (const [what, where, seconds] of list) {
          if (what % 19 === 16) continue;
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
        meddle(world, Math.floor(random.next() * 100), Math.floor(random.next() * 12));
        world.advance(random.next() * 30_000);
      }
      return {events: world.monitor.events(0), truth: world.truth()};
    };
    expect(history(7)).toEqual(history(7));
    expect(history(7).events).not.toEqual(history(8).events);
  });
});

test("the console's verdict never contradicts the truth for longer than it can be blind", () => {
  for (const seed of seeds) {
    const world = createWorld({seed, startAt: 0});
    const observer = createObserver(world);
    const random = createRandom(seed * 7919);
    const wrong = {writable: 0, notWritable: 0, healthy: 0};
    let next = 0;
    const recent: string[] = [];
    while (world.now() < hours * 3_600_000) {
      if (world.now() >= next) {
        recent.push(
          `${world.now() / 1000} s ${meddle(world, Math.floor(random.next() * 100), Math.floor(random.next() * 12))}`,
        );
        next = world.now() + random.next() * 120_000;
      }
      world.advance(1000);
      const snapshot = observer.look();
      const {verdict} = assess(snapshot, world.now());
      const real = truth(world);
      // Without psql only the monitor is left, and that learns of a cut link when the primary gives the standby up.
      const seen = snapshot.hosts.every(
        host => current(host.postgres) !== undefined || !real.open.includes(host.node?.container ?? ''),
      );
      const blind = seen ? blindForWrites : blindWithoutPsql;
      const saysWritable = verdict.level === 'healthy' || verdict.writable === true;
      wrong.writable = saysWritable && !real.writesPossible ? wrong.writable + 1 : 0;
      wrong.notWritable = verdict.writable === false && real.writesPossible ? wrong.notWritable + 1 : 0;
      wrong.healthy = verdict.level === 'healthy' && !real.redundant ? wrong.healthy + 1 : 0;
      const told = () =>
        `seed ${seed}, ${world.now() / 1000} s: ${verdict.level}, ${verdict.summary}; ${recent.slice(-4).join(', ')}`;
      if (wrong.writable > blind) expect.fail(`says that writes are possible: ${told()}`);
      if (wrong.notWritable > blind) expect.fail(`says that writes are not possible: ${told()}`);
      if (wrong.healthy > blindForRedundancy) expect.fail(`says healthy: ${told()}`);
    }
    observer.close();
  }
}, 3_600_000);

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
