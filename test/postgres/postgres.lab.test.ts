import {afterEach, describe, expect, test, vi} from 'vitest';
import {current, problemOf, type Sample} from '../../source/cluster/sample.ts';
import type {PostgresReading} from '../../source/cluster/snapshot.ts';
import {watchPostgres} from '../../source/postgres/postgres.ts';
import {openLabHost} from '../docker/lab-host.ts';
import {sharedLab} from '../lab/shared-lab.ts';

const lab = await sharedLab();
const soon = {timeout: 60_000, interval: 20};
const closers: (() => Promise<void>)[] = [];

function watch(host: string, container: string): {last(): Sample<PostgresReading> | undefined} {
  const connection = openLabHost(lab, host);
  let last: Sample<PostgresReading> | undefined;
  const running = watchPostgres(
    {host: connection, docker: ['docker'], container, port: 5432, clock: {now: Date.now, random: Math.random}},
    sample => {
      last = sample;
    },
  );
  closers.push(async () => {
    running.close();
    await connection.close();
  });
  return {last: () => last};
}

async function places(): Promise<{primary: string; standby: string}> {
  const nodes = await lab.showState();
  const nameOf = (state: string) => nodes.find(node => node.current_group_state === state)?.nodename ?? '';
  return {primary: nameOf('primary'), standby: nameOf('secondary')};
}

const hostOf = (node: string) => node.replace('pg_node', 'vm');

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await lab.restore();
});

describe('PostgreSQL in the containers of a real cluster', () => {
  test('the primary sees its standbys stream; a standby sees whom it follows', async () => {
    const {primary, standby} = await places();
    const onPrimary = watch(hostOf(primary), primary);
    const onStandby = watch(hostOf(standby), standby);
    await vi.waitFor(() => expect(current(onPrimary.last())).toBeDefined(), soon);
    await vi.waitFor(() => expect(current(onStandby.last())).toBeDefined(), soon);
    const writer = current(onPrimary.last());
    const reader = current(onStandby.last());
    expect(writer).toMatchObject({inRecovery: false, readOnly: false, waitingForSyncRep: 0, receiverStatus: undefined});
    expect(writer?.replication.map(row => [row.state, row.syncState])).toEqual([
      ['streaming', 'quorum'],
      ['streaming', 'quorum'],
    ]);
    expect(writer?.replication.every(row => row.nodeId !== undefined && row.replayLagBytes !== undefined)).toBe(true);
    const ids = writer?.replication.map(row => row.nodeId);
    expect(writer?.slots.map(slot => slot.nodeId)).toEqual(ids);
    expect(writer?.slots.every(slot => slot.active && slot.retainedBytes !== undefined)).toBe(true);
    const primaryAddress = lab.hosts().find(host => host.name === hostOf(primary))?.address;
    expect(reader).toMatchObject({
      inRecovery: true,
      receiverStatus: 'streaming',
      receiverHost: primaryAddress,
      currentLsn: undefined,
    });
    expect(reader?.timeline).toBe(writer?.timeline);
    expect(reader?.systemIdentifier).toBe(writer?.systemIdentifier);
  });

  test('a commit that waits for its standbys is counted', async () => {
    const {primary} = await places();
    const onPrimary = watch(hostOf(primary), primary);
    await vi.waitFor(() => expect(current(onPrimary.last())).toBeDefined(), soon);
    for (const node of ['pg_node1', 'pg_node2', 'pg_node3']) if (node !== primary) await lab.fault('stop', node);
    const commit = lab.dockerExec(hostOf(primary), primary, [
      'psql',
      '-X',
      '-d',
      'postgres',
      '-c',
      'create table waits (n int)',
    ]);
    await vi.waitFor(() => expect(current(onPrimary.last())?.waitingForSyncRep).toBeGreaterThan(0), soon);
    expect(current(onPrimary.last())?.replication).toEqual([]);
    for (const node of ['pg_node1', 'pg_node2', 'pg_node3']) if (node !== primary) await lab.fault('start', node);
    await commit;
    await lab.restore();
    await lab.dockerExec(hostOf(primary), primary, ['psql', '-X', '-d', 'postgres', '-c', 'drop table waits']);
  });

  test('a killed container is told from a stopped PostgreSQL, and read again when it is back', async () => {
    const {standby} = await places();
    const onStandby = watch(hostOf(standby), standby);
    await vi.waitFor(() => expect(current(onStandby.last())).toBeDefined(), soon);
    await lab.fault('stop', standby);
    await vi.waitFor(
      () =>
        expect(problemOf(onStandby.last())).toMatchObject({
          kind: 'container-not-running',
          message: `${standby} on ${hostOf(standby)} is not running`,
        }),
      soon,
    );
    expect(onStandby.last()).toMatchObject({last: {value: {inRecovery: true}}});
    await lab.fault('start', standby);
    await vi.waitFor(() => expect(current(onStandby.last())).toBeDefined(), soon);
  });

  test('no psql of ours stays in the container after close', async () => {
    const onNode = watch('vm1', 'pg_node1');
    const sessions = async () =>
      (
        await lab.dockerExec('vm1', 'pg_node1', [
          'psql',
          '-XqAt',
          '-d',
          'postgres',
          '-c',
          "select count(*) from pg_stat_activity where application_name = 'pgaf'",
        ])
      ).stdout.trim();
    await vi.waitFor(() => expect(current(onNode.last())).toBeDefined(), soon);
    expect(await sessions()).toBe('1');
    for (const close of closers.splice(0)) await close();
    await vi.waitFor(async () => expect(await sessions()).toBe('0'), soon);
  });
});
