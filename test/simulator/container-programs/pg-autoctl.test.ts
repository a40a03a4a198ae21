import {beforeEach, describe, expect, test, vi} from 'vitest';
import {containerRole} from '../../../source/commands/container-role.ts';
import {credentialsOfContainer} from '../../../source/monitor/credentials.ts';
import type {World} from '../../../source/simulator/world.ts';
import {accepted, advanceUntil, isSettled, settledWorld, states} from '../stage.ts';
import {containerHost} from './container-host.ts';
import {type Running, type RunOptions, run, start, turns} from './run-program.ts';

let world: World;

beforeEach(() => {
  world = settledWorld(3);
});

const onMonitor = {container: 'pg_monitor'};
const autoctl = (words: string, options: RunOptions = onMonitor) =>
  run(world, ['pg_autoctl', ...words.split(' ')], options);

/** Lets simulated time pass until the command has ended; returns what it came to. */
async function finish(
  running: Running,
  seconds = 90,
): Promise<{status: number; out: string; error: string; seconds: number}> {
  const begin = world.now();
  running.endInput();
  await turns(2);
  while (running.status() === undefined) {
    if (world.now() - begin > seconds * 1000) throw new Error(`not ended: ${running.output()}${running.errors()}`);
    world.advance(50);
    await turns(1);
  }
  await turns();
  return {
    status: await running.ended,
    out: running.output(),
    error: running.errors(),
    seconds: (world.now() - begin) / 1000,
  };
}

const command = (words: string, options: RunOptions = onMonitor) =>
  start(world, ['pg_autoctl', ...words.split(' ')], options);

describe('perform', () => {
  test('switchover prints the changes as they come, and returns with the new primary', async () => {
    const {status, out, error, seconds} = await finish(command('perform switchover --formation default'));
    expect(status).toBe(0);
    expect(seconds).toBeLessThan(10);
    expect(error).toMatch(/^\d\d:\d\d:\d\d \d+ INFO {2}Waiting 60 secs for a notification with state "primary" in /);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ {4}Time \| +Name \| {2}Node \| +Host:Port \| +Current State \| +Assigned State$/);
    expect(lines[1]).toBe([8, 25, 5, 25, 19, 19].map(width => '-'.repeat(width)).join('-+-'));
    expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d \| +pg_node1 \| {5}1 \| +10\.0\.0\.11:5432 \| +primary \| +draining$/);
    expect(lines.at(-1)).toMatch(/ pg_node[23] .* primary \| +primary$/);
    expect(world.monitor.nodes()[0]?.reportedstate).not.toBe('primary');
  });

  test('is refused in the words of the monitor', async () => {
    world.monitor.call({call: 'start_maintenance', nodeId: 1});
    const {status, error} = await autoctl('perform failover');
    expect(status).toBe(6);
    expect(error.replaceAll(/^\d\d:\d\d:\d\d \d+ /gm, '')).toBe(
      'ERROR Monitor ERROR:  couldn\'t find the primary node in formation "default", group 0\n' +
        'ERROR SQL query: SELECT pgautofailover.perform_failover($1, $2)\n' +
        "ERROR SQL params: 'default', '0'\n" +
        'ERROR Failed to perform failover for formation default and group 0\n' +
        'FATAL Failed to perform failover/switchover, see above for details\n',
    );
  });

  test('gives up waiting after twice its time, while the monitor goes on', async () => {
    world.faults.powerOff('vm2');
    const {status, error, seconds} = await finish(command('perform switchover --wait 20'));
    expect(status).toBe(12);
    expect(seconds).toBeCloseTo(40, 0);
    expect(error).toContain('Failed to wait until a new primary has been notified');
    expect(states(world)).not.toContain('primary/primary');
  });

  test('ends when the monitor does, and by Ctrl-C', async () => {
    world.faults.powerOff('vm2');
    const running = command('perform switchover');
    await turns();
    world.docker.kill(world.monitor.host, world.monitor.container);
    const {status, error} = await finish(running);
    expect(status).toBe(12);
    expect(error).toContain('WARN  Lost connection.');
    const interrupted = start(settledWorld(4), ['pg_autoctl', 'perform', 'switchover'], {...onMonitor, terminal: true});
    await vi.waitFor(() => expect(interrupted.output()).toContain('draining'));
    interrupted.type('\x03');
    expect(await interrupted.ended).toBe(130);
  });

  test('promotion makes the one that was named the primary; a primary already is one', async () => {
    expect((await finish(command('perform promotion --name pg_node3'))).status).toBe(0);
    expect(world.monitor.nodes().find(row => row.nodename === 'pg_node3')?.reportedstate).toBe('primary');
    const again = await autoctl('perform promotion --name pg_node3');
    expect(again).toMatchObject({status: 0, out: ''});
    expect(again.error).toContain('WARN  NOTICE:  cannot perform promotion: node pg_node3');
  });
});

