import {describe, expect, test} from 'vitest';
import type {World} from '../../source/simulator/world.ts';
import {accepted, advanceUntil, isSettled, settledWorld, states, truth} from './stage.ts';

describe('what the real cluster does not get out of by itself, and what helps', () => {
  test('R03: both standbys lost; writes wait, and number_sync_standbys 0 frees them once both are catchingup', () => {
    const world = settledWorld();
    world.faults.powerOff('vm2');
    world.faults.kill('pg_node3');
    advanceUntil(world, () => states(world) === 'primary/primary secondary/catchingup secondary/catchingup', 60);
    expect(truth(world)).toMatchObject({writesPossible: false, blocked: true});
    accepted(world, {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: 0});
    expect(advanceUntil(world, () => truth(world).writesPossible, 10)).toBeLessThan(4);
    world.advance(1000);
    expect(world.monitor.synchronousStandbyNames('default', 0)).toBe('');
  });

  test('a primary that is to stop waits for a standby that is cut off, until its sender gives that up', () => {
    const world = settledWorld();
    world.faults.partition('vm1', 'vm2');
    world.advance(5000);
    accepted(world, {call: 'perform_failover', formation: 'default', group: 0});
    const seconds = advanceUntil(world, () => world.monitor.nodes()[0]?.reportedstate !== 'primary', 60);
    expect(seconds).toBeGreaterThan(23);
    expect(seconds).toBeLessThan(28);
    advanceUntil(world, () => truth(world).writesPossible, 60);
  });

  test('a standby that ends while it is cut off is shown by its primary no longer than one that is merely cut off', () => {
    const world = settledWorld();
    world.faults.partition('vm1', 'vm2');
    world.advance(20_000);
    world.faults.kill('pg_node2');
    world.advance(9000);
    expect(shownBy(world, 'pg_node1')).toEqual([2, 3]);
    world.advance(2000);
    expect(shownBy(world, 'pg_node1')).toEqual([3]);
  });

  test('a maintenance overtakes the drop of a node that is away: the node belongs to its group again', () => {
    const world = settledWorld();
    world.faults.powerOff('vm2');
    world.advance(2000);
    accepted(world, {call: 'remove_node', nodeId: 2, force: false});
    advanceUntil(world, () => states(world).startsWith('primary/primary secondary/dropped'), 10);
    expect(world.monitor.synchronousStandbyNames('default', 0)).toBe('ANY 1 (pgautofailover_standby_3)');
    accepted(world, {call: 'start_maintenance', nodeId: 2});
    expect(world.monitor.synchronousStandbyNames('default', 0)).toBe(
      'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)',
    );
  });

  test('R05: the old primary alone does not end an election; the missing standby does', () => {
    const world = settledWorld();
    world.faults.kill('pg_node2');
    world.faults.kill('pg_node1');
    const said: string[] = [];
    world.listen(happening => {
      if (happening.kind === 'notification' && happening.channel === 'log') said.push(happening.payload);
    });
    world.advance(60_000);
    expect(said.at(-1)).toMatch(
      /^Failover still in progress after 1 nodes reported their LSN and we are waiting for 1 nodes to report, activeNode is node 3 /,
    );
    world.faults.start('pg_node1');
    world.advance(20_000);
    expect(truth(world).writesPossible).toBe(false);
    world.faults.start('pg_node2');
    advanceUntil(world, () => truth(world).writesPossible, 10);
    advanceUntil(world, () => isSettled(world), 30);
  });

  test('R05: a standby that is lost for good is dropped, and the survivor is promoted after the demote timeout', () => {
    const world = settledWorld();
    world.faults.powerOff('vm2');
    world.faults.powerOff('vm1');
    world.advance(60_000);
    accepted(world, {call: 'remove_node', nodeId: 2, force: false});
    const seconds = advanceUntil(world, () => truth(world).writesPossible, 60);
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThan(40);
    expect(world.monitor.formations()[0]?.number_sync_standbys).toBe(0);
  });

  test('R06: a node in maintenance is missing from the quorum', () => {
    const world = settledWorld();
    accepted(world, {call: 'start_maintenance', nodeId: 2});
    world.advance(3000);
    world.faults.powerOff('vm1');
    world.advance(90_000);
    expect(truth(world).writesPossible).toBe(false);
    accepted(world, {call: 'stop_maintenance', nodeId: 2});
    advanceUntil(world, () => truth(world).writesPossible, 40);
  });

  test('R07: a switchover while a standby is down is an outage until that comes back', () => {
    const world = settledWorld();
    world.faults.kill('pg_node3');
    world.advance(3000);
    accepted(world, {call: 'perform_failover', formation: 'default', group: 0});
    world.advance(120_000);
    expect(truth(world).writesPossible).toBe(false);
    expect(world.monitor.nodes()[0]?.candidatepriority).toBe(-51);
    world.faults.start('pg_node3');
    expect(advanceUntil(world, () => truth(world).writesPossible, 10)).toBeLessThan(5);
    advanceUntil(world, () => isSettled(world), 30);
    expect(world.monitor.nodes().map(row => row.candidatepriority)).toEqual([50, 50, 50]);
  });

  test('R08: no candidate while all priorities are 0; one priority is enough', () => {
    const world = settledWorld();
    for (const node of ['pg_node2', 'pg_node3', 'pg_node1']) {
      accepted(world, {call: 'set_node_candidate_priority', formation: 'default', node, priority: 0});
      world.advance(3000);
    }
    accepted(world, {call: 'perform_failover', formation: 'default', group: 0});
    world.advance(20_000);
    expect(states(world)).toBe('report_lsn/report_lsn report_lsn/report_lsn report_lsn/report_lsn');
    accepted(world, {call: 'set_node_candidate_priority', formation: 'default', node: 'pg_node3', priority: 1});
    advanceUntil(world, () => world.monitor.nodes()[2]?.reportedstate === 'primary', 20);
  });

  test('R09: a candidate that lags fetches what it lacks from the most advanced standby', () => {
    const world = settledWorld(1, {transactionsPerSecond: 200});
    accepted(world, {call: 'set_node_candidate_priority', formation: 'default', node: 'pg_node3', priority: 90});
    world.advance(3000);
    world.faults.lag('pg_node3', 2000);
    world.advance(30_000);
    world.faults.powerOff('vm1');
    const before = world.monitor.lastEventId();
    advanceUntil(world, () => truth(world).writesPossible, 90);
    expect(world.monitor.events(before).map(event => event.goalstate)).toContain('fast_forward');
    expect(truth(world)).toMatchObject({open: ['pg_node3'], lostWrites: 0});
  });

  test('R15: a dropped node that is started again restarts for ever', () => {
    const world = settledWorld();
    accepted(world, {call: 'remove_node', nodeId: 3, force: false});
    world.advance(120_000);
    expect(world.monitor.nodes().map(row => row.nodename)).toEqual(['pg_node1', 'pg_node2']);
    const container = world.containers('vm3').find(each => each.name === 'pg_node3');
    expect(container).toMatchObject({exitCode: 12, state: 'restarting'});
    expect(container?.restarts).toBeGreaterThan(4);
    expect(world.lines('vm3', 'pg_node3').map(line => line.text)).toContainEqual(
      expect.stringMatching(
        /^\d\d:\d\d:\d\d \d+ FATAL This node with id 3 in formation "default" and group 0 has been dropped from the monitor$/,
      ),
    );
  });

  test('R19: without monitor and without standby the primary fences itself, and comes back with the monitor', () => {
    const world = settledWorld();
    world.faults.powerOff('vm3');
    world.advance(60_000);
    expect(truth(world).writesPossible).toBe(true);
    world.faults.kill('pg_node2');
    const seconds = advanceUntil(world, () => truth(world).open.length === 0, 40);
    expect(seconds).toBeGreaterThan(18);
    expect(seconds).toBeLessThan(27);
    world.faults.powerOn('vm3');
    advanceUntil(world, () => truth(world).writesPossible, 60);
    expect(world.monitor.nodes()[0]?.reportedtli).toBe(3);
  });

  test('R59: a node that starts while the monitor is away does not come up until that is back', () => {
    const world = settledWorld();
    world.faults.stop('pg_monitor');
    world.advance(2000);
    world.docker.restart('vm2', 'pg_node2');
    world.advance(30_000);
    expect(world.postgres('vm2', 'pg_node2').ok).toBe(false);
    expect(world.containers('vm2')[0]?.exitCode ?? 12).toBe(12);
    world.faults.start('pg_monitor');
    advanceUntil(world, () => world.postgres('vm2', 'pg_node2').ok, 70);
  });

  test('R11: a dead keeper whose Postgres answers is never failed over', () => {
    const world = settledWorld();
    world.faults.killKeeper('pg_node1');
    world.advance(120_000);
    expect(states(world)).toBe('primary/primary secondary/secondary secondary/secondary');
    expect(truth(world)).toMatchObject({writesPossible: true, redundant: true});
    world.faults.powerOff('vm1');
    advanceUntil(world, () => truth(world).writesPossible && truth(world).open[0] !== 'pg_node1', 60);
  });

  test('R30: the monitor does not see that the primary has lost its standbys', () => {
    const world = settledWorld();
    world.faults.partition('vm1', 'vm2');
    world.faults.partition('vm1', 'vm3');
    world.faults.heal('vm1', 'vm3');
    world.advance(60_000);
    expect(states(world)).toBe('primary/primary secondary/secondary secondary/secondary');
    expect(truth(world).writesPossible).toBe(true);
    expect(world.postgres('vm1', 'pg_node1')).toMatchObject({value: {replication: [{nodeId: 3}]}});
  });
});

