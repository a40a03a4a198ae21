import {afterEach, describe, expect, test, vi} from 'vitest';
import {current, problemOf, type Sample} from '../../source/cluster/sample.ts';
import type {Container} from '../../source/cluster/snapshot.ts';
import {containerOwner} from '../../source/docker/container-owner.ts';
import {containers, watchContainers} from '../../source/docker/docker.ts';
import type {HostConnection} from '../../source/ssh/host-connection.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {openLabHost} from './lab-host.ts';

const lab = await sharedLab();
const clock = {now: Date.now, random: Math.random};
const soon = {timeout: 30_000, interval: 20};
const open: HostConnection[] = [];
const stops: (() => void)[] = [];

function host(name: string, user?: string): HostConnection {
  const connection = openLabHost(lab, name, user);
  open.push(connection);
  return connection;
}

afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await Promise.all(open.splice(0).map(connection => connection.close()));
  await lab.restore();
});

describe('docker on a real host', () => {
  test('lists its containers, and tells whose PGDATA is', async () => {
    const vm3 = host('vm3');
    const listed = await containers(vm3, ['docker']);
    expect(listed).toMatchObject({ok: true});
    if (listed.ok) {
      expect(listed.value.map(container => [container.name, container.state])).toEqual(
        expect.arrayContaining([
          ['pg_monitor', 'running'],
          ['pg_node3', 'running'],
        ]),
      );
      expect(listed.value[0]?.image).toBe('citusdata/pg_auto_failover:15');
    }
    expect(await containerOwner(vm3, ['docker'], 'pg_node3')).toEqual({
      ok: true,
      value: {user: undefined, pgdata: '/var/lib/postgres/pgaf'},
    });
    expect(await containerOwner(vm3, ['docker'], 'pg_node1')).toMatchObject({
      ok: false,
      problem: {kind: 'container-missing'},
    });
  });

  test('a container that stops is seen by its event, long before the next look', async () => {
    const samples: Sample<readonly Container[]>[] = [];
    const watch = watchContainers(host('vm2'), ['docker'], sample => samples.push(sample), clock);
    stops.push(() => watch.close());
    const state = () => current(samples.at(-1))?.find(container => container.name === 'pg_node2')?.state;
    await vi.waitFor(() => expect(state()).toBe('running'), soon);
    await lab.fault('kill', 'pg_node2');
    await vi.waitFor(() => expect(state()).not.toBe('running'), soon);
  });

  test('who may not use docker is told how to get there', async () => {
    expect(await containers(host('vm1', 'nodocker'), ['docker'])).toMatchObject({
      ok: false,
      problem: {
        kind: 'docker-permission',
        message: 'no permission to use docker on vm1',
        remedy: expect.stringContaining('usermod -aG docker'),
      },
    });
    expect(await containers(host('vm1'), ['podman'])).toMatchObject({
      ok: false,
      problem: {kind: 'docker-missing', message: expect.stringContaining('podman is not installed on vm1')},
    });
  });

  test('a daemon that hangs is said to, and comes back', async () => {
    const vm1 = host('vm1');
    expect(await containers(vm1, ['docker'])).toMatchObject({ok: true});
    await lab.fault('freeze', 'vm1', 'dockerd');
    expect(await containers(vm1, ['docker'], {deadlineMs: 2000})).toMatchObject({
      ok: false,
      problem: {kind: 'docker-down', message: 'docker on vm1 has not answered for 2 s'},
    });
    const samples: Sample<readonly Container[]>[] = [];
    const watch = watchContainers(vm1, ['docker'], sample => samples.push(sample), clock);
    stops.push(() => watch.close());
    await vi.waitFor(() => expect(problemOf(samples.at(-1))?.kind).toBe('docker-down'), soon);
    await lab.fault('thaw');
    await vi.waitFor(() => expect(current(samples.at(-1))).toBeDefined(), soon);
  });

  test('nothing of ours runs on the host after close', async () => {
    const vm1 = host('vm1');
    const watch = watchContainers(vm1, ['docker'], () => undefined, clock);
    const running = async () =>
      (await lab.exec('vm1', ['sh', '-c', 'ps -eo args | grep "docker event[s]" || true'])).stdout;
    await vi.waitFor(async () => expect(await running()).toContain('docker events'), soon);
    watch.close();
    await vi.waitFor(async () => expect(await running()).toBe(''), soon);
  });
});