describe('maintenance', () => {
  test('of a standby: in, and out again', async () => {
    const inside = {container: 'pg_node2'};
    const enabled = await finish(command('enable maintenance', inside));
    expect(enabled.status).toBe(0);
    expect(enabled.out).toMatch(/pg_node2 .* maintenance \| +maintenance\n$/);
    expect((await autoctl('enable maintenance', inside)).error).toContain('already in the "maintenance" state');
    const disabled = await finish(command('disable maintenance', inside));
    expect(disabled.status).toBe(0);
    advanceUntil(world, () => isSettled(world), 30);
  });

  test('of the primary needs to be allowed', async () => {
    const refused = await autoctl('enable maintenance', {container: 'pg_node1'});
    expect(refused.status).toBe(1);
    expect(refused.error).toContain('Please use --allow-failover to allow the command proceed');
    expect(isSettled(world)).toBe(true);
    expect((await finish(command('enable maintenance --allow-failover', {container: 'pg_node1'}))).status).toBe(0);
  });
});

describe('settings', () => {
  test('are applied, and printed', async () => {
    const inside = {container: 'pg_node1'};
    const set = await finish(command('set node candidate-priority 65 --name pg_node2', inside));
    expect(set).toMatchObject({status: 0, out: '65\n'});
    expect(set.error).toContain('Waiting for the settings to have been applied to the monitor and primary node');
    expect(set.error).toContain('to primary after it applied replication properties change');
    expect((await autoctl('get node candidate-priority --name pg_node2 --json')).out).toBe(
      '{\n    "name": "pg_node2",\n    "candidate-priority": 65\n}\n',
    );
    const standbys = await finish(command('set formation number-sync-standbys 0', inside));
    expect(standbys).toMatchObject({status: 0, out: '0\n'});
    expect(standbys.error).toContain("primary node has now set synchronous_standby_names = 'ANY 1 (");
    expect((await autoctl('get formation number-sync-standbys')).out).toBe('0\n');
    advanceUntil(world, () => isSettled(world), 30);
    expect((await finish(command('set node replication-quorum false --name pg_node3'))).out).toBe('false\n');
  });

  test('that can not be are refused', async () => {
    expect(await autoctl('set node candidate-priority 101 --name pg_node2')).toMatchObject({status: 1, out: ''});
    const refused = await autoctl('set formation number-sync-standbys 9', {container: 'pg_node1'});
    expect(refused.status).toBe(6);
    expect(refused.error).toContain('Monitor DETAIL:  At least 10 standby nodes are required');
    expect(refused.error).toContain('Failed to set "number-sync-standbys" to "9".');
  });
});

describe('drop node', () => {
  test('by name from the monitor waits until it is gone', async () => {
    const dropped = await finish(command('drop node --name pg_node3'));
    expect(dropped.status).toBe(0);
    expect(dropped.error).toContain(
      'Waiting until the node with id 3 in group 0 has been dropped from the monitor, or for 60s',
    );
    expect(world.monitor.nodes()).toHaveLength(2);
  });

  test('of one that is off stays, until it is forced', async () => {
    world.faults.powerOff('vm2');
    const waited = await finish(command('drop node --name pg_node2 --wait 5'));
    expect(waited.status).toBe(12);
    expect((await autoctl('drop node --name pg_node2 --force')).status).toBe(0);
    expect(world.monitor.nodes()).toHaveLength(2);
  });

  test('of another node is for the monitor only', async () => {
    const refused = await autoctl('drop node --name pg_node3', {container: 'pg_node1'});
    expect(refused.status).toBe(1);
    expect(refused.error).toContain('please use this command from the monitor itself');
    expect(world.monitor.nodes()).toHaveLength(3);
  });
});

