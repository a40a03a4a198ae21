import {afterAll, afterEach, beforeAll, expect, it} from 'vitest';
import type {Situation} from '../../source/actions/action.ts';
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
import {isHealthy as showsHealthy} from '../robot/cluster-table.ts';
import {pictures} from '../robot/robot.ts';
import {doneInMembersTest} from './done-on-lab.ts';
import {type Hands, openHands} from './hands.ts';
import {whileItOnlyRuns} from './only-run.ts';
import {type Operator, openOperator} from './operator.ts';

// One cluster, one writer and one console for the whole file: each test begins with a healthy cluster, the first with pg_node1 as its primary.
const lab = await sharedLab();
/** Sees what a console sees, and does nothing. */
let observer: Pick<Operator, 'situation' | 'sees' | 'close'>;
let hands: Hands;

beforeAll(async () => {
  await ready();
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  [observer, hands] = await Promise.all([openOperator(cluster.value), openHands(lab)]);
  await healthy();
});

afterEach(async ({task}) => {
  if (task.result?.state !== 'fail') return;
  console.error(pictures());
  await hands.close();
  await ready();
  hands = await openHands(lab);
});

afterAll(async () => {
  await Promise.all([observer.close(), hands.close()]);
  await lab.restore();
});

async function ready(): Promise<void> {
  await lab.restore();
  await movePrimary(lab, 'pg_node1');
  await lab.fault('load', 20);
  await waitUntil('rows are written', 30_000, () => (lab.loadProgress()?.acknowledged ?? 0) > 0);
}

async function healthy(): Promise<void> {
  await observer.sees('a healthy cluster', isHealthy, 120_000);
}

function isHealthy(now: Situation): boolean {
  const states = monitorOf(now)?.nodes.map(node => `${node.reportedState}/${node.assignedState}/${node.health}`);
  return (
    states?.toSorted((a, b) => a.localeCompare(b)).join(' ') ===
      'primary/primary/good secondary/secondary/good secondary/secondary/good' &&
    now.assessment.verdict.level === 'healthy'
  );
}

function othersServe(now: Situation): boolean {
  const states = ['pg_node1', 'pg_node3'].map(name => {
    const node = nodeNamed(now, name);
    return `${node?.reportedState}/${node?.assignedState}/${node?.health}`;
  });
  return states.join(' ') === 'primary/primary/good secondary/secondary/good';
}

const containerOf = (name: string) => placeOf(observer.situation(), name)?.inspected;

it('a container that creates its node is dropped and stays down (R15), and joins again with its data', async () => {
  const {keys, command} = hands;
  expect(await keys.done(drop, {node: 'pg_node2'})).toContain('number-sync-standbys was 1 and is 0 now');
  await observer.sees('it stays down', () => containerOf('pg_node2')?.state === 'exited');
  expect(containerOf('pg_node2')?.restartPolicy).toBe('no');
  expect((await lab.showState()).map(node => node.nodename)).toEqual(['pg_node1', 'pg_node3']);
  await command.done(rejoin, {node: 'pg_node2'});
  await healthy();
  expect(containerOf('pg_node2')?.restartPolicy).toBe('unless-stopped');
  expect(monitorOf(observer.situation())?.formation.numberSyncStandbys).toBe(1);
});

it('a container that only runs its node is dropped, registered again on its files, and copied anew', async () => {
  const {keys, command} = hands;
  await whileItOnlyRuns(lab, 'pg_node2', async () => {
    await healthy();
    await command.done(drop, {node: 'pg_node2'});
    await keys.done(rejoin, {node: 'pg_node2'});
    await healthy();
    await keys.done(reclone, {node: 'pg_node2'});
    await healthy();
  });
  await healthy();
});

it('a dead node is dropped, left alone by cold stops and starts (R57), forgotten (R38), and copied anew', async () => {
  await lab.exec('vm2', ['docker', 'stop', '-t', '60', 'pg_node2']);
  await observer.sees('silent', now => (nodeNamed(now, 'pg_node2')?.reportAgeSeconds ?? 0) > 11, 60_000);
  expect(await hands.command.done(drop, {node: 'pg_node2'})).toContain(':drop pg_node2 --lost');
  const timeline = nodeNamed(observer.situation(), 'pg_node1')?.timeline;

  // Two of them take as long as pg_node2 has to be silent before it may be forgotten.
  for (const way of [hands.keys, hands.command]) {
    await observer.sees('the others serve', othersServe);
    await way.done(coldStop, {});
    await observer.sees('the monitor is down', () => containerOf('pg_monitor')?.state === 'exited');
    await way.done(coldStart, {});
    await observer.sees('the others serve', othersServe);
    expect(nodeNamed(observer.situation(), 'pg_node1')).toMatchObject({reportedState: 'primary', timeline});
    expect(containerOf('pg_node2')?.state).toBe('exited');
  }

  await observer.sees('silent', now => (nodeNamed(now, 'pg_node2')?.reportAgeSeconds ?? 0) > 61, 90_000);
  await hands.keys.done(drop, {node: 'pg_node2', options: ['lost']});
  expect((await lab.showState()).map(node => node.nodename)).toEqual(['pg_node1', 'pg_node3']);
  await hands.command.done(reclone, {node: 'pg_node2'});
  await healthy();
});

it('a planned outage leaves the others able to fail over, and is taken back (R54)', async () => {
  const {keys, command} = hands;
  await keys.done(outageBegin, {node: 'pg_node2'});
  await lab.exec('vm2', ['docker', 'stop', '-t', '60', 'pg_node2']);
  await observer.sees('silent', now => (nodeNamed(now, 'pg_node2')?.reportAgeSeconds ?? 0) > 6, 60_000);
  await keys.done(promotion, {node: 'pg_node3'});
  await command.done(outageEnd, {node: 'pg_node2'});
  await healthy();
  await command.done(outageBegin, {node: 'pg_node2'});
  await keys.done(outageEnd, {node: 'pg_node2'});
  await healthy();
});

it('a rolling restart that is stopped in the middle goes on elsewhere: every container, the primary last, and all is well (R55)', async () => {
  const {keys, command} = hands;
  const names = ['pg_node1', 'pg_node2', 'pg_node3'];
  const starts = () => names.map(name => containerOf(name)?.startedAt);
  const before = starts();
  const since = `${new Date().toISOString().slice(0, 19)}Z`;
  await keys.started(rollingRestart, {});
  await observer.sees('one is restarted', () => starts().some((at, index) => at !== undefined && at !== before[index]));
  expect(await keys.stopped()).toMatch(/stopped before its last \d+ steps; starting it again goes on there/);
  await command.done(rollingRestart, {since});
  await healthy();
  expect(starts().every((at, index) => at !== undefined && at !== before[index])).toBe(true);
  const after = starts();
  await keys.done(rollingRestart, {since});
  expect(starts()).toEqual(after);
});

it('no acknowledged row is lost by all that, and the console shows a healthy cluster', async () => {
  await hands.keys.sees(showsHealthy);
  for (const [host, node] of [
    ['vm1', 'pg_node1'],
    ['vm2', 'pg_node2'],
    ['vm3', 'pg_node3'],
  ] as const)
    await waitUntil(`all rows on ${node}`, 30_000, async () => (await lostRows(lab, host, node)) === 0);
});

it('each of these actions was done from the keyboard and by command', () => {
  expect(hands.doneBothWays()).toEqual(expect.arrayContaining(doneInMembersTest));
});
