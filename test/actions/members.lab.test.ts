import {afterAll, afterEach, beforeAll, expect, it} from 'vitest';
import type {ActionKind, Request, Situation} from '../../source/actions/action.ts';
import type {ActionRun} from '../../source/actions/action-run.ts';
import {monitorOf, nodeNamed, placeOf} from '../../source/actions/cluster-facts.ts';
import {coldStart} from '../../source/actions/cold-start.ts';
import {coldStop} from '../../source/actions/cold-stop.ts';
import {drop} from '../../source/actions/drop.ts';
import {outageBegin, outageEnd} from '../../source/actions/outage.ts';
import {promotion} from '../../source/actions/promotion.ts';
import {reclone} from '../../source/actions/reclone.ts';
import {rejoin} from '../../source/actions/rejoin.ts';
import {rollingRestart} from '../../source/actions/rolling-restart.ts';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {lostRows} from '../lab/lost-rows.ts';
import {movePrimary} from '../lab/move-primary.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {waitUntil} from '../lab/wait.ts';
import {type Operator, openOperator, outcomeOf} from './operator.ts';

// One cluster, one writer and one operator for the whole file: each test begins with a healthy cluster and pg_node1 as its primary.
const lab = await sharedLab();
let operator: Operator;

beforeAll(async () => {
  await ready();
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  operator = await openOperator(cluster.value);
  await healthy();
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

it('a container that creates its node is dropped and stays down (R15), and joins again with its data', async () => {
  const dropped = await done(drop, {node: 'pg_node2'});
  expect(dropped.outcome?.message).toContain('number-sync-standbys was 1 and is 0 now');
  expect(containerOf('pg_node2')).toMatchObject({state: 'exited', restartPolicy: 'no'});
  expect((await lab.showState()).map(node => node.nodename)).toEqual(['pg_node1', 'pg_node3']);
  await done(rejoin, {node: 'pg_node2'});
  await healthy();
  expect(containerOf('pg_node2')?.restartPolicy).toBe('unless-stopped');
  expect(monitorOf(operator.situation())?.formation.numberSyncStandbys).toBe(1);
});

it('a container that only runs its node is dropped, registered again on its files, and copied anew', async () => {
  const argv = ['docker', 'inspect', '--format', '{{.Image}}', 'pg_node2'];
  const image = (await lab.exec('vm2', argv)).stdout.trim();
  await lab.exec('vm2', ['docker', 'stop', '-t', '60', 'pg_node2']);
  await lab.exec('vm2', ['docker', 'rename', 'pg_node2', 'pg_kept2']);
  const options = ['--network', 'host', '--restart', 'unless-stopped', '--stop-timeout', '60', '--tmpfs', '/tmp'];
  const data = ['-e', 'PGDATA=/var/lib/postgres/pgaf', '--volumes-from', 'pg_kept2'];
  await lab.exec('vm2', ['docker', 'run', '-d', '--name', 'pg_node2', ...options, ...data, image, 'pg_autoctl', 'run']);
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

it('a dead node is dropped, left alone by a cold stop and start (R57), forgotten (R38), and copied anew', async () => {
  await lab.exec('vm2', ['docker', 'stop', '-t', '60', 'pg_node2']);
  await operator.sees('silent', now => (nodeNamed(now, 'pg_node2')?.reportAgeSeconds ?? 0) > 11, 60_000);
  const dropped = await done(drop, {node: 'pg_node2'});
  expect(dropped.outcome?.message).toContain(':drop pg_node2 --lost');
  const timeline = nodeNamed(operator.situation(), 'pg_node1')?.timeline;

  await done(coldStop, {});
  expect(containerOf('pg_monitor')?.state).toBe('exited');
  await done(coldStart, {});
  expect(nodeNamed(operator.situation(), 'pg_node1')).toMatchObject({reportedState: 'primary', timeline});
  expect(containerOf('pg_node2')?.state).toBe('exited');

  await operator.sees('silent', now => (nodeNamed(now, 'pg_node2')?.reportAgeSeconds ?? 0) > 61, 90_000);
  await done(drop, {node: 'pg_node2', options: ['lost']});
  expect((await lab.showState()).map(node => node.nodename)).toEqual(['pg_node1', 'pg_node3']);
  await done(reclone, {node: 'pg_node2'});
  await healthy();
});

it('a planned outage leaves the others able to fail over, and is taken back (R54)', async () => {
  await done(outageBegin, {node: 'pg_node2'});
  await lab.exec('vm2', ['docker', 'stop', '-t', '60', 'pg_node2']);
  await operator.sees('silent', now => (nodeNamed(now, 'pg_node2')?.reportAgeSeconds ?? 0) > 6, 60_000);
  await done(promotion, {node: 'pg_node3'});
  await done(outageEnd, {node: 'pg_node2'});
  await healthy();
});

it('a rolling restart restarts every container, the primary last, and leaves all well (R55)', async () => {
  const starts = () => ['pg_node1', 'pg_node2', 'pg_node3'].map(name => containerOf(name)?.startedAt);
  const before = starts();
  await done(rollingRestart, {});
  await healthy();
  expect(starts().every((at, index) => at !== undefined && at !== before[index])).toBe(true);
});

it('no acknowledged row is lost by all that', async () => {
  for (const [host, node] of [
    ['vm1', 'pg_node1'],
    ['vm2', 'pg_node2'],
    ['vm3', 'pg_node3'],
  ] as const)
    await waitUntil(`all rows on ${node}`, 30_000, async () => (await lostRows(lab, host, node)) === 0);
});
