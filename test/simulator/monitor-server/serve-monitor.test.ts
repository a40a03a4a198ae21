import type {Client} from 'pg';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {current, problemOf} from '../../../source/cluster/sample.ts';
import {connectMonitor} from '../../../source/monitor/connect.ts';
import {type MonitorUpdate, type MonitorWatch, watchMonitor} from '../../../source/monitor/monitor.ts';
import {parseReading} from '../../../source/monitor/reading.ts';
import {monitorReading} from '../../../source/simulator/monitor-server/monitor-reading.ts';
import {readingOf} from '../../../source/simulator/observer.ts';
import type {World} from '../../../source/simulator/world.ts';
import {advanceUntil, isSettled, settledWorld, states} from '../stage.ts';
import {connectedClient, monitorOptions} from './monitor-place.ts';

const soon = {timeout: 10_000, interval: 5};

let world: World;
let clients: Client[] = [];
let watch: MonitorWatch | undefined;
let updates: MonitorUpdate[] = [];

const connect = async (more = {}) => {
  const client = await connectedClient(world, more);
  clients.push(client);
  return client;
};
const last = () => updates.at(-1);
const values = async (client: Client, text: string, parameters: unknown[] = []) =>
  (await client.query({text, values: parameters, rowMode: 'array'})).rows;

beforeEach(() => {
  world = settledWorld(7);
  clients = [];
  updates = [];
  watch = undefined;
});

afterEach(async () => {
  await watch?.close();
  for (const client of clients) await client.end();
});

describe('the console on it', () => {
  const start = () => {
    watch = watchMonitor(monitorOptions(world), update => updates.push(update));
  };

  test('reads what the world is', async () => {
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    expect(current(last()?.reading)).toEqual(current(readingOf(world).monitor));
    expect(updates.flatMap(update => update.newEvents)).toEqual(readingOf(world).events.slice(-200));
    expect(last()?.reading.source).toBe(`monitor ${world.monitor.host}:${world.monitor.port}`);
  });

  test('follows a switchover event by event and hears what the monitor says', async () => {
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    const before = world.monitor.lastEventId();
    const action = await connectMonitor(monitorOptions(world), {readOnly: false, statementTimeoutMs: 5000});
    if (!action.ok) throw new Error(action.problem.message);
    await action.value.client.query("select pgautofailover.perform_failover('default', 0)");
    await action.value.close();
    advanceUntil(world, () => isSettled(world), 60);
    await vi.waitFor(() => {
      const seen = updates.flatMap(update => update.newEvents.map(event => event.id));
      expect(seen.filter(id => id > before)).toEqual(world.monitor.events(before).map(row => row.eventid));
    }, soon);
    const said = updates.flatMap(update => update.newMessages.map(message => message.text));
    expect(said.some(text => /draining after a user-initiated failover/.test(text))).toBe(true);
    expect(current(last()?.reading)?.nodes.map(node => node.timeline)).toEqual([4, 4, 4]);
  });

  test('says why the monitor is gone, and comes back to it', async () => {
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    world.docker.stop(world.monitor.host, world.monitor.container);
    world.advance(2000);
    await vi.waitFor(() => expect(problemOf(last()?.reading)?.kind).toMatch(/closed|monitor-refused/), soon);
    world.docker.start(world.monitor.host, world.monitor.container);
    world.advance(5000);
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
  });

  test('every reading of a troubled day is what the world is', () => {
    for (const fault of ['pg_node1', 'pg_node2'] as const) {
      world.faults.kill(fault);
      for (let step = 0; step < 40; step += 1) {
        world.advance(977);
        const raw: unknown = JSON.parse(JSON.stringify(monitorReading(world, 'default', -1)));
        const parsed = parseReading(raw, 'default');
        expect(parsed.ok ? parsed.value.reading : parsed.problem).toEqual(current(readingOf(world).monitor));
      }
      world.faults.start(fault);
    }
  });
});

describe('functions', () => {
  test('refuse with their own words and codes', async () => {
    const client = await connect();
    await expect(client.query('select pgautofailover.start_maintenance(1)')).resolves.toBeDefined();
    await expect(
      client.query("select pgautofailover.set_node_candidate_priority('default', 'pg_node2', 101)"),
    ).rejects.toMatchObject({code: '22023', message: expect.stringContaining('invalid value for candidate_priority')});
    await expect(client.query("select pgautofailover.perform_promotion('default', 'nobody')")).rejects.toMatchObject({
      message: 'node "nobody" is not registered in formation "default"',
    });
  });

  test('take parameters and names, and give their warnings as notices', async () => {
    const client = await connect();
    const notices: string[] = [];
    client.on('notice', notice => notices.push(`${notice.severity ?? ''}: ${notice.message ?? ''}`));
    expect(await values(client, 'select pgautofailover.start_maintenance($1)', [2])).toEqual([[true]]);
    advanceUntil(world, () => states(world).includes('maintenance/maintenance'), 20);
    expect(await values(client, 'select pgautofailover.start_maintenance(node_id => 3)')).toEqual([[true]]);
    expect(notices).toEqual([expect.stringMatching(/^WARNING: Starting maintenance on node 3 .*will block writes/)]);
  });

  test('rehearsed in a transaction that is rolled back change nothing; a commit does it', async () => {
    const client = await connect();
    const before = states(world);
    await client.query('begin; select pgautofailover.start_maintenance(2); rollback');
    expect(states(world)).toBe(before);
    await client.query('begin');
    await client.query('select pgautofailover.start_maintenance(2)');
    expect(states(world)).toBe(before);
    await client.query('commit');
    expect(states(world)).toContain('secondary/maintenance');
  });

  test('change nothing on a connection that may only read', async () => {
    const client = await connect({options: '-c default_transaction_read_only=on'});
    const before = states(world);
    await expect(client.query('select pgautofailover.perform_failover()')).rejects.toMatchObject({
      code: '25006',
      message: 'cannot execute UPDATE in a read-only transaction',
    });
    expect(states(world)).toBe(before);
  });

  test('after an error a transaction is over until its end', async () => {
    const client = await connect();
    await client.query('begin');
    await expect(client.query('select pgautofailover.remove_node(99)')).rejects.toMatchObject({code: '42704'});
    await expect(client.query('select 1')).rejects.toMatchObject({code: '25P02'});
    await client.query('rollback');
    expect(await values(client, 'select 1')).toEqual([[1]]);
  });
});

