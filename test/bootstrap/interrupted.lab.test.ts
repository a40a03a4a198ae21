import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {z} from 'zod';
import {ended} from '../commands/run-pgaf.ts';
import {waitUntil} from '../lab/wait.ts';
import {watchArgv} from './argv-watch.ts';
import {type BareLab, bareLab, killed} from './bare-lab.ts';
import {interruptEach} from './interrupting.ts';

/*
 * On three bare machines, one after the other: what is refused; a bootstrap whose machines lose power; another one that is killed at every step; and on
 * the cluster that this has made, power cuts. From the environment, for a thorough look:
 *   PGAF_CUT_AT=every     power is cut at every step of a host, not only where a container starts
 *   PGAF_POWER_CUTS=N     cuts the power of all machines N times instead of once, then that of each one alone, and lets each one stay dark
 *   PGAF_TEST_BARE_LAB    the name of a bare lab that stands
 */
const minutes = 60_000;
const cutAtEvery = process.env.PGAF_CUT_AT === 'every';
const thorough = process.env.PGAF_POWER_CUTS !== undefined;
const cuts = Number(process.env.PGAF_POWER_CUTS ?? '1');
const machines = ['vm1', 'vm2', 'vm3'] as const;
let bare: BareLab;

beforeAll(async () => {
  bare = await bareLab({
    patienceSeconds: 15,
    database: {name: 'shop', user: 'shopper'},
    parameters: {work_mem: '8MB', max_connections: '120'},
    hba: ['hostssl all all 192.168.0.0/16 scram-sha-256'],
  });
});
afterAll(() => bare.down());

async function inside(host: string, script: string): Promise<string> {
  return (await bare.lab.exec(host, ['sh', '-c', script])).stdout;
}

describe('three bare machines', () => {
  test('what a bootstrap cannot do is refused with what to do about it, and nothing is made', async () => {
    const image = 'citusdata/pg_auto_failover:15';
    const listener = '$s = IO::Socket::INET->new(LocalPort => 5432, Listen => 1); sleep 600';
    await inside('vm1', 'mount -t tmpfs -o size=1g tmpfs /var/lib/docker/volumes');
    await inside('vm2', `perl -MIO::Socket::INET -e '${listener}' >/dev/null 2>&1 & echo $! > /run/taken`);
    await Promise.all(machines.map(host => inside(host, `docker tag ${image} kept:1 && docker rmi ${image}`)));
    await waitUntil('port 5432 is taken', minutes, async () =>
      /:1538 .* 0A /.test(await inside('vm2', 'cat /proc/net/tcp')),
    );
    const {exitCode, stderr} = await ended(bare.startAs({vm3: 'nodocker'}, '--yes'));
    await inside('vm1', 'umount /var/lib/docker/volumes');
    await inside('vm2', 'kill "$(cat /run/taken)"');
    await Promise.all(machines.map(host => inside(host, `docker tag kept:1 ${image} && docker rmi kept:1`)));
    expect(exitCode).toBe(4);
    for (const words of [
      /vm1: there is room for the data: 1\.0 GB free\n.*make room or add a disk/,
      /vm1: the image .*: no host has it, and it cannot be pulled: lookup .*\n.*docker pull .*docker save .* \| ssh vm1 docker load/,
      /vm2: port 5432 is free for pg_node2: something listens there\n.*ss -ltnp/,
      /vm3: Docker answers: no permission.*\n.*usermod -aG docker/,
      /Nothing was changed/,
    ])
      expect(stderr).toMatch(words);
    expect(await inside('vm1', 'ls /opt/pgaf')).toBe('');
  });

  test("another cluster's data in the volume of a node is left alone", async () => {
    const volume = `${bare.lab.name}_pg_node2`;
    const initdb = `docker run --rm --user root -v ${volume}:/v --entrypoint sh citusdata/pg_auto_failover:15 -c`;
    await inside('vm2', `${initdb} 'chown docker /v && su docker -c "/usr/lib/postgresql/15/bin/initdb -D /v/pgaf"'`);
    const {exitCode, stderr} = await ended(bare.start('--yes'));
    const data = await inside(
      'vm2',
      `docker run --rm -v ${volume}:/v --entrypoint cat citusdata/pg_auto_failover:15 /v/pgaf/PG_VERSION`,
    );
    await inside('vm2', `docker volume rm ${volume}`);
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringMatching(/system identifier \d+; the first node begins without data\n.*a bootstrap never does/),
    ]);
    expect(data).toBe('15\n');
  });
});

/**
 * Three nodes, each made once: none was registered twice (numbers may be left out, as PostgreSQL loses some of a sequence with the power), nobody was
 * promoted, and a further run has nothing to do.
 */
