import {describe, expect, test} from 'vitest';
import type {ClusterEvent} from '../../source/cluster/snapshot.ts';
import type {EventRow} from '../../source/simulator/tables.ts';
import {readTrace} from '../cluster/trace.ts';
import {accepted, advanceUntil, eventsOf, isSettled, settledWorld, states} from './stage.ts';

/** What a real cluster went through: the pairs reported/assigned of each node, in order, by the part it played. */
describe('a change goes through the states that a real cluster went through', () => {
  test('switchover with three healthy nodes', () => {
    const world = settledWorld();
    const events = eventsOf(world, () => {
      accepted(world, {call: 'perform_failover', formation: 'default', group: 0});
      world.advance(10_000);
    });
    const recorded = pairs(readTrace('events_monitor1.csv', 24, 47));
    expect(pairs(events)).toEqual(recorded);
    expect(secondsOf(events)).toBeLessThan(4);
    expect(secondsOf(events)).toBeGreaterThan(1.2);
  });

  test('the primary is stopped and comes back', () => {
    const world = settledWorld();
    accepted(world, {call: 'perform_failover', formation: 'default', group: 0});
    world.advance(20_000);
    const events = eventsOf(world, () => {
      world.faults.stop('pg_node2');
      world.advance(62_000);
      world.faults.start('pg_node2');
      world.advance(15_000);
    });
    expect(pairs(events)).toEqual(pairs(readTrace('events_monitor1.csv', 48, 75)));
    const primary = events.find(event => event.reportedstate === 'primary' && event.nodeid === 1);
    const begin = world.now() - 77_000;
    expect(((primary?.eventtime ?? 0) - begin) / 1000).toBeGreaterThan(45);
    expect(((primary?.eventtime ?? 0) - begin) / 1000).toBeLessThan(60);
  });

  test('sync standbys are given up too early, and the way out by setting the same priority again', () => {
    const world = settledWorld();
    const events = eventsOf(world, () => {
      world.faults.kill('pg_node2');
      world.faults.kill('pg_node3');
      world.advance(3000);
      accepted(world, {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: 0});
      world.advance(50_000);
      expect(states(world)).toBe('apply_settings/primary secondary/secondary secondary/secondary');
      accepted(world, {call: 'set_node_candidate_priority', formation: 'default', node: 'pg_node2', priority: 50});
      world.advance(20_000);
      world.faults.start('pg_node2');
      world.faults.start('pg_node3');
      world.advance(8000);
    });
    const recorded = pairs(readTrace('events_restarts.csv', 160, 179));
    const [first, second, third] = [pairs(events)[1], pairs(events)[2], pairs(events)[3]];
    expect({2: first, 1: second, 11: third}).toEqual(recorded);
  });

  test("the primary's container is restarted: an election, which the same node wins", () => {
    const seed = [...Array(20).keys()].find(each => {
      const world = settledWorld(each);
      world.docker.restart('vm1', 'pg_node1');
      world.advance(30_000);
      return world.monitor.nodes()[0]?.reportedstate === 'primary';
    });
    const world = settledWorld(seed);
    const events = eventsOf(world, () => {
      world.docker.restart('vm1', 'pg_node1');
      world.advance(30_000);
    });
    const recorded = pairs(readTrace('events_restarts.csv', 138, 159));
    const simulated = pairs(events);
    expect({2: simulated[1], 1: simulated[2], 11: simulated[3]}).toEqual(recorded);
    expect(secondsOf(events)).toBeLessThan(12);
  });

  test('standbys that were all stopped come back one after the other, after the primary: no failover', () => {
    const world = settledWorld();
    world.faults.stop('pg_monitor');
    for (const node of ['pg_node1', 'pg_node2', 'pg_node3']) world.faults.stop(node);
    world.advance(25_000);
    world.faults.start('pg_monitor');
    world.advance(3000);
    const events = eventsOf(world, () => {
      world.faults.start('pg_node1');
      world.advance(10_000);
      world.faults.start('pg_node2');
      world.faults.start('pg_node3');
      advanceUntil(world, () => isSettled(world), 30);
    });
    const recorded = pairs(readTrace('events_restarts.csv', 235, 243));
    const simulated = pairs(events);
    expect({1: simulated[2], 11: simulated[3]}).toEqual(recorded);
    expect(world.monitor.nodes().map(row => row.reportedtli)).toEqual([3, 3, 3]);
  });

  test('maintenance of a standby, and of the primary', () => {
    const world = settledWorld();
    const standby = eventsOf(world, () => {
      accepted(world, {call: 'start_maintenance', nodeId: 2});
      world.advance(3000);
      accepted(world, {call: 'stop_maintenance', nodeId: 2});
      world.advance(5000);
    });
    expect(pairs(standby)).toEqual({
      2: [
        'secondary/maintenance',
        'maintenance/maintenance',
        'maintenance/catchingup',
        'catchingup/catchingup',
        'catchingup/secondary',
        'secondary/secondary',
      ],
    });
    const primary = eventsOf(world, () => {
      accepted(world, {call: 'start_maintenance', nodeId: 1});
      world.advance(8000);
    });
    expect(pairs(primary)).toEqual(pairs(readTrace('events_monitor1.csv', 167, 185)));
    expect(secondsOf(primary.filter(event => event.nodeid !== 1))).toBeLessThan(6);
  });
});

test('what is said of it is worded as the real monitor words it', () => {
  const world = settledWorld();
  const events = eventsOf(world, () => {
    accepted(world, {call: 'perform_failover', formation: 'default', group: 0});
    world.advance(10_000);
  });
  const words = (texts: readonly string[]) =>
    new Set(
      texts.map(text =>
        text
          .replaceAll(/\(10[^)]*\)/g, '')
          .replaceAll(/[0-9A-F]+\/[0-9A-F]+/g, 'LSN')
          .replaceAll(/\d+ healthy/g, 'N healthy'),
      ),
    );
  const recorded = readTrace('events_monitor1.csv', 24, 47).map(event => event.description);
  const simulated = events.map(event => event.description);
  expect([...words(simulated)].filter(text => !words(recorded).has(text))).toEqual([]);
});

/** By node: the pairs of states in their events, each once; what only concerns health or priority repeats one. */
function pairs(events: readonly (EventRow | ClusterEvent)[]): Record<number, readonly string[]> {
  const all: Record<number, string[]> = {};
  for (const event of events) {
    const [id, pair, text] =
      'nodeid' in event
        ? [event.nodeid, `${event.reportedstate}/${event.goalstate}`, event.description]
        : [event.nodeId, `${event.reportedState}/${event.assignedState}`, event.description];
    if (/is marked as/.test(text)) continue;
    const known = all[id] ?? [];
    if (known.at(-1) !== pair) known.push(pair);
    all[id] = known;
  }
  return all;
}

function secondsOf(events: readonly EventRow[]): number {
  return ((events.at(-1)?.eventtime ?? 0) - (events[0]?.eventtime ?? 0)) / 1000;
}
