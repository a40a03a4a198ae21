import {afterEach, describe, expect, test, vi} from 'vitest';
import {formatLsn} from '../../source/cluster/lsn.ts';
import {current, problemOf} from '../../source/cluster/sample.ts';
import {connectMonitor, type MonitorOptions} from '../../source/monitor/connect.ts';
import {credentialsOfContainer} from '../../source/monitor/credentials.ts';
import {type MonitorUpdate, watchMonitor} from '../../source/monitor/monitor.ts';
import type {HostConnection} from '../../source/ssh/host-connection.ts';
import {openLabHost} from '../docker/lab-host.ts';
import {isSettled} from '../lab/cluster.ts';
import {sharedLab} from '../lab/shared-lab.ts';

const lab = await sharedLab();
const soon = {timeout: 60_000, interval: 20};
const closers: (() => Promise<void>)[] = [];
let vm3: HostConnection;

function options(more: Partial<MonitorOptions> = {}): MonitorOptions {
  vm3 = openLabHost(lab, 'vm3');
  closers.unshift(() => vm3.close());
  const address = lab.hosts().find(host => host.name === 'vm3')?.address ?? '';
  return {
    host: vm3,
    docker: ['docker'],
    address,
    container: 'pg_monitor',
    port: 6000,
    formation: 'default',
    clock: {now: Date.now, random: Math.random},
    ...more,
  };
}

function watch(more: Partial<MonitorOptions> = {}): MonitorUpdate[] {
  const updates: MonitorUpdate[] = [];
  const running = watchMonitor(options(more), update => updates.push(update));
  closers.unshift(() => running.close());
  return updates;
}

const reading = (updates: MonitorUpdate[]) => current(updates.at(-1)?.reading);

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await lab.restore();
});

/** Runs psql on the monitor as its superuser. */
async function superuser(sql: string): Promise<void> {
  const result = await lab.dockerExec('vm3', 'pg_monitor', [
    'psql',
    '-X',
    '-q',
    '-v',
    'ON_ERROR_STOP=1',
    '-p',
    '6000',
    '-d',
    'pg_auto_failover',
    '-c',
    sql,
  ]);
  if (result.exitCode !== 0) throw new Error(result.stderr);
}