async function expectMadeOnce() {
  const nodes = await bare.settled();
  expect(nodes.map(node => [node.nodename, node.current_group_state, node.reported_tli])).toEqual([
    ['pg_node1', 'primary', 1],
    ['pg_node2', 'secondary', 1],
    ['pg_node3', 'secondary', 1],
  ]);
  const numbers = await bare.lab.monitorQuery(
    'select nodename, count(distinct nodeid)::int as numbers from pgautofailover.event group by 1 order by 1',
  );
  expect(numbers).toEqual(nodes.map(({nodename}) => ({nodename, numbers: 1})));
  const again = await ended(bare.start('--yes'));
  expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('Nothing to do')]);
  expect(await bare.lab.monitorQuery('select number_sync_standbys from pgautofailover.formation')).toEqual([
    {number_sync_standbys: 1},
  ]);
}

/** Whether a node of these machines acknowledges a row. */
async function writes(among: readonly string[], row: number): Promise<boolean> {
  const sql = `create table if not exists kept (number int primary key); insert into kept values (${row}) on conflict do nothing`;
  const ask = async (host: string) => {
    const psql = ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-c', sql];
    return (await bare.lab.dockerExec(host, `pg_node${host.slice(2)}`, psql, {timeout: 5000})).exitCode === 0;
  };
  return (await Promise.all(among.map(ask))).includes(true);
}

async function rowsOn(host: string): Promise<number> {
  return Number(
    await inside(host, `docker exec pg_node${host.slice(2)} psql -XqAt -d postgres -c 'select count(*) from kept'`),
  );
}

describe('an interrupted bootstrap', () => {
  test(
    'whose machines lose power where a container starts, and where a standby is copied, goes on each time and loses no row',
    async () => {
      let rows = 0;
      const interrupted = await interruptEach(
        () => bare.start('--yes', '--resume'),
        async (title, program, before) => {
          const [host = '', what = ''] = title.split(': ');
          if (before.includes(title) || !machines.some(name => name === host)) return undefined;
          if (!cutAtEvery && !what.startsWith('start ')) return undefined;
          // A start takes long; of everything else the next step would begin before the power is cut.
          if (!what.startsWith('start ')) program.kill('SIGSTOP');
          const written = writes(['vm1'], rows);
          if (what === 'start pg_node3') {
            const files = `/var/lib/docker/volumes/${bare.lab.name}_pg_node3/_data/backup/node_*/base`;
            await waitUntil(
              'the base backup begins',
              minutes,
              async () => (await inside(host, `ls -d ${files}`)) !== '',
              20,
            );
          }
          await bare.lab.fault('poweroff', host);
          if (await written) rows += 1;
          await killed(program);
          await bare.lab.fault('poweron', host);
          return title;
        },
      );
      expect(interrupted).toEqual(
        expect.arrayContaining([
          'vm3: start pg_monitor',
          'vm1: start pg_node1',
          'vm2: start pg_node2',
          'vm3: start pg_node3',
        ]),
      );
      await expectMadeOnce();
      expect(rows).toBeGreaterThan(0);
      // The last of them may be there although the power was cut before that was said.
      if (await writes(['vm1'], rows)) rows += 1;
      for (const host of machines) expect([host, await rowsOn(host)]).toEqual([host, rows]);
    },
    (cutAtEvery ? 15 : 8) * minutes,
  );

  const planned = z.object({plan: z.object({steps: z.array(z.object({kind: z.string()}))})});

  test(
    'that is killed at every step, and loses a host at one, goes on each time, makes nothing twice and shows no password',
    async () => {
      await bare.strip();
      const {stdout} = await ended(bare.start('--plan', '--json'));
      const steps = planned.parse(JSON.parse(stdout)).plan.steps;
      const watch = await watchArgv(bare.lab);
      const interrupted = await interruptEach(
        () => bare.start('--yes', '--resume'),
        async (title, program, before) => {
          if (before.includes(title)) return undefined;
          if (title === 'vm2: start pg_node2') {
            const end = ended(program);
            await bare.lab.fault('partition', 'vm2');
            program.stderr?.resume();
            const {exitCode, stderr} = await end;
            await bare.lab.fault('heal');
            expect([exitCode, stderr]).toEqual([
              1,
              expect.stringMatching(/pgaf: vm2: [\s\S]+goes on where it was left/),
            ]);
            return title;
          }
          await killed(program);
          return title;
        },
      );
      // A setting that is already as it should be when the nodes are there is no step any more.
      const certain = steps.filter(({kind}) => kind !== 'setting');
      expect(interrupted.length).toBeGreaterThanOrEqual(certain.length);
      await expectMadeOnce();
      for (const host of machines) {
        const restarts = await inside(host, 'docker inspect -f "{{.RestartCount}}" $(docker ps -aq) | sort -u');
        expect([host, restarts.trim()]).toEqual([host, '0']);
      }

      const files = '/opt/pgaf/secrets.env /opt/pgaf/application.env';
      const secrets = await inside('vm1', `cat ${files}`);
      const passwords = [...secrets.matchAll(/PASSWORD=(\w+)$/gm)].map(([, password = '']) => password);
      expect(passwords).toHaveLength(3);
      expect((await inside('vm1', `stat -c %a ${files}`)).trim()).toBe('600\n600');
      const plan = await ended(bare.start('--plan', '--json'));
      const places = new Map([
        ['the plan', plan.stdout + plan.stderr],
        [
          'what pgaf said, and keeps here',
          [bare.said(), ...bare.keptFiles().map(file => readFileSync(file, 'utf8'))].join('\n'),
        ],
        ['command lines', await watch.seen()],
      ]);
      for (const host of machines) {
        places.set(`files on ${host}`, await inside(host, 'cat /opt/pgaf/docker-compose.yml /opt/pgaf/gate.sh'));
        places.set(
          `logs on ${host}`,
          await inside(host, 'for each in $(docker ps -q); do docker logs "$each" 2>&1; done'),
        );
        const server =
          'cat /var/lib/docker/volumes/*/_data/pgaf/log/* /var/lib/docker/volumes/*/_data/pgaf/startup.log';
        places.set(`logs of PostgreSQL on ${host}`, await inside(host, server));
      }
      expect(places.get('command lines')).toContain('pg_autoctl create postgres');
      for (const [place, text] of places) {
        expect([place, text.length > 0, passwords.some(password => text.includes(password))]).toEqual([
          place,
          true,
          false,
        ]);
      }
    },
    8 * minutes,
  );
});

