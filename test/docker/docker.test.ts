import {appendFileSync} from 'node:fs';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {current, problemOf, type Sample} from '../../source/cluster/sample.ts';
import type {Container} from '../../source/cluster/snapshot.ts';
import {containers, dockerExec, dockerLogs, watchContainers} from '../../source/docker/docker.ts';
import {type FakeDocker, fakeDocker} from './fake-docker.ts';
import {type LocalHost, openLocalHost} from './local-host.ts';

const clock = {now: Date.now, random: () => 0};
const soon = {timeout: 10_000, interval: 10};

function inspected(name: string, state: string): string {
  return `${JSON.stringify({Id: '0123456789ab', Name: `/${name}`, Config: {Image: 'image'}, State: {Status: state}})}\n`;
}

/** ps and inspect print files; events follows one, as docker does. */
const script = `
case "$1" in
  ps) [ -s "$folder/error" ] && { cat "$folder/error" >&2; exit 1; }; cat "$folder/ids" ;;
  inspect) cat "$folder/inspect"; [ -s "$folder/warning" ] && { cat "$folder/warning" >&2; exit 1; }; exit 0 ;;
  events) exec tail -n 0 -f "$folder/events" ;;
esac`;

let fake: FakeDocker;
let host: LocalHost;

beforeEach(() => {
  fake = fakeDocker(script);
  host = openLocalHost('vm1');
  for (const file of ['error', 'warning', 'events']) fake.write(file, '');
  fake.write('ids', '0123456789ab\n');
  fake.write('inspect', inspected('pg_node1', 'running'));
});

afterEach(async () => {
  await host.close();
  fake.remove();
});

describe('argv', () => {
  test('exec and logs are argv with the configured prefix in front, whatever the arguments hold', () => {
    expect(dockerExec(['sudo', '-n', 'docker'], 'pg_node1', ['psql', '-c', "select ';$(rm)'"])).toEqual([
      'sudo',
      '-n',
      'docker',
      'exec',
      'pg_node1',
      'psql',
      '-c',
      "select ';$(rm)'",
    ]);
    const full = dockerExec(['podman'], 'c', ['sh'], {
      interactive: true,
      terminal: true,
      user: '999',
      environment: {A: 'b c'},
    });
    const keys = ['--detach-keys', expect.stringMatching(/^ctrl-@,ctrl-\^,/)];
    expect(full).toEqual(['podman', 'exec', '-i', '-t', ...keys, '-u', '999', '-e', 'A=b c', 'c', 'sh']);
    expect(dockerLogs(['docker'], 'c', {tail: 100, follow: true, since: '15m'})).toEqual([
      'docker',
      'logs',
      '--timestamps',
      '--follow',
      '--tail',
      '100',
      '--since',
      '15m',
      'c',
    ]);
  });
});

describe('containers', () => {
  test('are those that docker knows, in two commands', async () => {
    expect(await containers(host, fake.docker)).toMatchObject({
      ok: true,
      value: [{name: 'pg_node1', state: 'running'}],
    });
    expect(host.ran).toHaveLength(2);
  });

  test('a host without containers has none, and is not asked further', async () => {
    fake.write('ids', '\n');
    expect(await containers(host, fake.docker)).toEqual({ok: true, value: []});
    expect(host.ran).toHaveLength(1);
  });

  test('a container that was removed in between is no failure; another complaint is', async () => {
    fake.write('warning', 'Error: No such object: 0123456789ab\n');
    expect(await containers(host, fake.docker)).toMatchObject({ok: true});
    fake.write('warning', 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n');
    expect(await containers(host, fake.docker)).toMatchObject({ok: false, problem: {kind: 'docker-down'}});
  });

  test('a daemon that does not answer is said to be silent, not the connection', async () => {
    const silent = fakeDocker('sleep 60');
    const outcome = await containers(host, silent.docker, {deadlineMs: 100});
    silent.remove();
    expect(outcome).toMatchObject({ok: false, problem: {kind: 'docker-down', message: expect.stringContaining('vm1')}});
    await vi.waitFor(() => expect(host.alive()).toBe(0), soon);
  });
});

describe('the watch', () => {
  test('reads at once, again at an event, and says what is wrong while keeping what was last known', async () => {
    const samples: Sample<readonly Container[]>[] = [];
    const watch = watchContainers(host, fake.docker, sample => samples.push(sample), clock);
    await vi.waitFor(() => expect(current(samples.at(-1))?.[0]?.state).toBe('running'), soon);
    // The read at the start, and the one for what happened before the events were listened to. The next would come in 30 s.
    await vi.waitFor(() => expect(samples).toHaveLength(2), soon);

    fake.write('inspect', inspected('pg_node1', 'exited'));
    appendFileSync(fake.path('events'), 'die\n');
    await vi.waitFor(() => expect(current(samples.at(-1))?.[0]?.state).toBe('exited'), soon);

    fake.write(
      'error',
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
    );
    watch.refresh();
    await vi.waitFor(() => expect(problemOf(samples.at(-1))?.kind).toBe('docker-permission'), soon);
    expect(samples.at(-1)).toMatchObject({source: 'docker vm1', last: {value: [{state: 'exited'}]}});

    watch.close();
    await vi.waitFor(() => expect(host.alive()).toBe(0), soon);
  });

  test('says at once that the connection is lost, and reads at once when it is back', async () => {
    const samples: Sample<readonly Container[]>[] = [];
    const watch = watchContainers(host, fake.docker, sample => samples.push(sample), clock);
    await vi.waitFor(() => expect(current(samples.at(-1))).toBeDefined(), soon);
    host.cut({kind: 'closed', message: 'vm1 closed the connection'});
    expect(samples.at(-1)).toMatchObject({
      error: {message: 'vm1 closed the connection'},
      last: {value: [{name: 'pg_node1'}]},
    });
    host.mend();
    await vi.waitFor(() => expect(current(samples.at(-1))).toBeDefined(), soon);
    watch.close();
  });
});
