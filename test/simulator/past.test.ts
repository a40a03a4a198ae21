import {describe, expect, test} from 'vitest';
import {createWorld} from '../../source/simulator/create-world.ts';
import type {World} from '../../source/simulator/world.ts';
import {advanceUntil, isSettled, settledWorld} from './stage.ts';

const texts = (world: World, host: string, container: string) => world.lines(host, container).map(line => line.text);

describe('a settled cluster has a past', () => {
  const startAt = Date.UTC(2026, 0, 15);
  const world = createWorld({seed: 5, startAt});

  test.each([
    ['vm1', 'pg_node1'],
    ['vm2', 'pg_node2'],
    ['vm3', 'pg_node3'],
    ['vm3', 'pg_monitor'],
  ])('the log on %s of %s is of an hour and more, in order, with the time in front that docker has', (host, name) => {
    const lines = world.lines(host, name);
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.map(line => line.at)).toEqual(lines.map(line => line.at).sort((a, b) => a - b));
    expect(lines.every(line => line.text.startsWith(new Date(line.at).toISOString().slice(11, 19)))).toBe(true);
    expect(lines.at(-1)?.at).toBeLessThan(startAt - 30 * 60_000);
    expect(lines.at(-1)?.at).toBeGreaterThan(startAt - 70 * 60_000);
  });

  test('what the monitor has recorded, it has said, and the containers started when their logs say so', () => {
    const said = texts(world, 'vm3', 'pg_monitor').join('\n');
    const events = world.monitor.events(0);
    expect(events.map(event => event.eventtime)).toEqual(events.map(event => event.eventtime).sort((a, b) => a - b));
    const hourly = events.filter(event => event.eventtime > startAt - 70 * 60_000);
    expect(hourly).toHaveLength(8);
    for (const event of hourly) expect(said).toContain(`INFO  ${event.description}`);
    for (const number of [2, 3]) {
      const container = world.containers(`vm${number}`).find(each => each.role === 'node');
      const start = world
        .lines(`vm${number}`, `pg_node${number}`)
        .findLast(line => line.text.includes('Started pg_autoctl postgres service'));
      expect(start?.at).toBe(container?.startedAt);
      const row = world.monitor.nodes().find(each => each.nodename === `pg_node${number}`);
      expect(row?.statechangetime).toBe(hourly.findLast(event => event.nodeid === row?.nodeid)?.eventtime);
    }
  });

  test('the same with the same seed, another with another', () => {
    const past = (seed: number) => texts(createWorld({seed, startAt}), 'vm3', 'pg_monitor');
    expect(past(5)).toEqual(texts(world, 'vm3', 'pg_monitor'));
    expect(past(6)).not.toEqual(past(5));
  });
});

test('what happens now is said as well: by the monitor, and by the keepers of the group', () => {
  const world = settledWorld(2);
  const before = texts(world, 'vm1', 'pg_node1').length;
  expect(texts(world, 'vm1', 'pg_node1').at(-1)).not.toContain('service is running');
  world.docker.restart('vm2', 'pg_node2');
  world.advance(3000);
  advanceUntil(world, () => isSettled(world), 60);
  const monitor = texts(world, 'vm3', 'pg_monitor').join('\n');
  const newest = world.monitor.events(world.monitor.lastEventId() - 1)[0];
  expect(monitor).toContain(`INFO  ${newest?.description}`);
  expect(texts(world, 'vm1', 'pg_node1').slice(before).join('\n')).toMatch(
    /New state for node 2 "pg_node2" \(10\.0\.0\.12:5432\): secondary ➜ catchingup[\s\S]*: secondary ➜ secondary$/,
  );
  expect(texts(world, 'vm2', 'pg_node2').join('\n')).toMatch(
    /New state for this node \(node 2, "pg_node2"\) \(10\.0\.0\.12:5432\): catchingup ➜ secondary/,
  );
});