describe('the rest of SQL', () => {
  test('tables, with conditions, order and limit', async () => {
    const client = await connect();
    expect(
      await values(
        client,
        'select nodename, health from pgautofailover.node where nodeid > 1 order by nodeid desc limit 1',
      ),
    ).toEqual([['pg_node3', 1]]);
    expect(await values(client, 'select count(*) from pgautofailover.event where groupid = 0')).toHaveLength(1);
    expect(await values(client, "select extversion from pg_extension where extname = 'pgautofailover'")).toEqual([
      [world.monitor.version],
    ]);
    const {rows} = await client.query('select * from pgautofailover.current_state()');
    expect(rows[0]).toMatchObject({nodename: 'pg_node1', current_group_state: 'primary', candidate_priority: 50});
  });

  test('a lock is had by one session at a time, and given back with it', async () => {
    const one = await connect();
    const other = await connect();
    const lock = "select pg_try_advisory_lock(7, hashtext('default'))";
    expect(await values(one, lock)).toEqual([[true]]);
    expect(await values(other, lock)).toEqual([[false]]);
    await one.end();
    clients = clients.filter(client => client !== one);
    expect(await values(other, lock)).toEqual([[true]]);
  });

  test('what it does not know is an error, and the connection goes on', async () => {
    const client = await connect();
    for (const text of [
      'vacuum',
      'select 1 union select 2',
      'copy x from stdin',
      'create table x (y int)',
      'constructor',
    ]) {
      await expect(client.query(text)).rejects.toMatchObject({
        code: '0A000',
        message: 'the embedded cluster does not know this statement',
      });
    }
    await expect(client.query('select * from nothing')).rejects.toMatchObject({code: '42P01'});
    for (const name of ['nothing', 'pgautofailover.constructor', 'constructor', 'pgautofailover.__proto__'])
      await expect(client.query(`select ${name}()`)).rejects.toMatchObject({code: '42883'});
    for (const name of ['constructor', 'pgautofailover.constructor'])
      await expect(client.query(`show ${name}`)).rejects.toMatchObject({code: '42704'});
    expect(await values(client, 'show pgautofailover.primary_demote_timeout')).toEqual([['30s']]);
  });

  test('notifications of a transaction come at its end', async () => {
    const client = await connect();
    const heard: string[] = [];
    client.on('notification', message => heard.push(message.channel));
    await client.query('listen state; begin');
    world.monitor.call({call: 'start_maintenance', nodeId: 2});
    await client.query('select 1');
    expect(heard).toEqual([]);
    await client.query('commit');
    expect(heard).toContain('state');
    expect(heard).not.toContain('log');
  });
});

describe('who is let in', () => {
  test('only the role of the monitor, and only to its database', async () => {
    await expect(connectedClient(world, {user: 'somebody'})).rejects.toMatchObject({code: '28000'});
    await expect(connectedClient(world, {database: 'postgres'})).rejects.toMatchObject({code: '28000'});
  });

  test('a connection ends when the container dies, and says so when it was stopped', async () => {
    const client = await connect();
    const told = new Promise(resolve => client.on('error', error => resolve(error)));
    world.docker.stop(world.monitor.host, world.monitor.container);
    world.advance(1000);
    await expect(told).resolves.toMatchObject({code: '57P01'});
  });

  test('a host without power says nothing; with power again the connection is gone', async () => {
    const client = await connect();
    world.faults.powerOff(world.monitor.host);
    world.advance(1000);
    let ended = '';
    const answer = client.query('select 1').then(
      () => {
        ended = 'answered';
      },
      () => {
        ended = 'lost';
      },
    );
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(ended).toBe('');
    world.faults.powerOn(world.monitor.host);
    world.advance(120_000);
    await answer;
    expect(ended).toBe('lost');
  });

  test('what speaks another protocol is sent away', async () => {
    const {streamToMonitor} = await import('./monitor-place.ts');
    const stream = streamToMonitor(world);
    const ended = new Promise(resolve => stream.on('end', resolve));
    stream.resume();
    stream.write('GET / HTTP/1.1\r\n\r\n');
    await ended;
  });
});
