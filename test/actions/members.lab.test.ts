import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import type {ActionKind, Request, Situation} from '../../source/actions/action.ts';
import type {ActionRun} from '../../source/actions/action-run.ts';
import {monitorOf, nodeNamed, placeOf} from '../../source/actions/cluster-facts.ts';
import {drop} from '../../source/actions/drop.ts';
import {reclone} from '../../source/actions/reclone.ts';
import {rejoin} from '../../source/actions/rejoin.ts';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {movePrimary} from '../lab/move-primary.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {waitUntil} from '../lab/wait.ts';
import {type Operator, openOperator, outcomeOf} from './operator.ts';

// One cluster, one writer and one operator for the whole file: each test begins with a healthy cluster and pg_node1 as its primary.
const lab = sharedLab();
let operator: Operator;

beforeAll(async () => {
  await ready();
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  operator = await openOperator(cluster.value);
});

afterEach(async ({task}) => {
  if (task.result?.state === 'fail') await ready();
});

afterAll(async () => {
  await operator.close();
  await lab.restore();
});

async function ready(): Promise<void> {
  await lab.restore();
  await movePrimary(lab, 'pg_node1');
  await lab.fault('load', 20);
  await waitUntil('rows are written', 30_000, () => (lab.loadProgress()?.acknowledged ?? 0) > 0);
}

async function done(kind: ActionKind, request: Request): Promise<ActionRun> {
  const run = await operator.act(kind, request);
  expect(outcomeOf(run)).toEqual({kind: 'done', said: expect.any(String)});
  return run;
}

async function healthy(): Promise<void> {
  await operator.sees('a healthy cluster', isHealthy, 120_000);
}

function isHealthy(now: Situation): boolean {
  const states = monitorOf(now)?.nodes.map(node => `${node.reportedState}/${node.assignedState}/${node.health}`);
  return (
    states?.toSorted((a, b) => a.localeCompare(b)).join(' ') ===
      'primary/primary/good secondary/secondary/good secondary/secondary/good' &&
    now.assessment.verdict.level === 'healthy'
  );
}

const containerOf = (name: string) => placeOf(operator.situation(), name)?.inspected;

describe('a container that creates its node', () => {
  it('is dropped and stays down (R15), joins again with its data, and is copied anew', async () => {
    const dropped = await done(drop, {node: 'pg_node2'});
    expect(dropped.outcome?.message).toContain('number-sync-standbys was 1 and is 0 now');
    await operator.sees('it is down', () => containerOf('pg_node2')?.state === 'exited');
    expect(containerOf('pg_node2')?.restartPolicy).toBe('no');
    expect((await lab.showState()).map(node => node.nodename)).toEqual(['pg_node1', 'pg_node3']);

    await done(rejoin, {node: 'pg_node2'});
    await healthy();
    expect(containerOf('pg_node2')?.restartPolicy).toBe('unless-stopped');
    expect(monitorOf(operator.situation())?.formation.numberSyncStandbys).toBe(1);

    await done(reclone, {node: 'pg_node2'});
    await healthy();
  });

  it('is forgotten when it is lost, and comes back with an empty disk', async () => {
    await lab.fault('stop', 'pg_node2');
    await operator.sees('silent', now => (nodeNamed(now, 'pg_node2')?.reportAgeSeconds ?? 0) > 61, 90_000);
    const run = await done(drop, {node: 'pg_node2'});
    expect(run.outcome?.message).toContain(':drop pg_node2 --lost');
    await done(drop, {node: 'pg_node2', options: ['lost']});
    expect((await lab.showState()).map(node => node.nodename)).toEqual(['pg_node1', 'pg_node3']);
    await done(reclone, {node: 'pg_node2'});
    await healthy();
  });
});

describe('a container that only runs its node', () => {
  it('is dropped, is registered again on its files, and is copied anew', async () => {
    const argv = ['docker', 'inspect', '--format', '{{.Image}}', 'pg_node2'];
    const image = (await lab.exec('vm2', argv)).stdout.trim();
    await lab.exec('vm2', ['docker', 'stop', '-t', '60', 'pg_node2']);
    await lab.exec('vm2', ['docker', 'rename', 'pg_node2', 'pg_kept2']);
    const options = ['--network', 'host', '--restart', 'unless-stopped', '--stop-timeout', '60', '--tmpfs', '/tmp'];
    const pgdata = ['-e', 'PGDATA=/var/lib/postgres/pgaf', '--volumes-from', 'pg_kept2'];
    await lab.exec('vm2', [
      'docker',
      'run',
      '-d',
      '--name',
      'pg_node2',
      ...options,
      ...pgdata,
      image,
      'pg_autoctl',
      'run',
    ]);
    try {
      await healthy();
      await done(drop, {node: 'pg_node2'});
      await done(rejoin, {node: 'pg_node2'});
      await healthy();
      await done(reclone, {node: 'pg_node2'});
      await healthy();
    } finally {
      await lab.exec('vm2', ['docker', 'stop', '-t', '60', 'pg_node2']);
      await lab.exec('vm2', ['docker', 'rm', 'pg_node2']);
      await lab.exec('vm2', ['docker', 'rename', 'pg_kept2', 'pg_node2']);
      await lab.exec('vm2', ['docker', 'start', 'pg_node2']);
    }
    await healthy();
  });
});
