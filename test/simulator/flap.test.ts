import {expect, test} from 'vitest';
import {runCommand} from '../../source/simulator/command.ts';
import {createWorld} from '../../source/simulator/create-world.ts';

test('flapping health checks are verdicts of the monitor like all others: an event, a notification on each channel, and no failover', () => {
  const world = createWorld({seed: 1, nodesPerGroup: 3, groups: 10, startAt: Date.UTC(2026, 0, 1)});
  world.advance(20_000);
  const before = world.monitor.lastEventId();
  const primaries = () => world.monitor.nodes().filter(row => row.goalstate === 'primary').length;
  const notified = {state: 0, log: 0};
  const unlisten = world.listen(happening => {
    if (happening.kind === 'notification') notified[happening.channel] += 1;
  });
  expect(runCommand(world, 'flap 1000').ok).toBe(true);
  world.advance(2000);
  unlisten();
  const events = world.monitor.events(before);
  expect(events.length).toBeGreaterThanOrEqual(1900);
  expect(events.length).toBeLessThanOrEqual(2100);
  expect(notified).toEqual({state: events.length, log: events.length});
  expect(events[0]?.description).toMatch(/^Node node 1 "pg_node1" \(.*\) is marked as unhealthy by the monitor$/);
  expect(world.truth().faults).toContain('flap 1000');
  expect(primaries()).toBe(10);

  expect(runCommand(world, 'repair').ok).toBe(true);
  expect(world.truth().faults).toEqual([]);
  world.advance(30_000);
  expect(world.monitor.nodes().every(row => row.health === 1)).toBe(true);
  expect(primaries()).toBe(10);
});
