import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {sharedLab} from '../lab/shared-lab.ts';
import {consoleProgram} from '../robot/console-program.ts';
import {ended} from './run-pgaf.ts';

const lab = await sharedLab();
const folder = mkdtempSync(path.join(os.tmpdir(), 'pgaf-check-lab-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const [vm1, vm2, vm3] = lab.hosts();
const key = path.join(lab.directory, 'id_ed25519');
const knownHosts = path.join(lab.directory, 'known_hosts');

type HostLines = Record<string, string | number>;
const first: HostLines = {
  name: 'vm1',
  address: vm1?.address ?? '',
  user: 'oncall',
  identityFile: key,
  knownHostsFile: knownHosts,
  node: '{container: pg_node1}',
};
const third: HostLines = {...first, name: 'vm3', address: vm3?.address ?? '', node: '{container: pg_node3}'};

/** Checks a cluster of these hosts, as where nobody is there to be asked: the process has no terminal. */
async function check(...hosts: HostLines[]): Promise<{exitCode: number | null; stdout: string; lines: string[]}> {
  const file = path.join(folder, 'pgaf.yaml');
  const entries = hosts.map(host => Object.entries(host).map(([name, value]) => `${name}: ${value}`));
  writeFileSync(
    file,
    `clusters:\n  - name: lab\n    hosts:\n${entries.map(lines => `      - ${lines.join('\n        ')}\n`).join('')}`,
  );
  const child = spawn(consoleProgram.node, [consoleProgram.bundle, 'config', 'check', '--config', file], {
    env: {PATH: process.env.PATH ?? '', HOME: folder, LANG: 'C.UTF-8'},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    timeout: 60_000,
  });
  const {exitCode, stdout, stderr} = await ended(child);
  expect(stderr).toBe('');
  expect(stdout).not.toMatch(/^ +at /m);
  return {exitCode, stdout, lines: stdout.split('\n').map(line => line.trim().replaceAll(/ {2,}/g, '  '))};
}

function keyPair(name: string, passphrase = ''): string {
  const file = path.join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);
  return file;
}

test('the lab’s own configuration: everything is tried, and all of it works', async () => {
  const {stdout, exitCode} = await check(first, {...third, monitor: '{container: pg_monitor, port: 6000}'});
  expect(stdout).not.toContain('FAILED');
  expect(stdout).toMatch(/monitor's database, port 6000 +ok +pg_auto_failover 2\.\d, 3 nodes in formation default/);
  expect(exitCode).toBe(0);
});

describe('ssh', () => {
  test('a wrong key: which one was tried', async () => {
    const wrong = keyPair('wrong');
    const {stdout, exitCode} = await check({...first, identityFile: wrong});
    expect(stdout).toContain(`does not let oncall in: tried key ${wrong} (SHA256:`);
    expect(stdout).toContain('-> ');
    expect(exitCode).toBe(69);
  });

  test('an encrypted key that nobody unlocks', async () => {
    const {stdout, exitCode} = await check({...first, identityFile: keyPair('encrypted', 'open sesame')});
    expect(stdout).toContain('does not let oncall in');
    expect(exitCode).toBe(69);
  });

  test('an unknown host key: its fingerprint, and how to compare it', async () => {
    const empty = path.join(folder, 'empty');
    writeFileSync(empty, '');
    const {stdout, exitCode} = await check({...first, knownHostsFile: empty});
    expect(stdout).toMatch(/the host key of vm1 .* is not known: ssh-ed25519 SHA256:/);
    expect(stdout).toContain('ssh-keygen -lf');
    expect(readFileSync(empty, 'utf8')).toBe('');
    expect(exitCode).toBe(69);
  });

  test('a changed host key is refused with both fingerprints', async () => {
    const changed = path.join(folder, 'changed');
    const others = readFileSync(knownHosts, 'utf8')
      .split('\n')
      .filter(line => line.startsWith(`${vm2?.address} `));
    writeFileSync(changed, others.map(line => line.replace(vm2?.address ?? '', vm1?.address ?? '')).join('\n'));
    const {stdout, exitCode} = await check({...first, knownHostsFile: changed});
    expect(stdout.match(/SHA256:/g)?.length).toBeGreaterThanOrEqual(2);
    expect(exitCode).toBe(69);
  });

  test('a port where nothing listens, beside a host that works: 1', async () => {
    const {lines, exitCode} = await check({...first, port: 2222}, third);
    expect(lines).toContain(`vm1 (${vm1?.address}:2222) refused the connection: nothing listens on port 2222`);
    expect(
      lines.some(line => /^vm3 {2}psql in pg_node3, port 5432 {2}ok {2}a (standby|primary), timeline \d+$/.test(line)),
    ).toBe(true);
    expect(exitCode).toBe(1);
  });

  test('through another host of the cluster', async () => {
    const {stdout, exitCode} = await check({...first, jump: 'vm3'}, third);
    expect(stdout).toContain(`ssh oncall@${vm1?.address} through oncall@${vm3?.address}`);
    expect(stdout).not.toContain('FAILED');
    expect(exitCode).toBe(0);
  });
});

describe('docker and what it runs', () => {
  test('no permission', async () => {
    const {stdout, lines, exitCode} = await check({...first, user: 'nodocker'});
    expect(lines).toContain('no permission to use docker on vm1');
    expect(stdout).toContain('usermod -aG docker');
    expect(exitCode).toBe(1);
  });

  test('an absent container', async () => {
    const {lines, exitCode} = await check({...first, node: '{container: pg_node7}'});
    expect(lines).toContain('there is no container pg_node7 on vm1');
    expect(lines).toContain('-> it has pg_node1; correct the name in the configuration');
    expect(exitCode).toBe(1);
  });

  test('another port of PostgreSQL', async () => {
    const {lines, exitCode} = await check({...first, node: '{container: pg_node1, port: 5499}'});
    expect(lines).toContain('PostgreSQL in pg_node1 on vm1 does not run, or not on port 5499');
    expect(exitCode).toBe(1);
  });
});

describe('the monitor', () => {
  test('a wrong port: found all the same, and said', async () => {
    const {stdout, exitCode} = await check({...third, monitor: '{container: pg_monitor, port: 6001}'});
    expect(stdout).toContain('but on port 6000: correct `port` of the monitor in the configuration');
    expect(exitCode).toBe(0);
  });

  test('stopped', async () => {
    await lab.fault('stop', 'pg_monitor');
    try {
      const {stdout, exitCode} = await check({...third, monitor: '{container: pg_monitor, port: 6000}'});
      expect(stdout).toMatch(/pg_monitor on vm3 is exited with status \d+/);
      expect(stdout).toMatch(/monitor's database, port 6000 +FAILED/);
      expect(exitCode).toBe(1);
    } finally {
      await lab.restore();
    }
  });
});
