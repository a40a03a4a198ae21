import {readFileSync} from 'node:fs';
import {inspect} from 'node:util';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {current, problemOf} from '../../source/cluster/sample.ts';
import type {MonitorOptions} from '../../source/monitor/connect.ts';
import {type MonitorUpdate, type MonitorWatch, watchMonitor} from '../../source/monitor/monitor.ts';
import {type FakeDocker, fakeDocker} from '../docker/fake-docker.ts';
import {type LocalHost, openLocalHost} from '../docker/local-host.ts';
import {type FakeMonitor, SqlError, startFakeMonitor} from './fake-monitor.ts';

const soon = {timeout: 15_000, interval: 5};
const recorded: object = JSON.parse(
  readFileSync(new URL('../fixtures/monitor/reading-2.0.json', import.meta.url), 'utf8'),
);

/** pg_autoctl in the monitor's container prints a file; `inspect` says whether the container runs. */
const script = `
case "$1 $*" in
  inspect*) cat "$folder/running" ;;
  *"sh -c"*) echo '0 0 /var/lib/postgres/pgaf' ;;
  *"pg_autoctl show uri"*) cat "$folder/uri" ;;
  *"s/^[^#]*:autoctl_node://p;T;q"*) cat "$folder/password" 2>/dev/null || exit 1 ;;
  *" cat "*) echo "no such file" >&2; exit 1 ;;
esac`;

let server: FakeMonitor;
let host: LocalHost;
let fake: FakeDocker;
let updates: MonitorUpdate[] = [];
let watch: MonitorWatch | undefined;

const last = () => updates.at(-1);
const problem = () => problemOf(last()?.reading);
const events = () => updates.flatMap(update => update.newEvents.map(event => event.id));
const messages = () => updates.flatMap(update => update.newMessages.map(message => message.text));

function start(more: Partial<MonitorOptions> = {}): void {
  watch = watchMonitor(
    {
      host,
      docker: fake.docker,
      address: '127.0.0.1',
      container: 'pg_monitor',
      port: server.port,
      formation: 'default',
      clock: {now: Date.now, random: () => 0},
      ...more,
    },
    update => updates.push(update),
  );
}

function uri(text: string): void {
  fake.write('uri', JSON.stringify([{type: 'monitor', name: 'monitor', uri: text}]));
}

beforeEach(async () => {
  server = await startFakeMonitor();
  server.reading = {...recorded, events: []};
  host = openLocalHost('vm3');
  fake = fakeDocker(script);
  fake.write('running', 'true\n');
  uri(`postgres://autoctl_node@127.0.0.1:${server.port}/pg_auto_failover?sslmode=prefer`);
  updates = [];
});

afterEach(async () => {
  await watch?.close();
  await host.close();
  await server.close();
  fake.remove();
});

describe('the reading', () => {
  test('comes from a connection of its own that can change nothing and waits for nothing long', async () => {
    start();
    await vi.waitFor(() => expect(current(last()?.reading)?.nodes).toHaveLength(3), soon);
    expect(last()?.reading).toMatchObject({source: `monitor vm3:${server.port}`});
    const [startup] = server.startups;
    expect(Object.fromEntries(startup ?? [])).toMatchObject({
      user: 'autoctl_node',
      database: 'pg_auto_failover',
      application_name: 'pgaf',
      statement_timeout: '2000',
      lock_timeout: '2000',
      options: '-c default_transaction_read_only=on',
    });
    expect(server.statements).toEqual(['listen state; listen log']);
  });

  test('follows each notification, keeps what the monitor said, and answers a burst with one read more', async () => {
    start();
    await vi.waitFor(() => expect(server.readings).toBe(1), soon);
    server.hold = true;
    server.notify('state', '{"type": "state"}');
    await vi.waitFor(() => expect(updates).toHaveLength(1), soon);
    for (let index = 0; index < 50; index += 1) server.notify('log', `reason ${index}`);
    server.notice('will block writes');
    server.release();
    await vi.waitFor(() => expect(messages()).toHaveLength(51), soon);
    expect(messages()).toContain('reason 49');
    expect(messages()).toContain('WARNING: will block writes');
    expect(server.readings).toBeLessThanOrEqual(4);
  });

  test('brings each event once, page by page', async () => {
    const all = Array.from({length: 1203}, (_, index) => ({eventid: index + 1, at: index}));
    let first = true;
    server.reading = ([, after]: (string | null)[]) => {
      // The last 200 at first, as the real query does; then all the rest at once.
      const from = Math.max(0, Number(after));
      const table = first ? all.slice(0, 3) : all;
      first = false;
      return {...recorded, events: table.filter(event => event.eventid > from).slice(0, 500), last_event: table.length};
    };
    start();
    await vi.waitFor(() => expect(events()).toHaveLength(1203), soon);
    expect(events()).toEqual(all.map(event => event.eventid));
  });

  test('of a monitor that was replaced begins anew', async () => {
    server.reading = {...recorded, events: [{eventid: 900, at: 0}], last_event: 900};
    start();
    await vi.waitFor(() => expect(events()).toEqual([900]), soon);
    server.reading = {...recorded, events: [{eventid: 2, at: 0}], last_event: 2};
    watch?.refresh();
    await vi.waitFor(() => expect(events()).toEqual([900, 2]), soon);
  });
});

