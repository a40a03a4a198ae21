import {afterEach, describe, expect, test, vi} from 'vitest';
import {followContainerLog, type LogLine} from '../../source/logs/container-log.ts';
import {sanitizeLine} from '../../source/logs/sanitize.ts';
import {openLabHost} from '../docker/lab-host.ts';
import {sharedLab} from '../lab/shared-lab.ts';

const lab = await sharedLab();
const soon = {timeout: 60_000, interval: 20};
const closers: (() => Promise<void>)[] = [];

function follow(host: string, container: string): {lines: LogLine[]; close(): Promise<void>} {
  const connection = openLabHost(lab, host);
  const lines: LogLine[] = [];
  const log = followContainerLog(
    {host: connection, docker: ['docker'], container, tail: 100_000, clock: {now: Date.now, random: Math.random}},
    {lines: batch => lines.push(...batch), state: () => undefined},
  );
  const close = async () => {
    log.close();
    await connection.close();
  };
  closers.push(close);
  return {lines, close};
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await lab.restore();
});

describe("the log of a real cluster's container", () => {
  test('goes on through a restart of the container and a power cut of its host, without a line twice or lost', async () => {
    const {lines} = follow('vm2', 'pg_node2');
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(5), soon);
    await lab.fault('kill', 'pg_node2');
    await vi.waitFor(() => expect(lines.some(line => line.text === 'pg_node2 stopped')).toBe(true), soon);
    await lab.fault('start', 'pg_node2');
    await vi.waitFor(() => expect(lines.some(line => line.text.startsWith('started again after'))).toBe(true), soon);
    await lab.fault('poweroff', 'vm2');
    await lab.fault('poweron', 'vm2');
    await vi.waitFor(() => expect(lines.some(line => line.text.startsWith('reconnected after'))).toBe(true), soon);
    await lab.restore();

    // What docker holds now is what we have, line by line. The newest lines may still be on their way.
    const whole = await lab.exec('vm2', ['docker', 'logs', '--timestamps', 'pg_node2']);
    const held = `${whole.stdout}${whole.stderr}`
      .split('\n')
      .filter(line => line !== '')
      .map(line => sanitizeLine(line.slice(line.indexOf(' ') + 1)));
    await vi.waitFor(() => {
      const ours = lines.filter(line => line.stream !== 'gap').map(line => line.text);
      const count = (all: string[]) => all.filter(text => held.includes(text)).length;
      expect(count(ours)).toBeGreaterThanOrEqual(held.filter(text => ours.includes(text)).length);
      expect(new Set(held.filter(text => !ours.includes(text)))).toEqual(new Set());
    }, soon);
    const stamped = lines.filter(line => line.stream !== 'gap').map(line => `${line.at} ${line.text}`);
    const repeated = stamped.filter((line, index) => stamped.indexOf(line) !== index);
    const inDocker = held.filter((text, index) => held.indexOf(text) !== index);
    expect(repeated.filter(line => !inDocker.includes(line.slice(line.indexOf(' ') + 1)))).toEqual([]);
  });

  test('leaves no docker logs on the host after close', async () => {
    const running = async () =>
      (await lab.exec('vm1', ['sh', '-c', 'ps -eo args | grep "docker log[s]" || true'])).stdout;
    const {lines, close} = follow('vm1', 'pg_node1');
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(0), soon);
    expect(await running()).toContain('docker logs');
    await close();
    await vi.waitFor(async () => expect(await running()).toBe(''), soon);
  });
});
