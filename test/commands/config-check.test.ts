import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {bad} from '../../source/cluster/problem.ts';
import {configCheck} from '../../source/commands/config-check.ts';
import {configSchema} from '../../source/commands/config-schema.ts';
import type {Selection} from '../../source/config/select-cluster.ts';
import {container, type FakeHost, fakeEdges} from './fake-edges.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'pgaf-check-'));
});
afterAll(() => rmSync(directory, {recursive: true, force: true}));

const sorted = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b));

const orders = `
  - name: orders
    environment: production
    hosts:
      - {name: vm1, user: ubuntu, node: {container: pg_node1}}
      - {name: vm2, user: ubuntu, node: {container: pg_node2}}
      - {name: vm3, user: ubuntu, node: {container: pg_node3}, monitor: {container: pg_monitor, port: 6000}}
`;
const billing = '  - name: billing\n    hosts: [{name: vm9, user: ubuntu, node: {container: pg_node9}}]\n';

const healthy: Record<string, FakeHost> = {
  vm1: {containers: [container('pg_node1')]},
  vm2: {containers: [container('pg_node2')]},
  vm3: {containers: [container('pg_node3'), container('pg_monitor')]},
};

async function check(hosts: Record<string, FakeHost>, text = `clusters:${orders}`, selection: Selection = {}) {
  const file = path.join(directory, 'pgaf.yaml');
  writeFileSync(file, text);
  writeFileSync(path.join(directory, 'ssh_config'), '');
  const fakes = fakeEdges(hosts);
  let stdout = '';
  let stderr = '';
  const status = await configCheck(
    {
      load: {
        file,
        workingDirectory: directory,
        homeDirectory: directory,
        accountHome: directory,
        localUser: 'me',
        environment: {},
        sshConfigFile: path.join(directory, 'ssh_config'),
      },
      selection,
    },
    {
      stdout: more => {
        stdout += more;
      },
      stderr: more => {
        stderr += more;
      },
    },
    fakes.edges,
  );
  return {
    status,
    stdout,
    stderr,
    lines: stdout.split('\n').map(line => line.trim().replaceAll(/ {2,}/g, '  ')),
    ...fakes,
  };
}

test('all is well: a line for each thing that was tried, in the order of the file, and 0', async () => {
  const {status, lines, opened, closed} = await check(healthy);
  expect(lines).toEqual([
    `${path.join(directory, 'pgaf.yaml')} is valid`,
    '',
    'cluster orders, production, formation default, image citusdata/pg_auto_failover:15, 3 hosts',
    'vm1  ssh ubuntu@vm1  ok  12 ms',
    'vm1  docker ps  ok  1 container',
    'vm1  container pg_node1  ok  running, citusdata/pg_auto_failover:15',
    'vm1  psql in pg_node1, port 5432  ok  a standby, timeline 3',
    'vm2  ssh ubuntu@vm2  ok  12 ms',
    'vm2  docker ps  ok  1 container',
    'vm2  container pg_node2  ok  running, citusdata/pg_auto_failover:15',
    'vm2  psql in pg_node2, port 5432  ok  a standby, timeline 3',
    'vm3  ssh ubuntu@vm3  ok  12 ms',
    'vm3  docker ps  ok  2 containers',
    'vm3  container pg_node3  ok  running, citusdata/pg_auto_failover:15',
    'vm3  psql in pg_node3, port 5432  ok  a standby, timeline 3',
    'vm3  container pg_monitor  ok  running, citusdata/pg_auto_failover:15',
    "vm3  monitor's database, port 6000  ok  pg_auto_failover 2.0, 3 nodes in formation default",
    'all 14 tried are ok',
    '',
  ]);
  expect(status).toBe(0);
  expect(sorted(closed)).toEqual(sorted(opened));
});

