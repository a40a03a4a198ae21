import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parse, stringify} from 'yaml';
import {ended, spawnPgaf} from '../commands/run-pgaf.ts';
import {isSettled} from '../lab/cluster.ts';
import {type Lab, raiseLab} from '../lab/lab.ts';
import {lostRows} from '../lab/lost-rows.ts';
import {removeLab} from '../lab/remove.ts';
import {waitUntil} from '../lab/wait.ts';
import {temporaryFolder} from '../robot/console-program.ts';
import {says, settledStates} from './bare-lab.ts';
import {startRegistry} from './image-registry.ts';

// Three bare machines of its own: a cluster is made on them here, changed, and taken away. What interrupts it is in interrupted.lab.test.ts.
const name = `boot-${process.pid}`;
const minutes = 60_000;
let lab: Lab;
/** The lab's configuration, with what an application needs of the cluster. */
let configFile = '';

beforeAll(async () => {
  lab = await raiseLab({name, bare: true, owner: process.pid});
  const {clusters} = parse(readFileSync(lab.configFile, 'utf8'));
  const bootstrap = {
    database: {name: 'shop', user: 'shopper'},
    parameters: {work_mem: '8MB', max_connections: 120},
    // The second one lets the lab's writer in.
    hba: ['hostssl all all 192.168.0.0/16 scram-sha-256', 'hostssl all all 10.77.0.0/16 scram-sha-256'],
  };
  configFile = path.join(lab.directory, 'bootstrap.yaml');
  writeFileSync(configFile, stringify({clusters: clusters.map((each: object) => ({...each, bootstrap}))}));
});
afterAll(() => removeLab(name));

function start(...more: readonly string[]) {
  return spawnPgaf(temporaryFolder(), '--config', configFile, 'bootstrap', ...more);
}

