import {expect, test} from 'vitest';
import type {World} from '../../source/simulator/world.ts';
import {cloneNode} from './random-faults.ts';
import {accepted, advanceUntil, isSettled, settledWorld, states, truth} from './stage.ts';

/** Writes go on, or come back within two minutes, after a node is killed. */
function survives(world: World, node: string): boolean {
  world.faults.kill(node);
  world.advance(120_000);
  return truth(world).writesPossible;
}

const asynchronous = {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: 0} as const;

test.each<[string, (world: World) => void, boolean]>([
  ['all is well', () => undefined, true],
  ['the keeper of the primary is dead', world => world.faults.killKeeper('pg_node1'), true],
  [
    'a standby is in maintenance, and no synchronous one is required',
    world => {
      accepted(world, asynchronous);
      world.advance(5000);
      accepted(world, {call: 'start_maintenance', nodeId: 3});
    },
    true,
  ],
  [
    'a primary in wait_primary has an asynchronous standby, and one in maintenance',
    world => {
      accepted(world, asynchronous);
      world.advance(5000);
      accepted(world, {
        call: 'set_node_replication_quorum',
        formation: 'default',
        node: 'pg_node2',
        quorum: false,
      });
      world.advance(5000);
      accepted(world, {call: 'start_maintenance', nodeId: 3});
      advanceUntil(world, () => states(world).startsWith('wait_primary/wait_primary'), 20);
    },
    true,
  ],
  ['a standby is in maintenance', world => accepted(world, {call: 'start_maintenance', nodeId: 3}), false],
  [
    'a standby cannot start its Postgres, and no synchronous one is required',
    world => {
      accepted(world, asynchronous);
      world.advance(5000);
      world.faults.fillDisk('vm3', 1);
    },
    false,
  ],
  [
    'neither standby may be promoted',
    world => {
      for (const node of ['pg_node2', 'pg_node3']) {
        accepted(world, {call: 'set_node_candidate_priority', formation: 'default', node, priority: 0});
        world.advance(5000);
      }
    },
    false,
  ],
])('whether the loss of any one node is survived: %s', (_name, prepare, redundant) => {
  const survived = ['pg_node1', 'pg_node2', 'pg_node3'].map(node => {
    const world = settledWorld();
    prepare(world);
    world.advance(60_000);
    expect(truth(world)).toMatchObject({writesPossible: true, redundant});
    return survives(world, node);
  });
  expect(survived.every(each => each)).toBe(redundant);
});

test('a new database, made when all copies are gone, has nothing of the old one, and its commits wait for its own standbys', () => {
  const world = settledWorld();
  const before = truth(world).acknowledgedWrites;
  for (const row of world.monitor.nodes()) accepted(world, {call: 'remove_node', nodeId: row.nodeid, force: true});
  for (const name of ['pg_node1', 'pg_node2', 'pg_node3']) cloneNode(world, name);
  advanceUntil(world, () => world.monitor.nodes().length === 3 && isSettled(world), 120);
  expect(truth(world).lostWrites).toBeGreaterThanOrEqual(before);
  const primary = truth(world).open[0] ?? '';
  for (const name of ['pg_node1', 'pg_node2', 'pg_node3']) if (name !== primary) world.faults.kill(name);
  world.advance(2000);
  const acknowledged = truth(world).acknowledgedWrites;
  world.advance(10_000);
  expect(truth(world)).toMatchObject({open: [primary], acknowledging: [], acknowledgedWrites: acknowledged});
});

test('a standby that follows a node which is promoted goes over to its new timeline', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = settledWorld(seed);
    accepted(world, {call: 'start_maintenance', nodeId: 3});
    world.advance(5000);
    // The primary restarts; its election makes it a standby, whom the one in maintenance may find again, and promotes it.
    world.docker.restart('vm1', 'pg_node1');
    world.advance(20_000);
    accepted(world, {call: 'stop_maintenance', nodeId: 3});
    advanceUntil(world, () => isSettled(world), 60);
  }
});
