import {describe, expect, it} from 'vitest';
import type {Situation} from '../../source/actions/action.ts';
import {monitorOf, nodeNamed} from '../../source/actions/cluster-facts.ts';
import {drop} from '../../source/actions/drop.ts';
import {reclone} from '../../source/actions/reclone.ts';
import {rejoin} from '../../source/actions/rejoin.ts';
import type {World} from '../../source/simulator/world.ts';
import {embeddedCluster} from './embedded-cluster.ts';
import {outcomeOf, statesOf} from './operator.ts';

const done = {kind: 'done', said: expect.any(String)};

describe.each(['run', 'create'] as const)('a container whose command is %s', nodeCommand => {
  it('is dropped, stays down, and joins again with its data', async () => {
    const {world, operator} = await embeddedCluster({nodeCommand});
    const dropped = await operator.act(drop, {node: 'pg_node3'});
    expect(outcomeOf(dropped)).toEqual(done);
    expect(dropped.outcome?.message).toContain('number-sync-standbys was 1 and is 0 now');
    world.advance(120_000);
    expect(world.monitor.nodes().map(row => row.nodename)).toEqual(['pg_node1', 'pg_node2']);
    expect(containerOf(world, 'vm3')).toMatchObject({state: 'exited', restartPolicy: 'no'});
    expect(dropped.undo).toEqual({kind: 'rejoin', request: {node: 'pg_node3'}});

    const back = await operator.act(rejoin, dropped.undo?.request ?? {});
    expect(outcomeOf(back)).toEqual(done);
    expect(nodeNamed(operator.situation(), 'pg_node3')).toMatchObject({reportedState: 'secondary', id: 3});
    expect(containerOf(world, 'vm3')).toMatchObject({state: 'running', restartPolicy: 'unless-stopped'});
    await operator.sees('all well', isHealthy);
  });

  it('is copied anew from the primary, and keeps its settings', async () => {
    const {world, operator} = await embeddedCluster({nodeCommand});
    world.monitor.call({call: 'set_node_candidate_priority', formation: 'default', node: 'pg_node2', priority: 70});
    await operator.sees('applied', now => nodeNamed(now, 'pg_node2')?.candidatePriority === 70 && isHealthy(now));
    const run = await operator.act(reclone, {node: 'pg_node2'});
    expect(outcomeOf(run)).toEqual(done);
    expect(run.steps.map(step => step.argv.join(' '))).toContain(
      'docker run --rm --network none --volumes-from pg_node2 -e PGDATA=/var/lib/postgres/pgaf citusdata/pg_auto_failover:15 find /var/lib/postgres/pgaf -mindepth 1 -delete',
    );
    await operator.sees('all well', isHealthy);
    expect(nodeNamed(operator.situation(), 'pg_node2')?.candidatePriority).toBe(70);
    expect(monitorOf(operator.situation())?.formation.numberSyncStandbys).toBe(1);
    expect(world.truth().groups[0]?.lostWrites).toBe(0);
  });
});

describe('a dead node', () => {
  it('is dropped without its word, its row stays until it is called lost, and it can be copied anew later', async () => {
    const {world, operator} = await embeddedCluster();
    world.faults.kill('pg_node2');
    world.advance(30_000);
    await operator.sees('given up', now => nodeNamed(now, 'pg_node2')?.assignedState === 'catchingup');
    const early = await operator.act(drop, {node: 'pg_node2', options: ['lost']});
    expect(outcomeOf(early)).toMatchObject({
      kind: 'refused',
      said: expect.stringContaining('has not reported for 60 s'),
    });
    const run = await operator.act(drop, {node: 'pg_node2'});
    expect(outcomeOf(run)).toEqual(done);
    expect(run.outcome?.message).toContain(':drop pg_node2 --lost (R38)');
    expect(nodeNamed(operator.situation(), 'pg_node2')?.assignedState).toBe('dropped');
    world.advance(60_000);
    await operator.sees('silent, and writes', isLost('pg_node2'));
    const lost = await operator.act(drop, {node: 'pg_node2', options: ['lost']});
    expect(outcomeOf(lost)).toEqual(done);
    expect(nodeNamed(operator.situation(), 'pg_node2')).toBeUndefined();
    expect(operator.situation().assessment.verdict.writable).toBe(true);

    const again = await operator.act(reclone, {node: 'pg_node2'});
    expect(outcomeOf(again)).toEqual(done);
    await operator.sees('all well', isHealthy);
  });

  it('that was the primary is dropped after the failover, and forgotten', async () => {
    const {world, operator} = await embeddedCluster();
    world.faults.kill('pg_node1');
    await operator.sees('marked', now => nodeNamed(now, 'pg_node1')?.health === 'bad', 60_000);
    const refused = await operator.act(drop, {node: 'pg_node1', options: ['lost']}, {force: true});
    expect(outcomeOf(refused)).toMatchObject({kind: 'refused', said: expect.stringContaining('is not the primary')});
    world.advance(40_000);
    await operator.sees('failed over', now => statesOf(now).includes(' primary/primary'));
    world.advance(60_000);
    await operator.sees('silent, and writes', isLost('pg_node1'));
    const run = await operator.act(drop, {node: 'pg_node1', options: ['lost']});
    expect(outcomeOf(run)).toEqual(done);
    expect(nodeNamed(operator.situation(), 'pg_node1')).toBeUndefined();
    await operator.sees('writes', now => now.assessment.verdict.writable === true);
  });
});

it('says that a node whose data went another way has to be copied anew, and that mends it', async () => {
  const {world, operator} = await embeddedCluster({nodeCommand: 'create'});
  // What it writes now reaches nobody.
  world.faults.partition('vm1', 'vm2');
  world.faults.partition('vm1', 'vm3');
  await operator.sees('writes wait', now => now.assessment.verdict.writable !== true);
  world.faults.kill('pg_node1');
  world.advance(60_000);
  await operator.sees('failed over', now => statesOf(now).includes(' primary/primary'));
  world.faults.heal();
  world.advance(60_000);
  await operator.sees('silent, and writes', isLost('pg_node1'));
  expect(outcomeOf(await operator.act(drop, {node: 'pg_node1', options: ['lost']}))).toEqual(done);
  const run = await operator.act(rejoin, {node: 'pg_node1'});
  expect(outcomeOf(run)).toMatchObject({kind: 'failed', said: expect.stringContaining(':reclone pg_node1')});
  const mended = await operator.act(reclone, {node: 'pg_node1'});
  expect(outcomeOf(mended)).toEqual(done);
  await operator.sees('all well', isHealthy);
});

function containerOf(world: World, host: string) {
  return world.containers(host).find(each => each.role === 'node');
}

/** Silent for long enough to be called lost, while the others go on. */
function isLost(name: string): (situation: Situation) => boolean {
  return now => (nodeNamed(now, name)?.reportAgeSeconds ?? 0) > 60 && now.assessment.verdict.writable === true;
}

function isHealthy(situation: Situation): boolean {
  const nodes = monitorOf(situation)?.nodes ?? [];
  return (
    nodes.length === 3 &&
    nodes.every(node => node.reportedState === node.assignedState && node.health === 'good') &&
    nodes.filter(node => node.reportedState === 'secondary').length === 2
  );
}
