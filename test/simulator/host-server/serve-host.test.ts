import {once} from 'node:events';
import {PassThrough} from 'node:stream';
import {describe, expect, test} from 'vitest';
import {current, problemOf, type Sample} from '../../../source/cluster/sample.ts';
import type {Container} from '../../../source/cluster/snapshot.ts';
import {containers, watchContainers} from '../../../source/docker/docker.ts';
import {followContainerLog, type LogLine} from '../../../source/logs/container-log.ts';
import {newKey} from '../../../source/simulator/host-server/new-key.ts';
import {firstResult, open, problemOfConnecting} from '../../ssh/hosts.ts';
import {until} from '../../ssh/until.ts';
import {settledWorld} from '../stage.ts';
import {run, serve} from './console.ts';

const clock = {now: Date.now, random: () => 0};
const deadline = {deadlineMs: 5000};
const docker = ['docker'];

describe('the console on a simulated host', () => {
  test('connects with its key and its known host, and runs commands', async () => {
    const host = (await serve(settledWorld(), 'vm1')).open();
    expect(await firstResult(host)).toBeUndefined();
    expect(await host.run(['hostname'], deadline)).toMatchObject({ok: true, value: {stdout: 'vm1\n', exitCode: 0}});
    expect(await host.run(['no-such', 'it is'], deadline)).toMatchObject({
      ok: true,
      value: {stderr: 'sh: 1: no-such: not found\n', exitCode: 127},
    });
    expect(await host.run(['cat'], {...deadline, stdin: 'ein Wört\n'})).toMatchObject({value: {stdout: 'ein Wört\n'}});
  });

  test('a short program loses none of its output', async () => {
    const host = (await serve(settledWorld(), 'vm1')).open();
    for (let round = 0; round < 20; round += 1) {
      expect(await host.run(['cat', '/none'], deadline)).toMatchObject({
        value: {stderr: 'cat: /none: No such file or directory\n', exitCode: 1},
      });
    }
  });

  test('another key is refused as sshd refuses it', async () => {
    const {settings} = await serve(settledWorld(), 'vm1', {userKey: newKey().public});
    expect(await problemOfConnecting(settings)).toMatchObject({kind: 'authentication'});
  });

  test('more commands at once than one connection may have', async () => {
    const world = settledWorld();
    run(world);
    const host = (await serve(world, 'vm1')).open();
    const all = await Promise.all(Array.from({length: 14}, () => host.run(['sleep', '0.2'], deadline)));
    expect(all.every(each => each.ok && each.value.exitCode === 0)).toBe(true);
  });

  test('sees its containers, each in its state', async () => {
    const world = settledWorld();
    world.faults.kill('pg_node3');
    const host = (await serve(world, 'vm3')).open();
    const outcome = await containers(host, ['sudo', '-n', 'docker']);
    expect(outcome).toMatchObject({
      ok: true,
      value: [
        {name: 'pg_monitor', state: 'running', restarts: 0, image: 'citusdata/pg_auto_failover:15'},
        {name: 'pg_node3', state: 'exited', exitCode: 137},
      ],
    });
    const expected = world.containers('vm3').map(({startedAt, id}) => ({startedAt, id}));
    expect(outcome.ok ? outcome.value : []).toMatchObject(expected);
  });

  test('hears of what happens to them', async () => {
    const world = settledWorld();
    run(world);
    const served = await serve(world, 'vm2');
    const host = served.open();
    const samples: Sample<readonly Container[]>[] = [];
    const watch = watchContainers(host, docker, sample => samples.push(sample), clock);
    const state = () => current(samples.at(-1))?.[0]?.state;
    await until(() => samples.length >= 2 && state() === 'running');
    world.faults.kill('pg_node2');
    await until(() => state() === 'exited');
    world.faults.start('pg_node2');
    await until(() => state() === 'running');
    watch.close();
    await until(() => served.listeners() === 1);
  });

  test('follows a log through a stop of the container, without a line twice', async () => {
    const world = settledWorld();
    world.docker.restart('vm1', 'pg_node1');
    world.advance(20_000);
    run(world, 5);
    const served = await serve(world, 'vm1');
    const host = served.open();
    const lines: LogLine[] = [];
    const log = followContainerLog(
      {host, docker, container: 'pg_node1', tail: 5, clock},
      {lines: more => lines.push(...more), state: () => undefined},
    );
    await until(() => lines.length >= 5);
    expect(await host.run(['docker', 'restart', 'pg_node1'], deadline)).toMatchObject({
      ok: true,
      value: {stdout: 'pg_node1\n'},
    });
    await until(() => lines.some(({text}) => text.startsWith('started again')));
    await until(() => lines.filter(({stream}) => stream === 'stderr').length > 12);
    log.close();
    const own = lines.filter(({stream}) => stream === 'stderr');
    const all = world.lines('vm1', 'pg_node1').map(({text}) => text);
    const from = all.lastIndexOf(own[0]?.text ?? '');
    expect(own.map(({text}) => text)).toEqual(all.slice(from, from + own.length));
    await until(() => served.listeners() === 1);
  });
});