test('an asynchronous primary that is lost takes acknowledged writes with it', () => {
  const world = settledWorld(1, {transactionsPerSecond: 100});
  world.faults.partition('vm1', 'vm2');
  world.faults.partition('vm1', 'vm3');
  world.advance(1000);
  expect(truth(world).lostWrites).toBe(0);
  world.faults.heal();
  world.advance(40_000);
  world.faults.repair();
  advanceUntil(world, () => isSettled(world), 120);
  accepted(world, {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: 0});
  world.advance(3000);
  const primary = world.monitor.nodes().find(row => row.reportedstate === 'primary')?.nodename ?? '';
  for (const row of world.monitor.nodes()) if (row.nodename !== primary) world.faults.lag(row.nodename, 500);
  for (const row of world.monitor.nodes()) {
    if (row.nodename === primary) continue;
    accepted(world, {call: 'set_node_replication_quorum', formation: 'default', node: row.nodename, quorum: false});
    world.advance(3000);
  }
  world.advance(20_000);
  const container = primary;
  world.faults.kill(container);
  advanceUntil(world, () => truth(world).writesPossible, 120);
  expect(truth(world).lostWrites).toBeGreaterThan(1000);
});

/** The nodes that the primary shows in pg_stat_replication. */
function shownBy(world: World, node: string): readonly (number | undefined)[] {
  const answer = world.postgres(`vm${node.at(-1)}`, node);
  return answer.ok ? answer.value.replication.map(row => row.nodeId).sort() : [];
}
