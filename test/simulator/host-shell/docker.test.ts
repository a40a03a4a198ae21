import {afterEach, describe, expect, test} from 'vitest';
import {inspectionFormat, parseInspection} from '../../../source/docker/container-inspection.ts';
import {dockerProblem} from '../../../source/docker/docker-problem.ts';
import type {World} from '../../../source/simulator/world.ts';
import {advanceUntil} from '../stage.ts';
import {endPrograms, program} from './program.ts';
import {watchedWorld} from './watched-world.ts';

afterEach(endPrograms);

const docker = (world: World, host: string, line: string) => program(world, host, `docker ${line}`);

describe('docker ps and inspect', () => {
  test('print what the console parses, and what a person reads', async () => {
    const world = watchedWorld();
    world.faults.kill('pg_node3');
    world.advance(90_000);
    expect((await docker(world, 'vm3', 'ps').ended).stdout).toMatch(
      /^CONTAINER ID {3}IMAGE .*NAMES\n[0-9a-f]{12} .*pg_monitor\n$/,
    );
    const all = await docker(world, 'vm3', 'ps -a').ended;
    expect(all.stdout).toMatch(/Exited \(137\) About a minute ago +pg_node3/);
    const ids = (await docker(world, 'vm3', 'ps -aq --no-trunc').ended).stdout.trim().split('\n');
    expect(new Set(ids)).toEqual(new Set(world.containers('vm3').map(({id}) => id)));
    const plain = await docker(world, 'vm3', `inspect ${ids.join(' ')}`).ended;
    const formatted = await docker(world, 'vm3', `inspect --format '${inspectionFormat}' ${ids.join(' ')}`).ended;
    expect(parseInspection(formatted.stdout)).toEqual(parseInspection(plain.stdout));
    expect(parseInspection(plain.stdout)).toMatchObject([{name: 'pg_monitor'}, {name: 'pg_node3', exitCode: 137}]);
  });

  test.each([
    [`ps --format '{{.Names}} {{.State}}'`, 'pg_node1 running\n'],
    [`ps --filter name=^pg_node1$ --format "{{.Names}}"`, 'pg_node1\n'],
    [`ps --filter name=monitor -q`, ''],
    [`inspect -f '{{.State.Running}}' pg_node1`, 'true\n'],
    [`inspect -f '{{.HostConfig.RestartPolicy.Name}}' pg_node1`, 'unless-stopped\n'],
    [`inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' pg_node1`, 'none\n'],
    [`inspect -f '{{range .Mounts}}{{.Destination}}{{end}}' pg_node1`, '/var/lib/postgres\n'],
    [`inspect -f '{{index .Config.Labels "com.docker.compose.service"}}' pg_node1`, 'pg_node1\n'],
    [`inspect -f '{{.Name | print | upper}}' pg_node1`, '/PG_NODE1\n'],
    [`inspect -f '{{join .Config.Cmd " | " | upper}}' pg_node1`, 'PG_AUTOCTL | RUN\n'],
    ['compose version --short', '2.29.7\n'],
    ['--version', 'Docker version 28.2.2, build e6534b4\n'],
  ])('%s', async (line, expected) => {
    expect(await docker(watchedWorld(), 'vm1', line).ended).toMatchObject({stdout: expected, stderr: '', status: 0});
  });

  test('a field that docker does not have is a mistake, in its words', async () => {
    const {stderr, status} = await docker(watchedWorld(), 'vm1', `inspect -f '{{.State.Nonsense}}' pg_node1`).ended;
    expect(stderr).toMatch(/template parsing error.*map has no entry for key "Nonsense"/);
    expect(status).not.toBe(0);
  });
});

test('a Compose file can be typed: Ctrl-C gives it up, Ctrl-D ends it, and the shell gets none of it', async () => {
  const world = watchedWorld(1, {begin: 'empty'});
  const shell = program(world, 'vm1', undefined);
  shell.write('docker compose -f - up -d\rservices: {other: {}}\r');
  await shell.has('{other: {}}');
  shell.write('\x03');
  await shell.has('^C\r\n');
  expect(world.containers('vm1')).toEqual([]);
  shell.write('docker compose -f - up -d\rservices: {node: {}}\r\x04');
  await shell.has('Container node  Started\r\n');
  shell.write('exit 3\r');
  expect((await shell.ended).status).toBe(3);
  expect(world.containers('vm1').map(({name}) => name)).toEqual(['node']);
  expect(shell.output()).not.toContain('not found');
  expect(shell.output().split('^C')).toHaveLength(2);
});

describe("refusals are docker's, so that the console knows them", () => {
  test.each([
    ['inspect nobody', 'container-missing', 1],
    ['logs nobody', 'container-missing', 1],
    ['exec nobody psql', 'container-missing', 1],
    ['exec pg_node2 psql', 'container-not-running', 1],
    ['start nobody', 'container-missing', 1],
    ['kill pg_node2', 'container-not-running', 1],
  ] as const)('docker %s', async (line, kind, status) => {
    const world = watchedWorld();
    world.faults.kill('pg_node2');
    const ended = await docker(world, 'vm2', line).ended;
    expect(ended.status).toBe(status);
    const problem = dockerProblem({exitCode: ended.status, stderr: ended.stderr, host: 'vm2', docker: ['docker']});
    expect(problem.kind).toBe(kind);
  });

  test.each([
    ['exec -it pg_node1 sh', 1, 'the input device is not a TTY'],
    ['rm pg_node1', 1, 'Stop the container before attempting removal or force remove'],
    ['ps --nonsense', 125, 'unknown flag: --nonsense'],
    ['nonsense', 1, 'docker: unknown command: docker nonsense'],
  ])('docker %s', async (line, status, words) => {
    const ended = await docker(watchedWorld(), 'vm1', line).ended;
    expect(ended).toMatchObject({status, stderr: expect.stringContaining(words)});
  });
});

