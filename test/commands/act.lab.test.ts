import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeAll, expect, test} from 'vitest';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {collect} from '../../source/console/collect.ts';
import {askNobody} from '../../source/ssh/ask.ts';
import {movePrimary} from '../lab/move-primary.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {temporaryFolder} from '../robot/console-program.ts';
import {ended, startPgafAt} from './run-pgaf.ts';

// Actions as commands on a real cluster: exit status 0 only when another node is primary on the monitor, 4 only when nothing has changed.

const lab = await sharedLab();

beforeAll(() => movePrimary(lab, 'pg_node1'));
afterEach(async () => {
  await lab.restore();
});

function pgaf(home: string, ...argv: string[]) {
  return ended(startPgafAt(home, ...argv, '--config', lab.configFile));
}

async function lastEvent(): Promise<number> {
  const [row] = await lab.monitorQuery('select max(eventid)::int as id from pgautofailover.event');
  return Number(row?.id);
}

const primary = async () => (await lab.showState()).find(node => node.current_group_state === 'primary')?.nodename;

test('switchover --json --yes: done when another node is the primary on the monitor, and written down', async () => {
  const before = await primary();
  const home = temporaryFolder();
  const {exitCode, stdout, stderr} = await pgaf(home, 'switchover', '--json', '--yes');
  expect(stderr).toMatch(/^done after/m);
  expect(exitCode).toBe(0);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({action: 'switchover', outcome: 'done', steps: [{host: 'vm3', exitCode: 0}]});
  const after = await primary();
  expect(after).not.toBe(before);
  expect(document.message).toContain(`${after} is the primary on the monitor`);
  const [file] = [...stderr.matchAll(/^Switchover in (\S+)\/default/gm)].map(([, name]) => `audit-${name}.jsonl`);
  const lines = readFileSync(join(home, '.local/state/pgaf', file ?? ''), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map(line => JSON.parse(line).event)).toEqual(['begin', 'end']);
});

test('a switchover with a quorum standby without power is refused with R07, and nothing has changed', async () => {
  await movePrimary(lab, 'pg_node1');
  await lab.fault('poweroff', 'vm2');
  await lab.waitFor(
    nodes => nodes.find(each => each.nodename === 'pg_node2')?.assigned_group_state === 'catchingup',
    90_000,
  );
  const before = await lastEvent();
  const {exitCode, stdout, stderr} = await pgaf(temporaryFolder(), 'switchover', '--json', '--yes');
  expect(await lastEvent()).toBe(before);
  expect(stderr).toContain('R07: quorum node pg_node2 would block the election');
  expect(JSON.parse(stdout)).toMatchObject({outcome: 'refused', steps: [{state: 'waiting', exitCode: null}]});
  expect(exitCode).toBe(4);
});

test('while another pgaf holds the formation: refused, and by whom', async () => {
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  const other = collect(cluster.value, {now: Date.now, random: Math.random, ask: askNobody, readOnly: false});
  try {
    await other.settled(20_000);
    const lock = await other.lock('ann@bastion');
    expect(lock.kind).toBe('held');
    const before = await lastEvent();
    const {exitCode, stderr} = await pgaf(temporaryFolder(), 'maintenance', 'on', 'pg_node3', '--yes');
    expect(stderr).toMatch(
      /another console is acting on this formation: ann@bastion from [\d.]+, for \d+ s; nothing was changed/,
    );
    expect(exitCode).toBe(4);
    expect(await lastEvent()).toBe(before);
  } finally {
    await other.close();
  }
});
