import {appendFileSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parse, stringify} from 'yaml';
import {z} from 'zod';
import {type Ended, ended, spawnPgaf} from '../commands/run-pgaf.ts';
import type {NodeState} from '../lab/cluster.ts';
import {type Lab, raiseLab} from '../lab/lab.ts';
import {lostRows} from '../lab/lost-rows.ts';
import {removeLab} from '../lab/remove.ts';
import {waitUntil} from '../lab/wait.ts';
import {temporaryFolder} from '../robot/console-program.ts';
import {killed, says} from './bare-lab.ts';

// Four bare machines of its own, of which the configuration names three at first.
const name = `change-${process.pid}`;
const minutes = 60_000;
let lab: Lab;
/** The first three machines, without TLS and with it. */
let plain: string;
let encrypted: string;

beforeAll(async () => {
  lab = await raiseLab({name, bare: true, machines: 4, owner: process.pid});
  const schema = z.object({clusters: z.array(z.looseObject({hosts: z.array(z.unknown())}))});
  const {clusters} = schema.parse(parse(readFileSync(lab.configFile, 'utf8')));
  const configured = (ssl: string) => {
    const file = path.join(lab.directory, `three-${ssl}.yaml`);
    const three = clusters.map(cluster => ({...cluster, hosts: cluster.hosts.slice(0, 3), bootstrap: {ssl}}));
    writeFileSync(file, stringify({clusters: three}));
    return file;
  };
  plain = configured('none');
  encrypted = configured('self-signed');
});
afterAll(() => removeLab(name));

function pgaf(configuration: string, ...words: readonly string[]) {
  return ended(spawnPgaf(temporaryFolder(), '--config', configuration, ...words));
}

/** One primary, and so many others its healthy secondaries. */
function isWhole(nodes: readonly NodeState[], count: number): boolean {
  const states = nodes.map(node => node.current_group_state);
  const atRest = nodes.every(node => node.health === 1 && node.current_group_state === node.assigned_group_state);
  return atRest && nodes.length === count && states.filter(state => state === 'secondary').length === count - 1;
}

/** Statements of the writer that failed, or waited so long that it gave them up. */
function broken(): number {
  const progress = lab.loadProgress();
  if (progress === undefined) throw new Error('nobody writes');
  return progress.doubtful.length;
}

/** A bootstrap that ended well: four nodes are at rest, and no statement was broken since. */
async function expectFour({exitCode, stderr}: Ended, before: number): Promise<void> {
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('4 nodes and their monitor serve')]);
  expect(isWhole(await lab.showState(), 4)).toBe(true);
  await writes();
  expect(broken()).toBe(before);
}

/** The containers of all machines, as Docker numbers them. */
function containers(): Promise<readonly string[]> {
  const ids = ['docker', 'ps', '--no-trunc', '--quiet'];
  return Promise.all(lab.hosts().map(async host => (await lab.exec(host.name, ids)).stdout));
}

async function ask(host: string, container: string, sql: string): Promise<string> {
  const {stdout} = await lab.dockerExec(host, container, ['psql', '-XAtq', '-d', 'postgres', '-c', sql]);
  return stdout.trim();
}

async function writes(): Promise<void> {
  const before = lab.loadProgress()?.acknowledged ?? 0;
  await waitUntil('the writer goes on', minutes, async () => (lab.loadProgress()?.acknowledged ?? 0) > before);
}

