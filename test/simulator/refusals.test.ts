import {describe, expect, test} from 'vitest';
import type {MonitorCall} from '../../source/simulator/answer.ts';
import type {World} from '../../source/simulator/world.ts';
import {accepted, settledWorld, states} from './stage.ts';

const node = (number: number) => `node ${number} "pg_node${number}" (10.0.0.1${number}:5432)`;

describe('a refused call is refused in the words of the real monitor', () => {
  test.each<[string, MonitorCall, {message: string; detail?: string}]>([
    [
      'a promotion of an unknown node',
      {call: 'perform_promotion', formation: 'default', node: 'pg_node9'},
      {message: 'node "pg_node9" is not registered in formation "default"'},
    ],
    [
      'a priority above 100',
      {call: 'set_node_candidate_priority', formation: 'default', node: 'pg_node2', priority: 101},
      {message: 'invalid value for candidate_priority "101" expected an integer value between 0 and 100'},
    ],
    [
      'more synchronous standbys than there are to spare',
      {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: 2},
      {
        message: 'invalid value for number_sync_standbys: "2"',
        detail:
          'At least 3 standby nodes are required, and only 2 are currently participating in the replication quorum',
      },
    ],
    [
      'a negative number of synchronous standbys',
      {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: -1},
      {message: 'invalid value for number_sync_standbys: "-1"', detail: 'A non-negative integer is expected'},
    ],
    [
      'a node that leaves the quorum when it is needed',
      {call: 'set_node_replication_quorum', formation: 'default', node: 'pg_node2', quorum: false},
      {
        message: "can't set replication quorum to false",
        detail:
          'At least 2 standby nodes are required in formation default with number_sync_standbys = 1, ' +
          'and only 1 would be participating in the replication quorum',
      },
    ],
    [
      'the end of a maintenance that never began',
      {call: 'stop_maintenance', nodeId: 2},
      {
        message: `cannot stop maintenance when current state for ${node(2)} is not "maintenance"`,
        detail: 'Current reported state is "secondary" and assigned state is "secondary"',
      },
    ],
    [
      'the removal of an unknown node',
      {call: 'remove_node', nodeId: 9, force: false},
      {message: "couldn't find node with nodeid 9"},
    ],
    [
      'a failover of a group that does not exist',
      {call: 'perform_failover', formation: 'default', group: 4},
      {
        message: 'cannot fail over: group 4 in formation default currently has 0 node registered',
        detail: 'At least 2 nodes are required to implement a failover',
      },
    ],
  ])('%s', (_what, call, expected) => {
    const world = settledWorld();
    const before = {
      rows: structuredClone(world.monitor.nodes()),
      formation: structuredClone(world.monitor.formations()),
    };
    expect(world.monitor.call(call)).toMatchObject({ok: false, error: expected});
    expect({rows: world.monitor.nodes(), formation: world.monitor.formations()}).toEqual(before);
  });

  test('a failover while the primary changes its settings', () => {
    const world = settledWorld();
    accepted(world, {call: 'set_node_candidate_priority', formation: 'default', node: 'pg_node2', priority: 60});
    expect(world.monitor.call({call: 'perform_failover', formation: 'default', group: 0})).toMatchObject({
      ok: false,
      error: {message: 'couldn\'t find the primary node in formation "default", group 0'},
    });
  });

  test('a promotion of a node in maintenance leaves no priority behind', () => {
    const world = settledWorld();
    accepted(world, {call: 'start_maintenance', nodeId: 2});
    world.advance(2000);
    expect(world.monitor.call({call: 'perform_promotion', formation: 'default', node: 'pg_node2'})).toMatchObject({
      ok: false,
      error: {
        code: '55000',
        message:
          'cannot perform promotion: node pg_node2 in formation default has reported state "maintenance" and is ' +
          'assigned state "maintenance", promotion can only be performed when in state "secondary".',
      },
    });
    expect(world.monitor.nodes().map(row => row.candidatepriority)).toEqual([50, 50, 50]);
  });

  test('maintenance while the primary waits for a standby', () => {
    const world = settledWorld();
    world.faults.kill('pg_node2');
    world.faults.kill('pg_node3');
    world.advance(40_000);
    accepted(world, {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: 0});
    world.advance(5000);
    world.faults.start('pg_node2');
    world.advance(1500);
    world.faults.stop('pg_node1');
    expect(world.monitor.call({call: 'start_maintenance', nodeId: 3})).toMatchObject({
      ok: false,
      error: {message: expect.stringMatching(/^cannot start maintenance: current state for .* ➜ "[a-z_]+" $/)},
    });
  });
});

describe('what is only said beside the answer', () => {
  test('that maintenance will block writes is a warning', () => {
    const world = settledWorld();
    accepted(world, {call: 'start_maintenance', nodeId: 2});
    world.advance(2000);
    expect(accepted(world, {call: 'start_maintenance', nodeId: 3}).notices).toEqual([
      {
        severity: 'WARNING',
        message: `Starting maintenance on ${node(3)} will block writes on the primary ${node(1)}`,
        detail:
          'we now have 0 healthy node(s) left in the "secondary" state and formation "default" number-sync-standbys ' +
          'requires 1 sync standbys',
      },
    ]);
  });

  test('a promotion of the primary does nothing and says so', () => {
    const world = settledWorld();
    expect(world.monitor.call({call: 'perform_promotion', formation: 'default', node: 'pg_node1'})).toEqual({
      ok: true,
      value: false,
      notices: [
        {
          severity: 'NOTICE',
          message: 'cannot perform promotion: node pg_node1 in formation default is already a primary.',
        },
      ],
    });
  });
});

test('a call that is rolled back changes nothing and says nothing, but uses up event ids', () => {
  const world = settledWorld();
  const said: string[] = [];
  const before = {states: states(world), id: world.monitor.lastEventId()};
  world.listen(happening => {
    if (happening.kind === 'notification') said.push(happening.payload);
  });
  const call: MonitorCall = {call: 'perform_failover', formation: 'default', group: 0};
  expect(world.monitor.call(call, {rollBack: true}).ok).toBe(true);
  expect(said).toEqual([]);
  expect(states(world)).toBe(before.states);
  expect(world.monitor.nodes().map(row => row.candidatepriority)).toEqual([50, 50, 50]);
  expect(world.monitor.lastEventId()).toBeGreaterThan(before.id);
  expect(events(world, before.id)).toEqual([]);
});

test('every state notification has its row among the events, in the same order', () => {
  const world = settledWorld();
  const notified: string[] = [];
  world.listen(happening => {
    if (happening.kind !== 'notification' || happening.channel !== 'state') return;
    const {nodeId, reportedState, goalState}: Record<string, unknown> = JSON.parse(happening.payload);
    notified.push(`${nodeId} ${reportedState}/${goalState}`);
  });
  const before = world.monitor.lastEventId();
  accepted(world, {call: 'perform_promotion', formation: 'default', node: 'pg_node3'});
  world.advance(10_000);
  expect(world.monitor.nodes()[2]?.reportedstate).toBe('primary');
  // What one transaction says twice is delivered once: a change of priority follows or precedes one of state.
  const rows = events(world, before).filter((row, index, all) => row !== all[index - 1]);
  expect(rows).toEqual(expect.arrayContaining(notified));
  expect(new Set(notified)).toEqual(new Set(rows));
});

function events(world: World, after: number): string[] {
  return world.monitor.events(after).map(row => `${row.nodeid} ${row.reportedstate}/${row.goalstate}`);
}