describe('what failed is named, with why and what to do', () => {
  const failing: [name: string, hosts: Record<string, FakeHost>, words: string[]][] = [
    [
      'ssh',
      {
        ...healthy,
        vm2: {
          ssh: {
            kind: 'authentication',
            message: 'vm2 refuses ubuntu: publickey was tried',
            remedy: 'add the key to authorized_keys',
          },
        },
      },
      [
        'vm2  ssh ubuntu@vm2  FAILED',
        'vm2 refuses ubuntu: publickey was tried',
        '-> add the key to authorized_keys',
        'vm2  docker  skipped  without ssh',
        '1 failed, 10 ok, 2 not tried',
      ],
    ],
    [
      'docker',
      {
        ...healthy,
        vm1: {
          docker: {
            docker: bad('docker-permission', 'no permission to use docker on vm1', {
              remedy: 'usermod',
              detail: 'Got permission denied',
            }),
          },
        },
      },
      [
        'vm1  docker ps  FAILED',
        'no permission to use docker on vm1',
        '| Got permission denied',
        '-> usermod',
        'vm1  container pg_node1  skipped  without docker',
      ],
    ],
    [
      'an absent container',
      {...healthy, vm1: {containers: [container('postgres_1')]}},
      [
        'vm1  container pg_node1  FAILED',
        'there is no container pg_node1 on vm1',
        '-> it has postgres_1; correct the name in the configuration',
      ],
    ],
    [
      'a stopped container',
      {...healthy, vm1: {containers: [container('pg_node1', {state: 'exited', exitCode: 137})]}},
      ['pg_node1 on vm1 is exited with status 137', '-> look at `docker logs pg_node1`, then `docker start pg_node1`'],
    ],
    [
      'psql',
      {
        ...healthy,
        vm1: {...healthy.vm1, postgres: {kind: 'postgres-down', message: 'PostgreSQL does not accept connections'}},
      },
      ['vm1  psql in pg_node1, port 5432  FAILED', 'PostgreSQL does not accept connections'],
    ],
    [
      "the monitor's database",
      {...healthy, vm3: {...healthy.vm3, monitor: {kind: 'monitor-refused', message: 'nothing listens on port 6000'}}},
      ["vm3  monitor's database, port 6000  FAILED", 'nothing listens on port 6000'],
    ],
  ];
  test.each(failing)('%s', async (_name, hosts, words) => {
    const {status, lines} = await check(hosts);
    expect(lines).toEqual(expect.arrayContaining(words));
    expect(status).toBe(1);
  });

  test('the monitor is tried even where docker does not answer', async () => {
    const {lines} = await check({
      ...healthy,
      vm3: {docker: {docker: bad('docker-down', 'docker does not run on vm3')}},
    });
    expect(lines).toContain(
      "vm3  monitor's database, port 6000  ok  pg_auto_failover 2.0, 3 nodes in formation default",
    );
  });

  test('no host at all: 69', async () => {
    expect((await check({})).status).toBe(69);
  });

  test('words from outside cannot write to the terminal', async () => {
    const {stdout} = await check({
      vm1: {ssh: {kind: 'closed', message: 'vm1 said \u001b[2Jboo\u0007', detail: 'x\u009b2J'}},
    });
    expect(stdout).toMatch(/^[\n\u0020-\u007e·]*$/);
  });
});

describe('remarks', () => {
  test('an empty cluster', async () => {
    const {lines, status} = await check({...healthy, vm3: {...healthy.vm3, registeredNodes: 0}});
    expect(lines).toContain(
      "vm3  monitor's database, port 6000  ok  pg_auto_failover 2.0, no nodes in formation default yet",
    );
    expect(status).toBe(0);
  });

  test('a monitor that its container knows at another port', async () => {
    const {lines, status} = await check({...healthy, vm3: {...healthy.vm3, monitorPort: 5432}});
    expect(lines).toContain(
      "vm3  monitor's database, port 6000  ok  pg_auto_failover 2.0, 3 nodes in formation default, but on port 5432: correct `port` of the monitor in the configuration",
    );
    expect(status).toBe(0);
  });

  test('a cluster without a monitor', async () => {
    const {lines} = await check({vm9: {containers: [container('pg_node9')]}}, `clusters:\n${billing}`);
    expect(lines).toContain('note: no host has a `monitor`; without it pgaf cannot tell who is to be the primary');
  });
});

describe('which clusters', () => {
  const both = {...healthy, vm9: {containers: [container('pg_node9')]}};
  test('all, or the one that --cluster names', async () => {
    expect(sorted((await check(both, `clusters:${orders}${billing}`)).opened)).toEqual(['vm1', 'vm2', 'vm3', 'vm9']);
    expect((await check(both, `clusters:${orders}${billing}`, {cluster: 'billing'})).opened).toEqual(['vm9']);
  });

  test('--formation', async () => {
    const {stdout} = await check(both, `clusters:${orders}`, {formation: 'other'});
    expect(stdout).toContain('3 nodes in formation other');
  });
});

test('a file that is not right: every mistake on standard error, nothing tried, 78', async () => {
  const {status, stdout, stderr, opened} = await check(
    healthy,
    'clusters:\n  - nam: orders\n    hosts: [{name: vm1, prot: 22}]\n',
  );
  expect(status).toBe(78);
  expect(stdout).toBe('');
  expect(stderr).toContain('pgaf.yaml:2:5: unknown key `nam` in cluster 1; did you mean `name`?');
  expect(stderr).toContain('pgaf.yaml:3:25: unknown key `prot` in host 1; did you mean `port`?');
  expect(opened).toEqual([]);
});

test('config schema prints the JSON Schema, and nothing else', async () => {
  let stdout = '';
  const status = await configSchema({
    stdout: text => {
      stdout += text;
    },
  });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({title: 'pgaf configuration', required: ['clusters']});
});
