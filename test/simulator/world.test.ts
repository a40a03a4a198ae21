import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {createWorld} from '../../source/simulator/create-world.ts';
import type {Happening} from '../../source/simulator/happening.ts';
import {readingOf} from '../../source/simulator/observer.ts';
import {outside} from '../../source/simulator/world.ts';
import {accepted, advanceUntil, isSettled, settledWorld, states, truth} from './stage.ts';

describe('a world at rest', () => {
  test('is healthy to the console from the first moment, and stays so', () => {
    const world = createWorld({seed: 1, startAt: Date.UTC(2026, 0, 15)});
    for (let minute = 0; minute < 5; minute += 1) {
      const assessment = assess(readingOf(world), world.now());
      expect(assessment.verdict).toMatchObject({level: 'healthy', writable: true, primary: 'pg_node1'});
      expect(assessment.findings).toEqual([]);
      world.advance(60_000);
    }
    expect(truth(world)).toMatchObject({writesPossible: true, redundant: true, secondsWithoutWrites: 0});
    expect(Math.abs(truth(world).acknowledgedWrites - 300 * 25)).toBeLessThan(3);
  });

  test('moves: WAL grows with the load, and standbys follow', () => {
    const world = settledWorld();
    const lsn = () => world.keeper('vm1', 'pg_node1')?.lsn ?? 0;
    const before = lsn();
    world.advance(10_000);
    expect(Math.abs(lsn() - before - 10 * 25 * 200)).toBeLessThan(500);
    expect(world.postgres('vm1', 'pg_node1')).toMatchObject({
      value: {
        inRecovery: false,
        synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)',
        replication: [
          {nodeId: 2, state: 'streaming', syncState: 'quorum', flushLagBytes: 0},
          {nodeId: 3, state: 'streaming', syncState: 'quorum', flushLagBytes: 0},
        ],
      },
    });
  });
});

test('a cluster is made of bare hosts: the first node is the primary, the others join', () => {
  const world = createWorld({seed: 1, startAt: 0, begin: 'empty'});
  expect(world.hosts().map(host => world.containers(host.name))).toEqual([[], [], []]);
  world.docker.create('vm3', {name: 'pg_monitor', port: 6000, role: {kind: 'monitor'}});
  world.advance(3000);
  for (const number of [1, 2, 3]) {
    world.docker.create(`vm${number}`, {
      name: `pg_node${number}`,
      port: 5432,
      role: {kind: 'node', nodeName: `pg_node${number}`, command: 'create'},
    });
    world.advance(2000);
  }
  advanceUntil(world, () => isSettled(world) && world.monitor.nodes().length === 3, 90);
  expect(world.monitor.formations()[0]?.number_sync_standbys).toBe(1);
  expect(world.monitor.events(0).map(event => event.description)).toEqual(
    expect.arrayContaining([
      'Setting goal state of node 1 "pg_node1" (10.0.0.11:5432) to wait_primary after node 2 "pg_node2" (10.0.0.12:5432) joined.',
    ]),
  );
});

test('a node that is removed with its data and made again joins under a new number', () => {
  const world = settledWorld();
  accepted(world, {call: 'remove_node', nodeId: 3, force: false});
  world.advance(5000);
  world.docker.remove('vm3', 'pg_node3', true);
  world.docker.create('vm3', {
    name: 'pg_node3',
    port: 5432,
    role: {kind: 'node', nodeName: 'pg_node3', command: 'create'},
  });
  advanceUntil(world, () => isSettled(world) && world.monitor.nodes().length === 3, 60);
  expect(world.monitor.nodes().map(row => row.nodeid)).toEqual([1, 2, 4]);
});

test('a node whose container is made anew on the same volume is the same node', () => {
  const world = settledWorld();
  world.docker.remove('vm2', 'pg_node2', false);
  world.advance(5000);
  world.docker.create('vm2', {
    name: 'pg_node2',
    port: 5432,
    role: {kind: 'node', nodeName: 'pg_node2', command: 'run'},
  });
  advanceUntil(world, () => isSettled(world) && world.postgres('vm2', 'pg_node2').ok, 60);
  expect(world.monitor.nodes().map(row => row.nodeid)).toEqual([1, 2, 3]);
});

