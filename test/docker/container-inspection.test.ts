import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseInspection} from '../../source/docker/container-inspection.ts';

const recorded = readFileSync(new URL('../fixtures/docker/inspect-20.10.jsonl', import.meta.url), 'utf8');

test('containers as docker 20.10 printed them: running, healthy, exited, never started', () => {
  const containers = parseInspection(recorded);
  expect(containers.map(({name, state, exitCode, health}) => ({name, state, exitCode, health}))).toEqual([
    {name: 'done', state: 'exited', exitCode: 1, health: undefined},
    {name: 'idle', state: 'running', exitCode: 0, health: 'healthy'},
    {name: 'never', state: 'created', exitCode: 0, health: undefined},
    {name: 'pg_monitor', state: 'running', exitCode: 0, health: undefined},
    {name: 'pg_node3', state: 'running', exitCode: 0, health: undefined},
  ]);
  const done = containers.find(container => container.name === 'done');
  expect(done).toMatchObject({
    image: 'citusdata/pg_auto_failover:15',
    restarts: 0,
    outOfMemory: false,
    startedAt: Date.parse('2026-11-24T14:37:38.318Z'),
    finishedAt: Date.parse('2026-11-24T14:37:38.327Z'),
  });
  // Go's zero time is "never", not the year 1.
  const never = containers.find(container => container.name === 'never');
  expect(never).toMatchObject({startedAt: undefined, finishedAt: undefined});
});

test("podman's names, words and plain array are understood", () => {
  const podman = [
    {
      Id: 'aa11',
      Name: 'pg_node1',
      ImageName: 'docker.io/citusdata/pg_auto_failover:15',
      RestartCount: 3,
      State: {
        Status: 'stopped',
        ExitCode: 137,
        OOMKilled: true,
        StartedAt: '2026-11-24T15:37:38.3+01:00',
        FinishedAt: '2026-11-24T15:40:00+01:00',
        Healthcheck: {Status: ''},
      },
    },
    {ID: 'bb22', Name: 'pg_monitor', State: {Status: 'configured', Health: {Status: 'starting'}}},
  ];
  expect(parseInspection(JSON.stringify(podman))).toEqual([
    {
      id: 'bb22',
      name: 'pg_monitor',
      image: '?',
      state: 'created',
      exitCode: undefined,
      restarts: 0,
      startedAt: undefined,
      finishedAt: undefined,
      outOfMemory: false,
      health: 'starting',
    },
    {
      id: 'aa11',
      name: 'pg_node1',
      image: 'docker.io/citusdata/pg_auto_failover:15',
      state: 'exited',
      exitCode: 137,
      restarts: 3,
      startedAt: Date.parse('2026-11-24T14:37:38.3Z'),
      finishedAt: Date.parse('2026-11-24T14:40:00Z'),
      outOfMemory: true,
      health: undefined,
    },
  ]);
});

test('lines that are no container are left out', () => {
  expect(parseInspection('WARNING: something\n\n[1\n{"Id": 3}\nnull\n')).toEqual([]);
  expect(parseInspection('')).toEqual([]);
});

test.each<[string, readonly string[], string]>([
  ['pg_autoctl', ['create', 'postgres', '--monitor', 'postgresql://autoctl_node:secret@vm3/x', '--run'], 'create'],
  ['/usr/bin/pg_autoctl', ['run'], 'run'],
  ['pg_autoctl', ['create', 'postgres', '--name', 'pg_node1'], 'other'],
  ['sh', ['-c', 'pg_autoctl run'], 'other'],
  ['/bin/sh', ['/pgaf/gate.sh'], 'create'],
])('of the command %s %j only what it does is kept', (program, words, command) => {
  const plain = {
    Id: 'aa11',
    Name: '/pg_node1',
    Path: program,
    Args: words,
    HostConfig: {RestartPolicy: {Name: 'unless-stopped'}, NetworkMode: 'host'},
    Config: {Env: ['PGPASSWORD=secret', 'PGDATA=/var/lib/postgres/pgaf']},
    State: {Status: 'running'},
  };
  const containers = parseInspection(JSON.stringify([plain]));
  expect(containers).toMatchObject([
    {restartPolicy: 'unless-stopped', making: {command, dataDirectory: '/var/lib/postgres/pgaf', network: 'host'}},
  ]);
  expect(JSON.stringify(containers)).not.toContain('secret');
});