describe('changes', () => {
  test('stop waits for the end, start brings it back', async () => {
    const world = watchedWorld();
    const stop = docker(world, 'vm1', 'stop pg_node1');
    await stop.ready();
    expect(stop.output()).toBe('');
    advanceUntil(world, () => world.containers('vm1')[0]?.state === 'exited', 20);
    expect(await stop.ended).toMatchObject({stdout: 'pg_node1\n', status: 0});
    expect(await docker(world, 'vm1', 'start pg_node1').ended).toMatchObject({stdout: 'pg_node1\n', status: 0});
    expect(world.containers('vm1')[0]?.state).toBe('running');
    expect(world.listening()).toBe(0);
  });

  test('a Compose file on the standard input raises a cluster on bare hosts', async () => {
    const world = watchedWorld(1, {begin: 'empty'});
    const raise = (host: string, service: string, command: string) =>
      program(
        world,
        host,
        'docker compose -f - up -d',
        `services:\n  ${service}:\n    image: pgaf:1\n    restart: always\n    command: pg_autoctl create ${command} --run\n`,
      ).ended;
    expect((await raise('vm3', 'pg_monitor', 'monitor --pgport 6000')).status).toBe(0);
    world.advance(10_000);
    expect((await raise('vm1', 'pg_node1', 'postgres --name pg_node1')).status).toBe(0);
    advanceUntil(world, () => world.monitor.nodes().some(row => row.reportedstate === 'single'), 60);
    expect(world.containers('vm1')).toMatchObject([{name: 'pg_node1', image: 'pgaf:1', restartPolicy: 'always'}]);
    const down = docker(world, 'vm1', 'compose -p pgaf down -v');
    await down.ready();
    world.advance(2000);
    expect((await down.ended).status).toBe(0);
    expect(world.containers('vm1')).toEqual([]);
  });
});

describe('streams', () => {
  test('events in the order in which they happen, as asked for', async () => {
    const world = watchedWorld();
    const events = docker(
      world,
      'vm1',
      `events --filter type=container --filter event=die --format '{{.Status}} {{.Actor.Attributes.exitCode}}'`,
    );
    await events.ready();
    world.faults.kill('pg_node1');
    world.faults.start('pg_node1');
    world.faults.kill('pg_node1');
    await events.has('die 137\ndie 137\n');
    events.end();
    expect((await events.ended).stdout).toBe('die 137\ndie 137\n');
    expect(world.listening()).toBe(0);
  });

  test('a followed log ends with its container', async () => {
    const world = watchedWorld();
    world.docker.restart('vm1', 'pg_node1');
    world.advance(10_000);
    const log = docker(world, 'vm1', 'logs -f --tail 2 --timestamps pg_node1');
    await log.has('Z ');
    world.faults.kill('pg_node1');
    const {stderr, status} = await log.ended;
    expect(status).toBe(0);
    expect(stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
    expect(stderr).toMatch(/^2026-01-15T\d\d:\d\d:\d\d\.\d{9}Z /);
    expect(world.listening()).toBe(0);
  });

  test('a reader that does not read holds a log back, and misses nothing in the end', async () => {
    const world = watchedWorld();
    const log = docker(world, 'vm1', 'logs -f pg_node1');
    log.hold();
    for (let round = 0; round < 8; round += 1) {
      world.docker.restart('vm1', 'pg_node1');
      world.advance(20_000);
    }
    await log.ready();
    expect(log.waiting()).toBeLessThan(128 * 1024);
    log.read();
    const written = world.lines('vm1', 'pg_node1').map(({text}) => `${text}\n`);
    world.faults.kill('pg_node1');
    const {stderr} = await log.ended;
    expect(stderr.startsWith(written.join('').slice(0, 1000))).toBe(true);
  });

  test('since takes a time of the host and a duration', async () => {
    const world = watchedWorld();
    world.docker.restart('vm1', 'pg_node1');
    world.advance(30_000);
    const all = world.lines('vm1', 'pg_node1');
    const last = all.at(-1)?.at ?? 0;
    const newest = all.filter(({at}) => at >= last).map(({text}) => `${text}\n`);
    const since = new Date(last).toISOString();
    expect((await docker(world, 'vm1', `logs --since ${since} pg_node1`).ended).stderr).toBe(newest.join(''));
    const ago = `${Math.ceil(world.now() - last)}ms`;
    expect((await docker(world, 'vm1', `logs --since ${ago} pg_node1`).ended).stderr).toBe(newest.join(''));
    expect((await docker(world, 'vm1', 'logs --since 0s pg_node1').ended).stderr).toBe('');
  });

  test('what runs in a container ends with it', async () => {
    const world = watchedWorld();
    const sleep = docker(world, 'vm1', 'exec pg_node1 sleep 1000');
    await sleep.ready();
    world.faults.kill('pg_node1');
    expect((await sleep.ended).status).toBe(137);
    expect(world.listening()).toBe(0);
  });

  test('a frozen daemon passes nothing on until it thaws', async () => {
    const world = watchedWorld();
    const shell = docker(world, 'vm1', 'exec -i pg_node1 cat');
    shell.write('one\n');
    await shell.has('one\n');
    world.faults.freeze('vm1', 'dockerd');
    shell.write('two\n');
    const ps = docker(world, 'vm1', 'ps -q');
    await ps.ready();
    expect(shell.output()).toBe('one\n');
    expect(ps.output()).toBe('');
    world.faults.thaw();
    await shell.has('one\ntwo\n');
    expect((await ps.ended).status).toBe(0);
    shell.write(null);
    expect((await shell.ended).status).toBe(0);
    expect(world.listening()).toBe(0);
  });
});