describe('the connection', () => {
  test('is made again when it was lost, and what was known stays, marked as old', async () => {
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    server.drop();
    await vi.waitFor(() => expect(problem()?.kind).toBe('closed'), soon);
    expect(last()?.reading).toMatchObject({last: {value: {version: '2.0'}}});
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    expect(server.startups).toHaveLength(2);
  });

  test('that goes silent is given up, and made again', {timeout: 30_000}, async () => {
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    server.hold = true;
    await vi.waitFor(
      () => expect(problem()).toMatchObject({kind: 'timeout', message: expect.stringContaining('does not answer')}),
      soon,
    );
    server.hold = false;
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
  });

  test('takes the password that pg_autoctl knows, and no message repeats it', async () => {
    server.welcome = 'password';
    uri(`postgres://autoctl_node:open%20sesame@127.0.0.1:${server.port}/pg_auto_failover?sslmode=prefer`);
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    // Once it is known, it is used at once.
    const before = server.startups.length;
    server.drop();
    await vi.waitFor(() => expect(server.startups).toHaveLength(before + 1), soon);
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    expect(inspect(updates, {depth: 20})).not.toContain('sesame');
  });

  test('takes the password that a bootstrap gave the container', async () => {
    server.welcome = 'password';
    fake.write('password', 'open sesame\n');
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    expect(inspect(updates, {depth: 20})).not.toContain('sesame');
  });

  test('takes the password of the configuration, without asking the container', async () => {
    server.welcome = 'password';
    start({user: 'someone', password: async () => ({ok: true, value: 'open sesame'})});
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    expect(server.startups[0]?.get('user')).toBe('someone');
    expect(host.ran).toEqual([]);
  });
});

describe('says what is wrong', () => {
  test('nothing listens, because the container is stopped', async () => {
    const {port} = server;
    await server.close();
    fake.write('running', 'false\n');
    start({port});
    await vi.waitFor(() => expect(problem()?.kind).toBe('monitor-refused'), soon);
    expect(problem()?.message).toBe(`nothing listens on vm3:${port}: pg_monitor is not running`);
    expect(problem()?.remedy).toContain('start pg_monitor');
    server = await startFakeMonitor();
  });

  test('a password is wanted and none is known; or it is wrong', async () => {
    server.welcome = 'password';
    start();
    await vi.waitFor(
      () => expect(problem()?.message).toContain('asks for the password of autoctl_node, and none is known'),
      soon,
    );
    expect(problem()?.remedy).toContain('monitor.password');
    await watch?.close();
    start({password: async () => ({ok: true, value: 'wrong'})});
    await vi.waitFor(() => expect(problem()?.message).toContain('refused the password of autoctl_node'), soon);
    expect(inspect(updates, {depth: 20})).not.toMatch(/'wrong'/);
  });

  test('pg_hba.conf lets us not in', async () => {
    server.welcome = {code: '28000', message: 'no pg_hba.conf entry for host "10.0.0.1", user "autoctl_node"'};
    start();
    await vi.waitFor(() => expect(problem()?.kind).toBe('monitor-authentication'), soon);
    expect(problem()).toMatchObject({
      message: expect.stringContaining('does not let autoctl_node in'),
      detail: expect.stringContaining('pg_hba.conf'),
    });
  });

  test('it is starting up, and soon is there', async () => {
    server.welcome = {code: '57P03', message: 'the database system is starting up'};
    start();
    await vi.waitFor(
      () => expect(problem()).toMatchObject({kind: 'postgres-down', message: expect.stringContaining('starting up')}),
      soon,
    );
    // One server answered: no other way is tried, and the container is not asked.
    expect(host.ran).toEqual([]);
    server.welcome = 'trust';
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
  });

  test('it is some other database', async () => {
    server.welcome = {code: '3D000', message: 'database "pg_auto_failover" does not exist'};
    start();
    await vi.waitFor(() => expect(problem()?.message).toContain('there is no database pg_auto_failover'), soon);
    server.welcome = 'trust';
    server.reading = new SqlError('42P01', 'relation "pgautofailover.formation" does not exist');
    await vi.waitFor(() => expect(problem()?.message).toContain('has no extension pgautofailover'), soon);
  });

  test('the formation is not there, and goes on looking on the same connection', async () => {
    server.reading = {...recorded, formation: null, formations: ['orders'], events: []};
    start();
    await vi.waitFor(() => expect(problem()?.remedy).toBe('set formation to one of: orders'), soon);
    server.reading = {...recorded, events: []};
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    expect(server.startups).toHaveLength(1);
  });

  test('the host is gone: in the words of its connection', async () => {
    start();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
    host.cut({kind: 'timeout', message: 'vm3 has not answered for 6 s'});
    await vi.waitFor(() => expect(problem()).toBeDefined(), soon);
    expect(problem()?.message).toBe('vm3 has not answered for 6 s');
    host.mend();
    await vi.waitFor(() => expect(current(last()?.reading)).toBeDefined(), soon);
  });

  test('nothing any more after it was closed', async () => {
    start();
    await vi.waitFor(() => expect(updates.length).toBeGreaterThan(0), soon);
    await watch?.close();
    const before = updates.length;
    server.notify('state', '{}');
    server.drop();
    await new Promise(setImmediate);
    expect(updates).toHaveLength(before);
  });
});
