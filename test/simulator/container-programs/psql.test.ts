import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {freePart} from '../../../source/cluster/disk-trend.ts';
import {current, problemOf, type Sample} from '../../../source/cluster/sample.ts';
import type {PostgresReading} from '../../../source/cluster/snapshot.ts';
import {readDisk} from '../../../source/docker/container-disk.ts';
import {containerOwner} from '../../../source/docker/container-owner.ts';
import {type PostgresWatch, watchPostgres} from '../../../source/postgres/postgres.ts';
import {parseAnswer} from '../../../source/postgres/reading.ts';
import {answerMark} from '../../../source/postgres/reading-query.ts';
import {nodeReading} from '../../../source/simulator/container-programs/node-reading.ts';
import {diskReading} from '../../../source/simulator/disk-reading.ts';
import type {World} from '../../../source/simulator/world.ts';
import {settledWorld} from '../stage.ts';
import {containerHost} from './container-host.ts';
import {run, start, turns} from './run-program.ts';

const soon = {timeout: 10_000, interval: 5};
let world: World;

beforeEach(() => {
  world = settledWorld(3);
});

describe('the console on it', () => {
  let watch: PostgresWatch | undefined;
  let samples: Sample<PostgresReading>[] = [];
  const open = (host: string, container: string) => {
    const connection = containerHost(world, host);
    watch = watchPostgres(
      {host: connection, docker: ['docker'], container, port: 5432, clock: {now: Date.now, random: () => 0}},
      sample => samples.push(sample),
    );
    return connection;
  };

  beforeEach(() => {
    samples = [];
  });
  afterEach(() => watch?.close());

  test.each([
    ['vm1', 'pg_node1'],
    ['vm2', 'pg_node2'],
  ])('reads the server of %s as it is', async (host, container) => {
    open(host, container);
    await vi.waitFor(() => expect(current(samples.at(-1))).toBeDefined(), soon);
    const view = world.postgres(host, container);
    if (!view.ok) throw new Error(view.error);
    const {port, dataDirectory, replicationSlots, ...reading} = view.value;
    expect(current(samples.at(-1))).toEqual({
      ...reading,
      commitsStalledSeconds: 0,
      flushedAgoSeconds: expect.any(Map),
    });
    expect([port, dataDirectory, replicationSlots.length]).toEqual([5432, '/var/lib/postgres/pgaf', 2]);
  });

  test('says when the server has stopped, and reads again when it is back', async () => {
    open('vm2', 'pg_node2');
    await vi.waitFor(() => expect(current(samples.at(-1))).toBeDefined(), soon);
    world.docker.stop('vm2', 'pg_node2');
    world.advance(2000);
    watch?.refresh();
    await vi.waitFor(() => expect(problemOf(samples.at(-1))?.kind).toBe('postgres-down'), soon);
    world.docker.start('vm2', 'pg_node2');
    world.advance(20_000);
    watch?.refresh();
    await vi.waitFor(() => expect(current(samples.at(-1))).toBeDefined(), soon);
  });

  test('reads how full its disk is', async () => {
    world.faults.fillDisk('vm1', 0.9);
    const disk = await readDisk(containerHost(world, 'vm1'), ['docker'], 'pg_node1');
    expect(disk).toEqual({ok: true, value: diskReading(world, 'vm1', 'pg_node1')});
    expect(disk.ok ? disk.value.filesystems.map(freePart) : []).toEqual([expect.closeTo(0.1)]);
    world.faults.fillDisk('vm1', 1);
    expect(await readDisk(containerHost(world, 'vm1'), ['docker'], 'pg_node1')).toMatchObject({
      value: {filesystems: [{freeBytes: 0}]},
    });
  });

  test('learns who owns PGDATA', async () => {
    const owner = await containerOwner(containerHost(world, 'vm1'), ['docker'], 'pg_node1');
    expect(owner).toEqual({ok: true, value: {user: undefined, pgdata: '/var/lib/postgres/pgaf'}});
  });

  test('every reading of a troubled day is what the server is', () => {
    world.faults.lag('pg_node3', 100, 'replay');
    world.faults.kill('pg_node1');
    for (let step = 0; step < 60; step += 1) {
      world.advance(977);
      if (step === 40) world.faults.start('pg_node1');
      for (const [host, container] of [
        ['vm1', 'pg_node1'],
        ['vm2', 'pg_node2'],
        ['vm3', 'pg_node3'],
      ] as const) {
        const view = world.postgres(host, container);
        if (!view.ok) continue;
        const {port, dataDirectory, replicationSlots, ...reading} = view.value;
        expect(parseAnswer(`${answerMark} 7 ${JSON.stringify(nodeReading(view.value))}`)).toEqual({
          request: 7,
          reading,
        });
        expect([port, dataDirectory, replicationSlots.length]).toEqual([5432, '/var/lib/postgres/pgaf', 2]);
      }
    }
  });
});