describe('show', () => {
  test('state as a table and as JSON', async () => {
    const {out} = await autoctl('show state');
    const lines = out.split('\n');
    expect(lines[0]).toBe(
      '    Name |  Node |      Host:Port |        TLI: LSN |   Connection |      Reported State |      Assigned State',
    );
    expect(lines[2]).toMatch(
      /^pg_node1 \| {5}1 \| 10\.0\.0\.11:5432 \| {3}3: 3\/[0-9A-F]+ \| {3}read-write \| +primary \| +primary$/,
    );
    const rows: unknown = JSON.parse((await autoctl('show state --json', {container: 'pg_node2'})).out);
    expect(rows).toMatchObject([{nodename: 'pg_node1', health: 1, current_group_state: 'primary'}, {}, {}]);
    world.faults.powerOff('vm2');
    world.advance(30_000);
    expect((await autoctl('show state')).out).toMatch(/pg_node2 .* read-only ! \|/);
  });

  test('what a node knows itself, without the monitor', async () => {
    world.docker.stop(world.monitor.host, world.monitor.container);
    world.advance(2000);
    const local: unknown = JSON.parse((await autoctl('show state --local --json', {container: 'pg_node2'})).out);
    expect(local).toMatchObject({nodename: 'pg_node2', current_group_state: 'secondary', conntype: 'read-only'});
    const failed = await finish(command('show state', {container: 'pg_node2'}));
    expect(failed).toMatchObject({status: 6, out: ''});
    expect(failed.error).toContain('port 6000 failed: Connection refused');
  });

  test('events, settings, standby names', async () => {
    accepted(world, {call: 'start_maintenance', nodeId: 2});
    const events: unknown = JSON.parse((await autoctl('show events --count 2 --json')).out);
    expect(events).toMatchObject([
      {},
      {description: expect.any(String), eventtime: expect.stringMatching(/^2026-01-15T/)},
    ]);
    expect((await autoctl('show events --count 3')).out.trim().split('\n')).toHaveLength(5);
    expect((await autoctl('show events --json --group 0')).status).toBe(6);
    expect((await autoctl('show settings')).out).toContain(
      "'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)'",
    );
    expect((await autoctl('show standby-names')).out).toBe(
      "'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)'\n",
    );
  });

  test('to the console what container it is, and where the monitor is', async () => {
    const host = containerHost(world, 'vm3');
    expect(await containerRole(host, ['docker'], 'pg_monitor')).toEqual({role: 'monitor', port: 6000});
    expect(await containerRole(host, ['docker'], 'pg_node3')).toEqual({role: 'node', port: 5432});
    expect(await credentialsOfContainer(host, ['docker'], 'pg_monitor')).toMatchObject({
      ok: true,
      value: {host: '10.0.0.13', port: 6000, user: 'autoctl_node', database: 'pg_auto_failover'},
    });
  });
});

describe('status', () => {
  test('of the services here', async () => {
    const inside = {container: 'pg_node1'};
    expect((await autoctl('status', inside)).status).toBe(0);
    expect(JSON.parse((await autoctl('status --json', inside)).out)).toMatchObject({
      postgres: {in_recovery: false, postmaster: {status: 'ready'}},
      pg_autoctl: {services: [{name: 'postgres'}, {name: 'node-active'}]},
    });
    world.faults.killKeeper('pg_node1');
    world.advance(1000);
    expect(await autoctl('status', inside)).toMatchObject({
      status: 3,
      error: expect.stringContaining('Postgres is running at "/var/lib/postgres/pgaf" with pid'),
    });
  });
});

test('what it does not know it says, and changes nothing', async () => {
  for (const words of [
    'stop',
    'do fsm assign',
    'nonsense',
    'set node metadata',
    'drop monitor',
    'constructor',
    'show toString',
  ]) {
    const {status, error} = await autoctl(words);
    expect(status).toBe(1);
    expect(error).not.toBe('');
  }
  expect((await autoctl('--version')).out).toMatch(/^pg_autoctl version 2\.0\n/);
  expect((await autoctl('show state --nope')).error).toMatch(/^state: unrecognized option '--nope'\n/);
  expect(isSettled(world)).toBe(true);
});
