import {expect, test} from 'vitest';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {collect} from '../../source/console/collect.ts';
import {askNobody} from '../../source/ssh/ask.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {runPgaf} from './run-pgaf.ts';

// Two who act on one real cluster; what each action does there is in test/actions.

const lab = await sharedLab();

async function lastEvent(): Promise<number> {
  const [row] = await lab.monitorQuery('select max(eventid)::int as id from pgautofailover.event');
  return Number(row?.id);
}

test('while another pgaf holds the formation: refused, and by whom; by force it runs beside that', async () => {
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  const other = collect(cluster.value, {now: Date.now, random: Math.random, ask: askNobody, readOnly: false});
  try {
    await other.settled(20_000);
    const lock = await other.lock('ann@bastion');
    expect(lock.kind).toBe('held');
    const before = await lastEvent();
    const standby = (await lab.showState()).find(node => node.current_group_state === 'secondary')?.nodename;
    const argv = ['maintenance', 'on', standby ?? '', '--yes'];
    const {exitCode, stderr} = await runPgaf(...argv, '--config', lab.configFile);
    expect(stderr).toMatch(
      /another console is acting on this formation: ann@bastion from [\d.]+, for \d+ s; nothing was changed/,
    );
    expect(exitCode).toBe(4);
    expect(await lastEvent()).toBe(before);
    const forced = await runPgaf(...argv, '--force', '--config', lab.configFile);
    expect(forced.exitCode, forced.stderr).toBe(0);
    const off = await runPgaf('maintenance', 'off', standby ?? '', '--yes', '--force', '--config', lab.configFile);
    expect(off.exitCode, off.stderr).toBe(0);
  } finally {
    await other.close();
  }
});