describe('psql -c', () => {
  test('prints rows in the format asked for', async () => {
    expect(await run(world, ['psql', '-Atc', 'select pg_is_in_recovery()'])).toEqual({
      status: 0,
      out: 'f\n',
      error: '',
    });
    expect((await run(world, ['psql', '-c', 'show wal_level', 'postgres'])).out).toBe(
      ' wal_level\n-----------\n replica\n(1 row)\n\n'.replace(' wal_level\n', ' wal_level \n'),
    );
    const {out} = await run(world, [
      'psql',
      '-At',
      '-F',
      ',',
      '-c',
      'select application_name, sync_state from pg_stat_replication order by application_name',
    ]);
    expect(out).toBe('pgautofailover_standby_2,quorum\npgautofailover_standby_3,quorum\n');
  });

  test('refuses as PostgreSQL does', async () => {
    const standby = {container: 'pg_node2'};
    expect(await run(world, ['psql', '-c', 'create table t (x int)'], standby)).toEqual({
      status: 1,
      out: '',
      error: 'ERROR:  cannot execute CREATE TABLE in a read-only transaction\n',
    });
    expect(await run(world, ['psql', '-c', 'select pg_current_wal_lsn()'], standby)).toMatchObject({
      status: 1,
      error: 'ERROR:  recovery is in progress\nHINT:  WAL control functions cannot be executed during recovery.\n',
    });
    expect(await run(world, ['psql', '-c', 'create table t (x int)'])).toMatchObject({
      error: 'ERROR:  the embedded cluster does not know this statement\n',
    });
    expect(await run(world, ['psql', '-U', 'root', '-c', 'select 1'])).toMatchObject({
      status: 2,
      error: expect.stringContaining('role "root" does not exist'),
    });
    expect(await run(world, ['psql', '-p', '5433', '-c', 'select 1'])).toMatchObject({
      status: 2,
      error: expect.stringContaining('/var/run/postgresql/.s.PGSQL.5433" failed: No such file or directory'),
    });
  });

  test('a script stops at its first error when it is told to', async () => {
    const input = 'select 1;\nnonsense;\nselect 2;\n';
    expect(await run(world, ['psql', '-At'], {input})).toMatchObject({status: 0, out: '1\n2\n'});
    expect(await run(world, ['psql', '-At', '-v', 'ON_ERROR_STOP=1'], {input})).toMatchObject({status: 3, out: '1\n'});
  });

  test('reaches the monitor, its own and over the network', async () => {
    const count = 'select count(*) from pgautofailover.node';
    const own = await run(world, ['psql', '-d', 'pg_auto_failover', '-Atc', count], {container: 'pg_monitor'});
    expect(own).toEqual({status: 0, out: '3\n', error: ''});
    const address = world.hosts().find(host => host.name === world.monitor.host)?.address ?? '';
    const uri = `postgres://autoctl_node@${address}:${world.monitor.port}/pg_auto_failover`;
    expect((await run(world, ['psql', uri, '-Atc', count])).out).toBe('3\n');
    world.docker.stop(world.monitor.host, world.monitor.container);
    world.advance(2000);
    expect((await run(world, ['psql', uri, '-Atc', count])).error).toContain('Connection refused');
  });

  test('waits where no packet comes back, in the time of the world, and gives up', async () => {
    const address = world.hosts().find(host => host.name === 'vm2')?.address ?? '';
    world.faults.partition('vm2');
    const psql = start(world, ['psql', '-h', address, '-c', 'select 1'], {environment: {PGCONNECT_TIMEOUT: '5'}});
    world.advance(4000);
    await turns();
    expect(psql.status()).toBeUndefined();
    world.advance(2000);
    expect(await psql.ended).toBe(2);
    await turns();
    expect(psql.errors()).toContain('timeout expired');
  });
});

describe('the prompt', () => {
  const screen = (text: string) =>
    text
      .replaceAll(/\x1b\[K|\x1b\[\d+D/g, '')
      .split('\r')
      .at(-1)
      ?.replace('\n', '');

  test('edits, continues a statement, shows the transaction, and ends', async () => {
    const psql = start(world, ['psql', 'postgres'], {terminal: true});
    const shows = (text: string) => vi.waitFor(() => expect(screen(psql.output())).toBe(text), soon);
    await shows('postgres=# ');
    expect(psql.output()).toContain('psql (15.10');
    psql.type('selekt\x7f\x7f\x7fect 1');
    await shows('postgres=# select 1');
    psql.type('\r');
    await shows('postgres-# ');
    psql.type(';\r');
    await shows('postgres=# ');
    expect(psql.output()).toContain('(1 row)\r\n');
    psql.type('begin;\r');
    await shows('postgres=*# ');
    psql.type('nonsense;\r');
    await shows('postgres=!# ');
    psql.type('rollback;\r\x1b[A');
    await shows('postgres=# rollback;');
    psql.type('\x15\\conninfo\r');
    await vi.waitFor(() => expect(psql.output()).toContain('You are connected to database "postgres"'), soon);
    psql.type('selec\x03');
    await vi.waitFor(() => expect(psql.output()).toContain('^C\r\n'), soon);
    psql.type('\\q\r');
    expect(await psql.ended).toBe(0);
  });

  test('hears its own commands in the middle of a statement, but not inside a quoted text', async () => {
    const psql = start(world, ['psql', 'postgres'], {terminal: true});
    const shows = (text: string) => vi.waitFor(() => expect(screen(psql.output())).toBe(text), soon);
    psql.type("select '\r\\q\r");
    await shows("postgres'# ");
    psql.type("'\r");
    await shows('postgres-# ');
    psql.type('\\q\r');
    expect(await psql.ended).toBe(0);
  });

  test('ends with its input and with its container', async () => {
    const psql = start(world, ['psql', 'postgres'], {terminal: true});
    psql.type('\x04');
    expect(await psql.ended).toBe(0);
    const other = start(world, ['psql', 'postgres'], {terminal: true});
    await turns();
    other.abort();
    expect(await other.ended).toBe(137);
  });
});