describe('the monitor of a real cluster', () => {
  test('says the same as pg_autoctl show state', async () => {
    const updates = watch();
    await vi.waitFor(() => expect(reading(updates)).toBeDefined(), soon);
    const state = await lab.showState();
    await vi.waitFor(() => {
      const nodes = reading(updates)?.nodes.map(node => ({
        id: node.id,
        name: node.name,
        host: node.host,
        port: node.port,
        reported: node.reportedState,
        assigned: node.assignedState,
        priority: node.candidatePriority,
        quorum: node.replicationQuorum,
        timeline: node.timeline,
        lsn: node.lsn === undefined ? '0/0' : formatLsn(node.lsn).split('/')[0],
      }));
      expect(nodes).toEqual(
        state.map(node => ({
          id: node.node_id,
          name: node.nodename,
          host: node.nodehost,
          port: node.nodeport,
          reported: node.current_group_state,
          assigned: node.assigned_group_state,
          priority: node.candidate_priority,
          quorum: node.replication_quorum,
          timeline: node.reported_tli,
          lsn: node.reported_lsn.split('/')[0],
        })),
      );
    }, soon);
    expect(reading(updates)?.synchronousStandbyNames).toMatch(
      /^ANY 1 \(pgautofailover_standby_\d, pgautofailover_standby_\d\)$/,
    );
    expect(reading(updates)?.nodes.every(node => node.reportAgeSeconds < 10)).toBe(true);
  });

  test('is read over TLS, through SSH, by a session that can change nothing', async () => {
    const updates = watch();
    await vi.waitFor(() => expect(reading(updates)).toBeDefined(), soon);
    const [session] = await lab.monitorQuery(
      "select ssl, usename, client_addr from pg_stat_activity join pg_stat_ssl using (pid) where application_name = 'pgaf'",
    );
    expect(session).toMatchObject({ssl: true, usename: 'autoctl_node'});

    const connected = await connectMonitor({...options(), host: vm3}, {readOnly: true, statementTimeoutMs: 5000});
    if (!connected.ok) throw new Error(connected.problem.message);
    const change = connected.value.client.query(
      "select pgautofailover.set_node_candidate_priority('default', 'pg_node1', 50)",
    );
    await expect(change).rejects.toThrow('read-only transaction');
    await connected.value.close();
  });

  test('tells where it is by pg_autoctl in its container', async () => {
    const {host, docker, container, address} = options();
    expect(await credentialsOfContainer(host, docker, container)).toMatchObject({
      ok: true,
      value: {
        host: address,
        port: 6000,
        user: 'autoctl_node',
        database: 'pg_auto_failover',
        sslMode: 'require',
        password: undefined,
      },
    });
    expect(await credentialsOfContainer(host, docker, 'pg_nothing')).toMatchObject({
      ok: false,
      problem: {kind: 'container-missing'},
    });
  });

  test('announces each event and its words, each once, in order', async () => {
    const updates = watch();
    await vi.waitFor(() => expect(reading(updates)).toBeDefined(), soon);
    const before = updates.flatMap(update => update.newEvents).length;
    await lab.monitorQuery("select pgautofailover.set_node_candidate_priority('default', 'pg_node2', 60)");
    await vi.waitFor(
      () => expect(reading(updates)?.nodes.some(node => node.candidatePriority === 60)).toBe(true),
      soon,
    );
    // While the primary applies one setting the monitor refuses the next.
    await lab.waitFor(isSettled, 60_000);
    await lab.monitorQuery("select pgautofailover.set_node_candidate_priority('default', 'pg_node2', 50)");
    await lab.waitFor(isSettled, 60_000);
    const known = await lab.monitorQuery('select eventid from pgautofailover.event order by eventid desc limit 1');
    await vi.waitFor(() => {
      const ids = updates.flatMap(update => update.newEvents.map(event => event.id));
      expect(ids.length).toBeGreaterThan(before);
      expect(ids.at(-1)).toBeGreaterThanOrEqual(Number(known[0]?.eventid));
      expect(ids).toEqual([...new Set(ids)].sort((left, right) => left - right));
    }, soon);
    expect(updates.flatMap(update => update.newMessages.map(message => message.text)).join('\n')).toMatch(/pg_node2/);
  });

  test('that is stopped is said to be, by name, and read again when it is back', async () => {
    const updates = watch();
    await vi.waitFor(() => expect(reading(updates)).toBeDefined(), soon);
    await lab.fault('stop', 'pg_monitor');
    await vi.waitFor(
      () =>
        expect(problemOf(updates.at(-1)?.reading)?.message).toBe(
          'nothing listens on vm3:6000: pg_monitor is not running',
        ),
      soon,
    );
    expect(problemOf(updates.at(-1)?.reading)?.remedy).toContain('docker start pg_monitor');
    expect(updates.at(-1)?.reading).toMatchObject({last: {value: {version: '2.0'}}});
    await lab.fault('start', 'pg_monitor');
    await vi.waitFor(() => expect(reading(updates)).toBeDefined(), soon);
  });

  test('is found by what its container says when the port of the configuration is that of a data node', async () => {
    const updates = watch({port: 5432});
    await vi.waitFor(() => expect(reading(updates)?.nodes).toHaveLength(3), soon);
    expect(updates.at(-1)?.reading.source).toBe('monitor vm3:6000');
  });

  test('that is nowhere is said to be', async () => {
    const updates = watch({port: 6001, container: 'pg_nothing'});
    await vi.waitFor(() => expect(problemOf(updates.at(-1)?.reading)?.kind).toBe('monitor-refused'), soon);
    expect(problemOf(updates.at(-1)?.reading)?.message).toBe(
      'nothing listens on vm3:6001: there is no container pg_nothing on vm3',
    );
  });

  test('lets a role in by SCRAM, with the right password only', async () => {
    const hba = '/var/lib/postgres/pgaf/pg_hba.conf';
    const inContainer = (script: string) => lab.dockerExec('vm3', 'pg_monitor', ['sh', '-c', script]);
    await superuser("set password_encryption = 'scram-sha-256'; create role console login password 'open sesame'");
    await superuser(
      'grant usage on schema pgautofailover to console; grant select on all tables in schema pgautofailover to console',
    );
    await inContainer(
      `cp ${hba} /tmp/hba && { echo 'hostssl pg_auto_failover console all scram-sha-256'; cat /tmp/hba; } > ${hba}`,
    );
    await superuser('select pg_reload_conf()');
    try {
      const right = watch({user: 'console', password: async () => ({ok: true, value: 'open sesame'})});
      await vi.waitFor(() => expect(reading(right)?.nodes).toHaveLength(3), soon);
      const wrong = watch({user: 'console', password: async () => ({ok: true, value: 'close sesame'})});
      await vi.waitFor(
        () => expect(problemOf(wrong.at(-1)?.reading)?.message).toContain('refused the password of console'),
        soon,
      );
      const none = watch({user: 'console'});
      await vi.waitFor(() => expect(problemOf(none.at(-1)?.reading)?.message).toContain('none is known'), soon);
    } finally {
      for (const close of closers.splice(0)) await close();
      await inContainer(`cp /tmp/hba ${hba}`);
      await superuser('select pg_reload_conf()');
      await superuser('drop owned by console; drop role console');
    }
  });
});