describe('the cluster that was made', () => {
  async function cutAll(): Promise<void> {
    await Promise.all(machines.map(host => bare.lab.fault('poweroff', host)));
  }

  async function failovers(): Promise<number> {
    const [row] = await bare.lab.monitorQuery(
      "select count(*) from pgautofailover.event where goalstate in ('draining', 'prepare_promotion')",
    );
    return Number(row?.count);
  }

  const verdict = z.object({verdict: z.object({level: z.string(), writable: z.boolean().nullable()})});

  async function expectUp(among: readonly string[]): Promise<void> {
    await waitUntil('writes are possible', 3 * minutes, () => writes(among, 0));
    const {stdout} = await bare.run('status', '--json');
    expect(verdict.parse(JSON.parse(stdout)).verdict).toEqual({
      writable: true,
      level: expect.stringMatching(/healthy|degraded|changing/),
    });
  }

  const roles = (nodes: Awaited<ReturnType<BareLab['settled']>>) =>
    nodes.map(node => [node.nodename, node.current_group_state, node.reported_tli]).sort();

  test.each(Array.from({length: cuts}, (_, index) => index + 1))(
    'loses all power at once (%i): no failover, the same timeline',
    async () => {
      const before = await bare.settled();
      const failed = await failovers();
      await cutAll();
      await Promise.all(machines.map(host => bare.lab.fault('poweron', host)));
      expect(roles(await bare.settled())).toEqual(roles(before));
      expect(await failovers()).toBe(failed);
    },
    5 * minutes,
  );

  test(
    'takes writes when all lost power and the monitor stays dark, and goes back to the monitor when it returns',
    async () => {
      const before = await bare.settled();
      const failed = await failovers();
      await cutAll();
      await Promise.all(['vm1', 'vm2'].map(host => bare.lab.fault('poweron', host)));
      await expectUp(['vm1', 'vm2']);
      await bare.lab.fault('poweron', 'vm3');
      expect(roles(await bare.settled())).toEqual(roles(before));
      expect(await failovers()).toBe(failed);
    },
    6 * minutes,
  );

  test.skipIf(!thorough).each(machines)(
    'comes back by itself when %s alone loses power',
    async host => {
      await bare.settled();
      await bare.lab.fault('poweroff', host);
      await bare.lab.fault('poweron', host);
      await bare.settled();
      await waitUntil('writes are possible', minutes, () => writes(machines, 0));
    },
    5 * minutes,
  );

  test.skipIf(!thorough).each(['vm2', 'vm1'])(
    'takes writes when all lost power and %s stays dark',
    async dark => {
      await bare.settled();
      await cutAll();
      const others = machines.filter(host => host !== dark);
      await Promise.all(others.map(host => bare.lab.fault('poweron', host)));
      await expectUp(others);
      await bare.lab.fault('poweron', dark);
      await bare.settled();
    },
    8 * minutes,
  );
});