test('a whole cluster that starts at once comes to writes again, with one primary', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const world = settledWorld(seed);
    for (const host of ['vm1', 'vm2', 'vm3']) world.faults.powerOff(host);
    world.advance(60_000);
    for (const host of ['vm1', 'vm2', 'vm3']) world.faults.powerOn(host);
    advanceUntil(world, () => truth(world).writesPossible, 60);
    world.advance(30_000);
    expect(truth(world).open.length, states(world)).toBe(1);
    expect(truth(world).lostWrites).toBe(0);
  }
});

describe('what containers do', () => {
  test('a stopped one ends with 0, a killed one with 137, and both are told as docker tells them', () => {
    const world = settledWorld();
    const actions: string[] = [];
    world.listen((happening: Happening) => {
      if (happening.kind === 'docker')
        actions.push(`${happening.container} ${happening.action} ${happening.exitCode ?? ''}`.trim());
    });
    world.faults.stop('pg_node2');
    world.advance(2000);
    world.faults.kill('pg_node3');
    world.advance(2000);
    expect(world.containers('vm2')[0]).toMatchObject({state: 'exited', exitCode: 0});
    expect(world.containers('vm3').find(each => each.name === 'pg_node3')).toMatchObject({
      state: 'exited',
      exitCode: 137,
    });
    expect(actions).toEqual(['pg_node2 kill', 'pg_node2 die 0', 'pg_node2 stop', 'pg_node3 kill', 'pg_node3 die 137']);
  });

  test('what one stopped by hand survives a boot stopped, the others start', () => {
    const world = settledWorld();
    world.faults.stop('pg_node3');
    world.advance(2000);
    world.faults.powerOff('vm3');
    world.advance(2000);
    expect(world.containers('vm3')).toEqual([]);
    world.faults.powerOn('vm3');
    world.advance(10_000);
    expect(world.containers('vm3').map(each => `${each.name} ${each.state}`)).toEqual([
      'pg_monitor running',
      'pg_node3 exited',
    ]);
  });

  test('log lines have the form of pg_autoctl', () => {
    const world = settledWorld();
    accepted(world, {call: 'perform_failover', formation: 'default', group: 0});
    world.advance(5000);
    const lines = world.lines('vm1', 'pg_node1').map(line => line.text);
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d \d+ (INFO|WARN|ERROR|FATAL) +\S/);
    expect(lines.map(line => line.replace(/^\S+ \d+ /, ''))).toEqual(
      expect.arrayContaining([
        'INFO  Monitor assigned new state "draining"',
        'INFO  FSM transition from "primary" to "draining": A failover occurred, stopping writes ',
        'INFO  Transition complete: current state is now "draining"',
      ]),
    );
  });
});

test('packets to a machine that is off, cut off, or slow', () => {
  const world = settledWorld();
  world.faults.powerOff('vm1');
  world.faults.partition('vm2');
  world.faults.slow('vm3', 200);
  expect(world.path(outside, 'vm1').state).toBe('unreachable');
  expect(world.path(outside, 'vm2').state).toBe('lost');
  expect(world.path('vm2', 'vm3').state).toBe('lost');
  expect(world.path(outside, 'vm3')).toEqual({state: 'open', roundTripMs: 200.4});
});

test('three hundred nodes in a hundred groups, of which one fails over', () => {
  const world = createWorld({seed: 1, startAt: 0, nodesPerGroup: 3, groups: 100});
  world.advance(30_000);
  expect(world.monitor.nodes().length).toBe(300);
  world.faults.powerOff('vm10');
  world.advance(90_000);
  const moved = world.truth().groups.filter(group => group.acknowledging[0] !== `pg_node${group.group * 3 + 1}`);
  expect(moved.map(group => group.group)).toEqual([3]);
  expect(world.truth().groups.every(group => group.writesPossible)).toBe(true);
});
