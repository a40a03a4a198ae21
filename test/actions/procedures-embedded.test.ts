import {describe, expect, it} from 'vitest';
import type {Situation} from '../../source/actions/action.ts';
import {isHealthyStandby, monitorOf, nodeNamed, placeOf} from '../../source/actions/cluster-facts.ts';
import {coldStart} from '../../source/actions/cold-start.ts';
import {coldStop} from '../../source/actions/cold-stop.ts';
import {containerStop} from '../../source/actions/container-stop.ts';
import {maintenanceOn} from '../../source/actions/maintenance.ts';
import {outageBegin, outageEnd} from '../../source/actions/outage.ts';
import {rollingRestart} from '../../source/actions/rolling-restart.ts';
import {switchover} from '../../source/actions/switchover.ts';
import {isSettled} from '../simulator/stage.ts';
import {embeddedCluster} from './embedded-cluster.ts';
import {outcomeOf, statesOf} from './operator.ts';

const done = {kind: 'done', said: expect.any(String)};
const ran = (run: {steps: readonly {state: string}[]}) => run.steps.map(step => step.state);

describe('a planned outage (R54)', () => {
  it('leaves the others able to fail over while the node is away, and takes it back', async () => {
    const {world, operator} = await embeddedCluster();
    const begun = await operator.act(outageBegin, {node: 'pg_node3'});
    expect(outcomeOf(begun)).toEqual(done);
    expect(nodeNamed(operator.situation(), 'pg_node3')?.replicationQuorum).toBe(false);
    expect(outcomeOf(await operator.act(containerStop, {node: 'pg_node3'}))).toEqual(done);
    world.advance(30_000);
    await operator.sees('given up', now => nodeNamed(now, 'pg_node3')?.assignedState === 'catchingup');
    expect(outcomeOf(await operator.act(switchover, {}))).toEqual(done);
    expect(begun.undo).toEqual({kind: 'outage-end', request: {node: 'pg_node3'}});
    const ended = await operator.act(outageEnd, {node: 'pg_node3'});
    expect(outcomeOf(ended)).toEqual(done);
    await operator.sees('all well', isHealthy);
    expect(monitorOf(operator.situation())?.formation.numberSyncStandbys).toBe(1);
  });

  it('that was interrupted goes on where it was left', async () => {
    const {world, operator} = await embeddedCluster();
    world.monitor.call({call: 'set_formation_number_sync_standbys', formation: 'default', standbys: 0});
    await operator.sees('applied', now => monitorOf(now)?.formation.numberSyncStandbys === 0 && isAtRest(now));
    const begun = await operator.act(outageBegin, {node: 'pg_node3'});
    expect(outcomeOf(begun)).toEqual(done);
    expect(ran(begun)[0]).toBe('skipped');
  });
});

describe('a rolling restart (R55)', () => {
  it('restarts every container, the primary last and after a switchover, and loses no write', async () => {
    const {world, operator} = await embeddedCluster();
    const before = startsOf(operator.situation());
    const run = await operator.act(rollingRestart, {});
    expect(outcomeOf(run)).toEqual(done);
    const after = startsOf(operator.situation());
    expect(after.every((at, index) => at !== before[index])).toBe(true);
    await operator.sees('all well', isHealthy);
    expect(nodeNamed(operator.situation(), 'pg_node1')?.reportedState).toBe('secondary');
    expect(world.truth().groups[0]?.lostWrites).toBe(0);
  });

  it('goes on with --since: what was restarted is left out, a node left in maintenance is taken back', async () => {
    const {world, operator} = await embeddedCluster();
    const begin = world.now();
    world.docker.restart('vm2', 'pg_node2');
    // All of it at once: the monitor and the other hosts are not to be seen as they were before they noticed.
    world.advance(30_000);
    expect(isSettled(world)).toBe(true);
    await operator.sees('pg_node2 is back', now => (startsOf(now)[1] ?? 0) >= begin && bothStream(now));
    expect(outcomeOf(await operator.act(maintenanceOn, {node: 'pg_node3'}))).toEqual(done);
    const [first, second] = startsOf(operator.situation());
    const run = await operator.act(rollingRestart, {since: new Date(begin).toISOString()});
    expect(outcomeOf(run)).toEqual(done);
    expect(startsOf(operator.situation())[0]).not.toBe(first);
    expect(startsOf(operator.situation())[1]).toBe(second);
    expect(ran(run).slice(0, 4)).toEqual(['skipped', 'skipped', 'skipped', 'skipped']);
    await operator.sees('all well', isHealthy);
  });
});