describe('a cluster that is written to all the time', () => {
  test(
    'is made of three machines without TLS, and gets it without a failed statement, also by a run that was interrupted',
    async () => {
      expect(await pgaf(plain, 'bootstrap', '--yes')).toMatchObject({exitCode: 0});
      await lab.dockerExec('vm1', 'pg_node1', ['psql', '-d', 'postgres', '-c', "alter role docker password 'load'"]);
      await lab.fault('load', 50);
      await writes();
      const before = broken();
      const made = await containers();
      const primarySince = await ask('vm1', 'pg_node1', 'select pg_postmaster_start_time()');
      const first = spawnPgaf(temporaryFolder(), '--config', encrypted, 'bootstrap', '--ssl', '--yes');
      await says(first, 'done: pg_node2 connects by sslmode=require alone');
      await killed(first);
      const {exitCode, stderr} = await pgaf(encrypted, 'bootstrap', '--ssl', '--yes');
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('encrypt: self-signed')]);
      const open = 'not ssl and client_addr is not null';
      const replication = `select count(*), count(*) filter (where ${open}) from pg_stat_replication join pg_stat_ssl using (pid)`;
      expect(await ask('vm1', 'pg_node1', replication)).toBe('2|0');
      const [primary] = lab.hosts();
      const outside = ['psql', `host=${primary?.address} user=docker dbname=postgres password=load sslmode=disable`];
      expect((await lab.dockerExec('vm2', 'pg_node2', outside)).stderr).toMatch(/no pg_hba.conf entry .*no encryption/);
      expect(await containers()).toEqual(made);
      expect(await ask('vm1', 'pg_node1', 'select pg_postmaster_start_time()')).toBe(primarySince);
      expect((await pgaf(encrypted, 'bootstrap', '--plan')).stderr).toContain('is as the configuration describes it');
      await writes();
      expect(broken()).toBe(before);
    },
    8 * minutes,
  );

  test(
    'is joined by a fourth machine without a failed statement',
    async () => {
      const before = broken();
      await expectFour(await pgaf(lab.configFile, 'bootstrap', '--yes'), before);
    },
    4 * minutes,
  );

  test(
    'has its first node replaced after its disk was wiped, when that is asked for',
    async () => {
      expect(await pgaf(lab.configFile, 'switchover', '--to', 'pg_node2', '--yes')).toMatchObject({exitCode: 0});
      await lab.waitFor(nodes => isWhole(nodes, 4), minutes);
      await writes();
      const before = broken();
      await lab.fault('wipe', 'vm1');
      await lab.fault('poweron', 'vm1');
      const plain = await pgaf(lab.configFile, 'bootstrap', '--yes');
      expect([plain.exitCode, plain.stderr]).toEqual([4, expect.stringContaining('bootstrap --replace pg_node1')]);
      await waitUntil('pg_node1 is silent for good', 2 * minutes, async () => {
        const [row] = await lab.monitorQuery(
          "select reporttime < now() - interval '62 seconds' as gone from pgautofailover.node where nodename = 'pg_node1'",
        );
        return row?.gone === true;
      });
      await expectFour(await pgaf(lab.configFile, 'bootstrap', '--replace', 'pg_node1', '--yes'), before);
    },
    5 * minutes,
  );

  test(
    'has its lost monitor rebuilt, without a failed statement; a further bootstrap has nothing to do',
    async () => {
      const before = broken();
      await lab.exec('vm3', ['docker', 'rm', '--force', 'pg_monitor']);
      await lab.exec('vm3', ['docker', 'volume', 'rm', `${name}_pg_monitor`]);
      const plain = await pgaf(lab.configFile, 'bootstrap', '--yes');
      expect([plain.exitCode, plain.stderr]).toEqual([4, expect.stringContaining('bootstrap --rebuild-monitor')]);
      await expectFour(await pgaf(lab.configFile, 'bootstrap', '--rebuild-monitor', '--yes'), before);
      expect(await lab.monitorQuery('select number_sync_standbys from pgautofailover.formation')).toEqual([
        {number_sync_standbys: 1},
      ]);
      expect(await pgaf(lab.configFile, 'bootstrap', '--yes')).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining('Nothing to do'),
      });
      await lab.fault('load', 0);
      expect(await lostRows(lab, 'vm2', 'pg_node2')).toBe(0);
    },
    4 * minutes,
  );

  test(
    "goes on where its primary's VM is at another address: nobody is promoted, and its standbys follow",
    async () => {
      await lab.fault('load', 0);
      const isPrimary = (node: NodeState) => node.current_group_state === 'primary';
      const {nodename = '', nodehost: before = '', reported_tli} = (await lab.showState()).find(isPrimary) ?? {};
      const host = nodename.replace('pg_node', 'vm');
      const after = before.replace(/1(\d)$/, '11$1');
      const change = 'ip address del "$1/24" dev eth0; ip address add "$2/24" dev eth0';
      await lab.exec(host, ['sh', '-c', change, 'change', before, after]);
      const hostKeys = path.join(lab.directory, 'known_hosts');
      appendFileSync(hostKeys, readFileSync(hostKeys, 'utf8').replaceAll(`${before} `, `${after} `));
      const moved = path.join(lab.directory, 'moved.yaml');
      writeFileSync(moved, readFileSync(lab.configFile, 'utf8').replace(`${before}\n`, `${after}\n`));
      const {exitCode, stderr} = await pgaf(moved, 'bootstrap', '--yes');
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('4 nodes and their monitor serve')]);
      expect((await lab.showState()).find(isPrimary)).toMatchObject({nodename, nodehost: after, reported_tli});
      const psql = (sql: string) =>
        lab.dockerExec(host, nodename, ['psql', '-XAtqd', 'postgres', '-c', sql], {timeout: minutes});
      // It waits for a standby.
      expect(await psql('create table moved (); insert into moved default values')).toMatchObject({exitCode: 0});
      expect((await psql('select count(*) from pg_stat_replication')).stdout.trim()).toBe('3');
      expect((await pgaf(moved, 'bootstrap', '--plan')).stderr).not.toContain('follows');
    },
    4 * minutes,
  );
});