describe('faults of the world', () => {
  test('a partition silences what was open; when it heals, all goes on', async () => {
    const world = settledWorld();
    const served = await serve(world, 'vm1');
    const host = served.open();
    expect(await firstResult(host)).toBeUndefined();
    world.faults.partition('vm1');
    await until(() => problemOf(host.link())?.kind === 'timeout');
    host.retryNow();
    world.faults.heal();
    await until(() => current(host.link()) !== undefined);
    expect(await host.run(['hostname'], deadline)).toMatchObject({ok: true, value: {stdout: 'vm1\n'}});
  });

  test('a short loss delays bytes and loses none', async () => {
    const world = settledWorld();
    const served = await serve(world, 'vm1');
    const host = served.open();
    expect(await firstResult(host)).toBeUndefined();
    world.faults.freeze('vm1', 'sshd');
    const answer = host.run(['hostname'], deadline);
    world.faults.thaw();
    expect(await answer).toMatchObject({ok: true, value: {stdout: 'vm1\n'}});
  });

  test('a host that is off says nothing, and answers when it is back', async () => {
    const world = settledWorld();
    const served = await serve(world, 'vm1');
    const host = served.open();
    expect(await firstResult(host)).toBeUndefined();
    world.faults.powerOff('vm1');
    await until(() => problemOf(host.link())?.kind === 'timeout');
    expect(await problemOfConnecting(served.settings)).toMatchObject({kind: 'timeout'});
    world.faults.powerOn('vm1');
    world.advance(10_000);
    host.retryNow();
    await until(() => current(host.link()) !== undefined);
    expect(await containers(host, docker)).toMatchObject({ok: true, value: [{state: 'running'}]});
  });

  test('old connections are reset when the power is back, not before', async () => {
    const world = settledWorld();
    const served = await serve(world, 'vm1');
    const old = open({...served.settings, timing: {keepaliveMs: 60_000}});
    expect(await firstResult(old)).toBeUndefined();
    world.faults.powerOff('vm1');
    const before = old.link();
    const asked = old.run(['hostname'], {deadlineMs: 100});
    expect(await asked).toMatchObject({ok: false});
    expect(old.link()).toBe(before);
    world.faults.powerOn('vm1');
    world.advance(10_000);
    await until(() => old.link() !== before);
  });

  test('a frozen daemon of docker is told apart from a lost host', async () => {
    const world = settledWorld();
    const host = (await serve(world, 'vm1')).open();
    expect(await firstResult(host)).toBeUndefined();
    world.faults.freeze('vm1', 'dockerd');
    const outcome = await containers(host, docker, {deadlineMs: 300});
    expect(outcome).toMatchObject({ok: false, problem: {kind: 'docker-down'}});
    expect(await host.run(['hostname'], deadline)).toMatchObject({ok: true});
    world.faults.thaw();
    expect(await containers(host, docker)).toMatchObject({ok: true, value: [{name: 'pg_node1'}]});
  });

  test('a slow network shows in the round trip', async () => {
    const world = settledWorld();
    world.faults.slow('vm1', 60);
    const host = (await serve(world, 'vm1')).open();
    expect(await firstResult(host)).toBeUndefined();
    await until(() => (current(host.link())?.roundTripMs ?? 0) >= 59);
  });
});

describe('tunnels', () => {
  test('carry bytes both ways, and end with either side', async () => {
    const world = settledWorld();
    const asked: string[] = [];
    const ends: PassThrough[] = [];
    const served = await serve(world, 'vm1', {
      connect(address, port) {
        asked.push(`${address}:${port}`);
        if (port === 1) return 'refused';
        if (port === 2) return 'silent';
        const echo = new PassThrough();
        ends.push(echo);
        return echo;
      },
    });
    const host = served.open();
    const tunnel = await host.forward('10.0.0.13', 6000, 2000);
    if (!tunnel.ok) throw new Error(tunnel.problem.message);
    tunnel.value.write('ping');
    expect(String((await once(tunnel.value, 'data'))[0])).toBe('ping');
    expect(asked).toEqual(['10.0.0.13:6000']);
    tunnel.value.destroy();
    await until(() => ends[0]?.destroyed === true);

    expect(await host.forward('10.0.0.13', 1, 2000)).toMatchObject({ok: false, problem: {kind: 'refused'}});
    expect(await host.forward('10.0.0.13', 2, 100)).toMatchObject({ok: false, problem: {kind: 'timeout'}});
    const second = await host.forward('10.0.0.13', 6000, 2000);
    if (!second.ok) throw new Error(second.problem.message);
    ends[1]?.destroy();
    await once(second.value.resume(), 'close');
  });
});