describe('a cold stop and start (R57)', () => {
  it('in their order end without a failover', async () => {
    const {world, operator} = await embeddedCluster();
    const timeline = nodeNamed(operator.situation(), 'pg_node1')?.timeline;
    const stopped = await operator.act(coldStop, {});
    expect(outcomeOf(stopped)).toEqual(done);
    expect(stopped.steps.map(step => step.argv.at(-1))).toEqual(['pg_monitor', 'pg_node1', 'pg_node2', 'pg_node3']);
    world.advance(120_000);
    const started = await operator.act(coldStart, {});
    expect(outcomeOf(started)).toEqual(done);
    expect(nodeNamed(operator.situation(), 'pg_node1')).toMatchObject({reportedState: 'primary', timeline});
    await operator.sees('all well', isHealthy);
    expect(world.truth().groups[0]?.lostWrites).toBe(0);
  });

  it('nodes that wait for the monitor in a loop are stopped first, so that the order holds (R59)', async () => {
    const {world, operator} = await embeddedCluster();
    for (const name of ['pg_monitor', 'pg_node1', 'pg_node2', 'pg_node3']) world.faults.kill(name);
    world.advance(60_000);
    for (const [host, name] of [
      ['vm1', 'pg_node1'],
      ['vm2', 'pg_node2'],
      ['vm3', 'pg_node3'],
    ] as const)
      world.docker.start(host, name);
    await operator.sees('they loop', now => ['vm1', 'vm2', 'vm3'].every(host => restartsIn(now, host) > 1), 10_000);
    const started = await operator.act(coldStart, {});
    expect(outcomeOf(started)).toEqual(done);
    expect(nodeNamed(operator.situation(), 'pg_node1')?.reportedState).toBe('primary');
    await operator.sees('all well', isHealthy);
  });

  it('a stop that was interrupted after the monitor goes on', async () => {
    const {world, operator} = await embeddedCluster();
    world.docker.stop('vm3', 'pg_monitor');
    await operator.sees('no monitor', now => monitorOf(now) === undefined, 60_000);
    await operator.sees('it is down', now => placeOf(now, 'pg_monitor')?.inspected?.state === 'exited');
    const stopped = await operator.act(coldStop, {});
    expect(outcomeOf(stopped)).toEqual(done);
    expect(ran(stopped)[0]).toBe('skipped');
    expect(stopped.steps[1]?.argv.at(-1)).toBe('pg_node1');
  });
});

function startsOf(situation: Situation) {
  return ['pg_node1', 'pg_node2', 'pg_node3'].map(name => placeOf(situation, name)?.inspected?.startedAt);
}

function restartsIn({snapshot}: Situation, name: string): number {
  const sample = snapshot.hosts.find(host => host.name === name)?.containers;
  return sample !== undefined && 'value' in sample
    ? (sample.value.find(each => each.name.startsWith('pg_node'))?.restarts ?? 0)
    : 0;
}

function isAtRest(situation: Situation): boolean {
  return statesOf(situation)
    .split(', ')
    .every(words => /(\w+)\/\1 /.test(words));
}

function bothStream(situation: Situation): boolean {
  const primary = nodeNamed(situation, 'pg_node1');
  const standbys = (monitorOf(situation)?.nodes ?? []).filter(node => node !== primary);
  return standbys.length === 2 && standbys.every(node => isHealthyStandby(situation, primary, node));
}

function isHealthy(situation: Situation): boolean {
  const nodes = monitorOf(situation)?.nodes ?? [];
  return (
    nodes.length === 3 &&
    nodes.every(node => node.reportedState === node.assignedState && node.health === 'good') &&
    nodes.filter(node => node.reportedState === 'secondary').length === 2
  );
}
