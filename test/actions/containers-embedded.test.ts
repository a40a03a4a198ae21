import {describe, expect, it} from 'vitest';
import type {Situation} from '../../source/actions/action.ts';
import {monitorOf, nodeNamed, placeOf, postgresOf, primaryOf} from '../../source/actions/cluster-facts.ts';
import {containerRestart} from '../../source/actions/container-restart.ts';
import {containerStart} from '../../source/actions/container-start.ts';
import {containerStop} from '../../source/actions/container-stop.ts';
import {reload} from '../../source/actions/reload.ts';
import {restart} from '../../source/actions/restart.ts';
import {embeddedCluster} from './embedded-cluster.ts';
import {outcomeOf} from './operator.ts';

const startOfPostgres = (situation: Situation, node: string) => postgresOf(situation, node)?.startedAt;
const startOfContainer = (situation: Situation, name: string) => placeOf(situation, name)?.inspected?.startedAt;

describe('restarts on the embedded cluster', () => {
  it.each([['pg_node1'], ['pg_node2']])(
    'Postgres on %s is another one afterwards, its container the same',
    async node => {
      const {operator} = await embeddedCluster();
      const [postgres, container] = [
        startOfPostgres(operator.situation(), node),
        startOfContainer(operator.situation(), node),
      ];
      const run = await operator.act(restart, {node});
      expect(outcomeOf(run)).toMatchObject({kind: 'done'});
      // The pid is on the one stream and what is done on the other: which is read first is chance.
      const output = run.steps[0]?.output ?? [];
      const [, pid] = /INFO {2}Service "postgres" has been restarted with pid (\d+)/.exec(output.join('\n')) ?? [];
      expect(output).toContain(pid);
      expect(startOfPostgres(operator.situation(), node)).not.toBe(postgres);
      expect(startOfContainer(operator.situation(), node)).toBe(container);
    },
  );

  it('a node reads its configuration again', async () => {
    const {world, operator} = await embeddedCluster();
    const run = await operator.act(reload, {node: 'pg_node2'});
    expect(outcomeOf(run)).toMatchObject({kind: 'done'});
    expect(world.lines('vm2', 'pg_node2').at(-1)?.text).toContain('Reloading Postgres configuration and HBA rules');
  });

  it('R56: the container of the primary; the monitor elects, and the run waits for that', async () => {
    const {operator} = await embeddedCluster({}, 4);
    const before = nodeNamed(operator.situation(), 'pg_node1')?.timeline ?? 0;
    const run = await operator.act(containerRestart, {node: 'pg_node1'});
    expect(outcomeOf(run)).toMatchObject({kind: 'done'});
    expect(run.transitions.map(each => each.assignedState)).toContain('draining');
    expect(nodeNamed(operator.situation(), 'pg_node1')?.timeline).toBeGreaterThan(before);
    expect(run.withoutWritesSeconds).not.toBeNull();
  });

  it('R58: the container of a standby; writes go on', async () => {
    const {operator} = await embeddedCluster();
    const run = await operator.act(containerRestart, {node: 'pg_node2'});
    expect(outcomeOf(run)).toMatchObject({kind: 'done'});
    expect(run.withoutWritesSeconds).toBeNull();
  });

  it('the container of the monitor; the nodes do not move', async () => {
    const {operator} = await embeddedCluster();
    const run = await operator.act(containerRestart, {node: 'pg_monitor'});
    expect(outcomeOf(run)).toMatchObject({kind: 'done'});
    expect(monitorOf(operator.situation())?.nodes.map(node => node.assignedState)).toEqual([
      'primary',
      'secondary',
      'secondary',
    ]);
  });
});

describe('stop and start on the embedded cluster', () => {
  it('a standby is stopped, and started again', async () => {
    const {world, operator} = await embeddedCluster();
    const stopped = await operator.act(containerStop, {node: 'pg_node3'});
    expect(outcomeOf(stopped)).toMatchObject({kind: 'done'});
    world.advance(30_000);
    await operator.sees('given up', now => nodeNamed(now, 'pg_node3')?.assignedState === 'catchingup');
    const other = await operator.act(containerStop, {node: 'pg_node2'});
    expect(outcomeOf(other)).toMatchObject({kind: 'refused', said: expect.stringContaining('R58')});
    const started = await operator.act(containerStart, {node: 'pg_node3'});
    expect(outcomeOf(started)).toMatchObject({kind: 'done'});
    expect(nodeNamed(operator.situation(), 'pg_node3')?.reportedState).toBe('secondary');
  });

  it('R02: the primary is stopped, and the run waits for the one that takes over', async () => {
    const {world, operator} = await embeddedCluster();
    const running = operator.act(containerStop, {node: 'pg_node1'});
    await operator.sees('it is down', now => placeOf(now, 'pg_node1')?.inspected?.state === 'exited');
    world.advance(30_000);
    const run = await running;
    expect(outcomeOf(run)).toMatchObject({kind: 'done'});
    const reading = monitorOf(operator.situation());
    expect(reading && primaryOf(reading)?.name).not.toBe('pg_node1');
    const started = await operator.act(containerStart, {node: 'pg_node1'});
    expect(outcomeOf(started)).toMatchObject({kind: 'done'});
  });

  it('R59: without the monitor a node is not restarted; forced, it does not come up until the monitor is started', async () => {
    const {operator} = await embeddedCluster();
    const stopped = await operator.act(containerStop, {node: 'pg_monitor'});
    expect(outcomeOf(stopped)).toMatchObject({kind: 'done'});
    await operator.sees('the monitor away', now => monitorOf(now) === undefined);
    const refused = await operator.act(containerRestart, {node: 'pg_node2'});
    expect(outcomeOf(refused)).toMatchObject({kind: 'refused', said: expect.stringContaining('R59')});
    const forced = await operator.act(containerRestart, {node: 'pg_node2'}, {force: true, leaveAfterMs: 3000});
    expect(outcomeOf(forced)).toMatchObject({kind: 'unknown'});
    expect(postgresOf(operator.situation(), 'pg_node2')).toBeUndefined();
    const started = await operator.act(containerStart, {node: 'pg_monitor'});
    expect(outcomeOf(started)).toMatchObject({kind: 'done'});
    await operator.sees('secondary again', now => nodeNamed(now, 'pg_node2')?.health === 'good', 30_000);
  });
});