describe('three bare machines', () => {
  test('a plan changes nothing, and says what would be made', async () => {
    const {exitCode, stderr} = await ended(start('--plan'));
    expect(exitCode).toBe(0);
    expect(stderr).toContain('vm1: start pg_node1');
    const containers = await lab.exec('vm1', ['docker', 'ps', '--all', '--quiet']);
    expect([containers.stdout, (await lab.exec('vm1', ['ls', '/opt/pgaf'])).stdout]).toEqual(['', '']);
  });

  test('what cannot be written down is not made', async () => {
    const home = temporaryFolder();
    mkdirSync(path.join(home, '.local/state'), {recursive: true});
    writeFileSync(path.join(home, '.local/state/pgaf'), 'no folder');
    const log = path.join(home, 'pgaf.log');
    const {exitCode, stderr} = await ended(
      spawnPgaf(home, '--config', configFile, '--log-file', log, 'bootstrap', '--yes'),
    );
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('the audit log cannot be written')]);
    expect((await lab.exec('vm1', ['ls', '/opt/pgaf'])).stdout).toBe('');
  });

  test(
    'an image that no host has is pulled where a registry has it, and handed on to the others',
    async () => {
      const {image, stop} = await startRegistry(lab, 'vm1');
      const file = path.join(lab.directory, 'pulled.yaml');
      const {clusters} = parse(readFileSync(configFile, 'utf8'));
      writeFileSync(file, stringify({clusters: clusters.map((each: object) => ({...each, image}))}));
      const run = (...more: readonly string[]) =>
        ended(spawnPgaf(temporaryFolder(), '--config', file, 'bootstrap', '--yes', ...more));
      try {
        const {exitCode, stderr} = await run();
        // There is no program in it.
        expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/pgaf: .*up -d .* on vm3 ended with status/)]);
        expect(stderr.match(/(?<= s {2})vm\d: (pull|take) .*/g)).toEqual([
          `vm1: pull ${image}`,
          `vm3: take ${image} from vm1`,
          `vm2: take ${image} from vm1`,
        ]);
        const ids = lab.hosts().map(({name: host}) => lab.exec(host, ['docker', 'image', 'ls', '--quiet', image]));
        expect(new Set((await Promise.all(ids)).map(({stdout}) => stdout))).toEqual(
          new Set([expect.stringMatching(/^\w+\n$/)]),
        );
      } finally {
        await stop();
        await run('--teardown', name);
        for (const host of lab.hosts()) await lab.exec(host.name, ['docker', 'image', 'rm', image]);
      }
    },
    2 * minutes,
  );

  test(
    'one command makes a healthy cluster, one beside it is refused, and a further one has nothing to do',
    async () => {
      const home = temporaryFolder();
      const first = spawnPgaf(home, '--config', configFile, 'bootstrap', '--yes');
      const making = ended(first);
      await says(first, ' s  vm2: start pg_node2');
      const beside = await ended(start('--yes'));
      expect([beside.exitCode, beside.stderr]).toEqual([
        4,
        expect.stringMatching(
          /another console is acting on this formation: \S+ from \S+, for \d+ s; nothing was changed/,
        ),
      ]);
      const made = await making;
      const audit = readFileSync(path.join(home, `.local/state/pgaf/audit-${name}.jsonl`), 'utf8');
      expect(
        audit
          .trim()
          .split('\n')
          .map(line => JSON.parse(line)),
      ).toMatchObject([
        {event: 'begin', action: 'bootstrap'},
        {event: 'end', action: 'bootstrap', outcome: 'done'},
      ]);
      expect([made.exitCode, made.stderr]).toEqual([0, expect.stringContaining('3 nodes and their monitor serve')]);
      expect(made.stderr).toMatch(
        /connects to postgresql:\/\/shopper@[\d.:,]+\/shop\?target_session_attrs=read-write&sslmode=require/,
      );
      expect(isSettled(await lab.showState())).toBe(true);
      const again = await ended(start('--yes'));
      expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('Nothing to do')]);
      expect(await lab.monitorQuery('select number_sync_standbys from pgautofailover.formation')).toEqual([
        {number_sync_standbys: 1},
      ]);
    },
    8 * minutes,
  );

  test('the application writes with what a host keeps for it, by the parameters and rules of the configuration', async () => {
    const psql = ['exec', '--env-file', '/opt/pgaf/application.env', 'pg_node2', 'psql', '-X', '-A', '-t', '-q'];
    const sql =
      'create table sold (); insert into sold default values; select count(*), current_user, current_database() from sold';
    expect((await lab.exec('vm2', ['docker', ...psql, '-c', sql])).stdout.trim()).toBe('1|shopper|shop');
    const hba = "select count(*) from pg_hba_file_rules where address = '192.168.0.0'";
    for (const host of lab.hosts()) {
      const own = `pg_node${host.name.slice(2)}`;
      const asked = [
        'psql',
        '-X',
        '-A',
        '-t',
        '-d',
        'postgres',
        '-c',
        `select current_setting('max_connections'), current_setting('work_mem'), (${hba})`,
      ];
      expect((await lab.dockerExec(host.name, own, asked)).stdout.trim()).toBe('120|8MB|1');
    }
  });

  test('a parameter that is not described any more is taken back; what somebody else has set stays', async () => {
    const psql = (sql: string) => ['psql', '-X', '-A', '-t', '-d', 'postgres', '-c', sql];
    await lab.dockerExec('vm1', 'pg_node1', psql("alter system set maintenance_work_mem = '99MB'"));
    const {clusters} = parse(readFileSync(configFile, 'utf8'));
    const {
      bootstrap: {
        parameters: {work_mem: taken, ...parameters},
        ...bootstrap
      },
      ...cluster
    } = clusters[0];
    expect(taken).toBe('8MB');
    writeFileSync(configFile, stringify({clusters: [{...cluster, bootstrap: {...bootstrap, parameters}}]}));
    expect((await ended(start('--yes'))).exitCode).toBe(0);
    const set = "select string_agg(name, ' ' order by name) from pg_file_settings where sourcefile like '%auto.conf'";
    for (const host of lab.hosts()) {
      const own = `pg_node${host.name.slice(2)}`;
      const {stdout} = await lab.dockerExec(host.name, own, psql(set));
      expect(stdout).toContain('max_connections');
      expect(stdout).not.toContain(' work_mem');
      expect(stdout.includes('maintenance_work_mem')).toBe(own === 'pg_node1');
    }
    expect((await ended(start('--plan'))).stderr).toContain('is as the configuration describes it');
  });

  test(
    'fewer connections reach the primary first, and nobody is promoted',
    async () => {
      const lowered = readFileSync(configFile, 'utf8').replace('max_connections: 120', 'max_connections: 110');
      writeFileSync(configFile, lowered);
      const plain = await ended(start('--yes'));
      expect([plain.exitCode, plain.stderr]).toEqual([0, expect.stringContaining('so the primary gets it first')]);
      const {exitCode, stderr} = await ended(start('--yes', '--rolling'));
      expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^done after .*pg_node2, pg_node3: made anew$/m)]);
      for (const host of lab.hosts()) {
        const asked = ['psql', '-X', '-A', '-t', '-d', 'postgres', '-c', 'show max_connections'];
        expect((await lab.dockerExec(host.name, `pg_node${host.name.slice(2)}`, asked)).stdout.trim()).toBe('110');
      }
      expect((await lab.showState()).map(({nodename, reported_tli}) => [nodename, reported_tli])).toEqual(
        ['pg_node1', 'pg_node2', 'pg_node3'].map(node => [node, 1]),
      );
      expect((await ended(start('--plan'))).stderr).toContain('is as the configuration describes it');
    },
    4 * minutes,
  );

  test(
    'new passwords are made while rows are written, also by a run that was interrupted, and nothing moves',
    async () => {
      await lab.dockerExec('vm1', 'pg_node1', ['psql', '-d', 'postgres', '-c', "alter role docker password 'load'"]);
      await lab.fault('load', 20);
      await waitUntil('rows are written', minutes, () => (lab.loadProgress()?.acknowledged ?? 0) > 0);
      const files = async () =>
        Promise.all(
          lab.hosts().map(async host => (await lab.exec(host.name, ['cat', '/opt/pgaf/secrets.env'])).stdout),
        );
      const before = await files();
      const events = await newestEvent();
      const first = start('--yes', '--rotate-passwords');
      await says(first, 'done: the new password of autoctl_node');
      first.kill('SIGKILL');
      await ended(first);
      const other = await ended(start('--yes'));
      expect([other.exitCode, other.stderr]).toEqual([
        4,
        expect.stringContaining('--rotate-passwords` goes on with it'),
      ]);
      const second = await ended(start('--yes', '--rotate-passwords'));
      expect([second.exitCode, second.stderr]).toEqual([0, expect.stringContaining('use the new passwords')]);
      const after = await files();
      expect(new Set(after).size).toBe(1);
      expect(after[0]).not.toBe(before[0]);
      expect(after[0]).not.toContain('NEXT');
      expect(await newestEvent()).toBe(events);
      expect(await lostRows(lab, 'vm1', 'pg_node1')).toBe(0);
      for (const password of after[0]?.match(/\w{16,}$/gm) ?? []) {
        const logs = ['sh', '-c', 'for each in $(docker ps -q); do docker logs "$each" 2>&1; done; ps axww -o args'];
        for (const host of lab.hosts()) expect((await lab.exec(host.name, logs)).stdout).not.toContain(password);
        expect(second.stderr).not.toContain(password);
      }
    },
    4 * minutes,
  );

  test(
    'another image reaches every container, one after the other, and no row is lost',
    async () => {
      const image = 'citusdata/pg_auto_failover:15.changed';
      const {clusters} = parse(readFileSync(configFile, 'utf8'));
      for (const host of lab.hosts()) await lab.exec(host.name, ['docker', 'tag', clusters[0].image, image]);
      writeFileSync(configFile, stringify({clusters: clusters.map((each: object) => ({...each, image}))}));
      const {exitCode, stderr} = await ended(start('--yes', '--rolling'));
      expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^done after .*made anew$/m)]);
      for (const host of lab.hosts()) {
        const {stdout} = await lab.exec(host.name, ['docker', 'ps', '--format', '{{.Image}}']);
        expect(new Set(stdout.trim().split('\n'))).toEqual(new Set([image]));
      }
      await settledStates(lab);
      for (const host of lab.hosts()) {
        const own = `pg_node${host.name.slice(2)}`;
        await waitUntil(`all rows on ${own}`, minutes, async () => (await lostRows(lab, host.name, own)) === 0);
      }
      expect((await ended(start('--plan'))).stderr).toContain('is as the configuration describes it');
      await lab.fault('load', 0);
    },
    8 * minutes,
  );

  test(
    'it is taken away by its name, and nothing of it is left',
    async () => {
      expect((await ended(start('--yes', '--teardown', 'another'))).exitCode).toBe(64);
      expect((await ended(start('--yes', '--teardown', name))).exitCode).toBe(0);
      for (const host of lab.hosts()) {
        const look = ['sh', '-c', 'docker ps -aq; docker volume ls -q; ls /opt/pgaf 2>/dev/null'];
        expect((await lab.exec(host.name, look)).stdout).toBe('');
      }
      const again = await ended(start('--yes', '--teardown', name));
      expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('Nothing to do')]);
    },
    2 * minutes,
  );
});

async function newestEvent(): Promise<unknown> {
  const [row] = await lab.monitorQuery('select max(eventid) from pgautofailover.event');
  return row?.max;
}
