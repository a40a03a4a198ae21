import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {connect} from 'node:net';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import {runPgaf} from '../commands/run-pgaf.ts';
import {isSettled, type NodeState} from './cluster.ts';
import {must, run} from './command.ts';
import {type Lab, planOf, raiseLab} from './lab.ts';
import {networkOf} from './machine.ts';
import {bridgeOf} from './network.ts';
import {labDirectory, stateDirectory} from './places.ts';
import {labProcesses} from './processes.ts';
import {removeLab} from './remove.ts';
import {status} from './status.ts';
import {waitUntil} from './wait.ts';

// A lab of its own, since this is about raising and removing it.
const name = `self-${process.pid}`;
const half = 30_000;
let lab: Lab;
let owner: ChildProcess;

beforeAll(async () => {
  owner = spawn('sleep', ['3600'], {stdio: 'ignore'});
  lab = await raiseLab({name, fast: true, owner: owner.pid ?? 0});
});

afterAll(async () => {
  owner.kill('SIGKILL');
  await removeLab(name);
});

describe('up', () => {
  it('gives three machines with a healthy cluster of three nodes on them', async () => {
    const nodes = await lab.showState();
    expect(new Set(nodes.map(node => `${node.nodename} ${node.current_group_state}`))).toEqual(
      new Set(['pg_node1 primary', 'pg_node2 secondary', 'pg_node3 secondary']),
    );
    expect(await lab.monitorQuery('select number_sync_standbys from pgautofailover.formation')).toEqual([
      {number_sync_standbys: 1},
    ]);
    for (const host of lab.hosts()) expect((await lab.exec(host.name, ['hostname'])).stdout.trim()).toBe(host.name);
  });

  it('is as its configuration describes it, for pgaf bootstrap', async () => {
    const {stderr} = await runPgaf('bootstrap', '--plan', '--config', lab.configFile);
    expect(stderr).toContain('is as the configuration describes it');
  });

  it('writes a configuration with which ssh gets into each machine', async () => {
    const configuration: unknown = parse(readFileSync(lab.configFile, 'utf8'));
    expect(configuration).toMatchObject({
      clusters: [{name, hosts: lab.hosts().map(({name: host, address}) => ({name: host, address}))}],
    });
    expect((await ssh('vm3', 'root', ['docker', 'ps', '--format', '{{.Names}}'])).stdout.split('\n')).toContain(
      'pg_monitor',
    );
    expect((await ssh('vm1', 'oncall', ['docker', 'ps', '--quiet'])).exitCode).toBe(0);
    expect((await ssh('vm1', 'nodocker', ['docker', 'ps'])).stderr).toContain('permission denied');
  });

  it('called again finds what runs and changes nothing', async () => {
    const before = await identities();
    await raiseLab({name});
    expect(await identities()).toEqual(before);
  });

  it('has a status for people', async () => {
    const text = await status(planOf(name));
    expect(text).toMatch(/^vm1 +on +10\.77\.\d+\.11 +answers +answers +pg_node1 \(Up/m);
    expect(text).toMatch(/pg_node3 .* secondary/);
  });
});

describe('faults', () => {
  it('poweroff takes a machine with all that runs on it, poweron brings it back', async () => {
    await twice('poweroff', 'vm2');
    expect(hostNamed('vm2').pid).toBeUndefined();
    await lab.waitFor(nodes => named(nodes, 'pg_node2').health === 0, half);
    // The machine is not there: nobody refuses, and nobody answers.
    expect(await reach('vm2', 22)).toBe('nothing');
    await raiseLab({name});
    expect(hostNamed('vm2').pid).toBeUndefined();
    await twice('poweron', 'vm2');
    await lab.waitFor(isSettled, 2 * half);
  });

  it('partition swallows packets between all or between two, heal ends it', async () => {
    await twice('partition', 'vm1', 'vm2');
    expect([await reachFrom('vm1', 'vm2'), await reachFrom('vm1', 'vm3'), await reach('vm2', 22)]).toEqual([
      'nothing',
      'answers',
      'answers',
    ]);
    await twice('heal');
    await twice('partition', 'vm2');
    expect([await reachFrom('vm3', 'vm2'), await reachFrom('vm1', 'vm3'), await reach('vm2', 22)]).toEqual([
      'nothing',
      'answers',
      'nothing',
    ]);
    await twice('heal');
    expect([await reachFrom('vm3', 'vm2'), await reach('vm2', 22)]).toEqual(['answers', 'answers']);
  });

  it('freeze stops a daemon and its sessions, thaw lets them go on', async () => {
    const session = spawn('ssh', [...sshOptions, 'vm2', 'cat'], {stdio: ['pipe', 'pipe', 'ignore']});
    try {
      session.stdin.write('a line\n');
      await new Promise(resolve => session.stdout.once('data', resolve));
      await twice('freeze', 'vm2', 'sshd');
      const states = (await lab.exec('vm2', ['ps', '-C', 'sshd', '-o', 'stat='])).stdout.trim().split('\n');
      expect(states.length).toBeGreaterThan(1);
      expect(states.filter(state => !state.startsWith('T'))).toEqual([]);
      await twice('freeze', 'vm2', 'dockerd');
      expect((await lab.exec('vm2', ['docker', 'ps'], {timeout: 1000})).exitCode).toBeNull();
      await twice('thaw');
      const echoed = new Promise(resolve => session.stdout.once('data', resolve));
      session.stdin.write('another\n');
      await echoed;
      expect((await lab.exec('vm2', ['docker', 'ps'])).exitCode).toBe(0);
    } finally {
      session.kill('SIGKILL');
    }
  });

  it('slow makes a machine answer later than the others', async () => {
    await twice('slow', 'vm2', 1000);
    const order: string[] = [];
    await Promise.all(['vm2', 'vm1'].map(async host => order.push(`${host} ${await reach(host, 22, 10_000)}`)));
    expect(order).toEqual(['vm1 answers', 'vm2 answers']);
    await twice('slow', 'vm2', 0);
    expect(await reach('vm2', 22)).toBe('answers');
  });

  it('kill and stop take a container down, start brings it back', async () => {
    for (const fault of ['kill', 'stop']) {
      await twice(fault, 'pg_node2');
      expect(await isRunning('vm2', 'pg_node2')).toBe('false');
      await twice('start', 'pg_node2');
      expect(await isRunning('vm2', 'pg_node2')).toBe('true');
    }
    await lab.waitFor(isSettled, 2 * half);
  });

  it('load writes rows to the primary until it is told to end', async () => {
    await twice('load', 50);
    const progress = await waitUntil('rows are written', half, () => {
      const reached = lab.loadProgress();
      return reached !== undefined && reached.acknowledged > 20 ? reached : undefined;
    });
    await twice('load', 0);
    const count = ['psql', '-XqAt', '-d', 'postgres', '-c', 'select count(*) from lab_load'];
    const {stdout} = await lab.dockerExec('vm1', 'pg_node1', count);
    expect(Number(stdout)).toBeGreaterThanOrEqual(progress.acknowledged);
    expect(labProcesses(name).filter(({role}) => role === 'load')).toEqual([]);
  });

  it('restore takes all of them back', async () => {
    await lab.fault('partition', 'vm3');
    await lab.fault('freeze', 'vm2', 'sshd');
    await lab.fault('stop', 'pg_node2');
    await lab.fault('slow', 'vm1', 20);
    expect(isSettled(await lab.restore())).toBe(true);
    expect(await status(planOf(name))).not.toContain('fault:');
  });
});

describe('removal', () => {
  it('leaves nothing when the owner was killed', async () => {
    const bridge = bridgeOf(networkOf(planOf(name)));
    await lab.fault('slow', 'vm1', 20);
    await lab.fault('partition', 'vm2');
    await lab.fault('load', 5);
    expect(await remains(bridge)).not.toEqual([]);
    owner.kill('SIGKILL');
    await waitUntil(
      'the watchdog removed the lab',
      half,
      () => !existsSync(stateDirectory(name)) && labProcesses(name).length === 0,
    );
    expect(await remains(bridge)).toEqual([]);
    await lab.down();
  });
});

const sshOptions = ['-F', `${labDirectory(name)}/ssh_config`, '-o', 'BatchMode=yes'];

function ssh(host: string, user: string, argv: readonly string[]) {
  return run(['ssh', ...sshOptions, '-l', user, host, argv.map(word => `'${word}'`).join(' ')]);
}

// Injecting a fault again has to have no further effect.
async function twice(fault: string, ...args: (string | number)[]): Promise<void> {
  await lab.fault(fault, ...args);
  await lab.fault(fault, ...args);
}

function hostNamed(host: string) {
  const found = lab.hosts().find(candidate => candidate.name === host);
  if (found === undefined) throw new Error(`no host ${host}`);
  return found;
}

function named(nodes: readonly NodeState[], node: string): NodeState {
  const found = nodes.find(candidate => candidate.nodename === node);
  if (found === undefined) throw new Error(`no node ${node}`);
  return found;
}

async function identities(): Promise<unknown> {
  const containers = await Promise.all(
    lab
      .hosts()
      .map(host => lab.exec(host.name, ['docker', 'ps', '--all', '--no-trunc', '--format', '{{.ID}} {{.Names}}'])),
  );
  return {hosts: lab.hosts(), containers: containers.map(({stdout}) => stdout)};
}

async function isRunning(host: string, container: string): Promise<string> {
  return (await lab.exec(host, ['docker', 'inspect', '--format', '{{.State.Running}}', container])).stdout.trim();
}

// What a client finds there: something answers, something refuses, or there is nothing (silence, or no such neighbour).
function reach(host: string, port: number, patience = 1500): Promise<'answers' | 'refused' | 'nothing'> {
  return new Promise(resolve => {
    const socket = connect({host: hostNamed(host).address, port});
    const end = (answer: 'answers' | 'refused' | 'nothing') => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patience, () => end('nothing'));
    socket.once('data', () => end('answers'));
    socket.once('error', error => end('code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'nothing'));
  });
}

async function reachFrom(host: string, other: string): Promise<'answers' | 'refused' | 'nothing'> {
  const {exitCode} = await lab.exec(host, ['timeout', '1.5', 'bash', '-c', `</dev/tcp/${hostNamed(other).address}/22`]);
  if (exitCode === 0) return 'answers';
  return exitCode === 124 ? 'nothing' : 'refused';
}

// Whatever on this machine still carries the lab's name or the name of its bridge.
async function remains(bridge: string): Promise<string[]> {
  const groups = await run(['find', '/sys/fs/cgroup', '-maxdepth', '3', '-name', `pgaf-lab-${name}-*`]);
  const listings = [
    readFileSync('/proc/mounts', 'utf8'),
    await must(['ip', 'netns', 'list']),
    await must(['ip', '-oneline', 'link']),
    await must(['iptables-save']),
    await must(['ebtables-save']),
    groups.stdout,
    labProcesses(name)
      .map(({pid, role}) => `process ${pid} ${role} of ${name}`)
      .join('\n'),
    [stateDirectory(name), labDirectory(name)].filter(existsSync).join('\n'),
  ];
  const own = new RegExp(`${name}|\\b${bridge}\\b`);
  return listings.flatMap(listing => listing.split('\n')).filter(line => own.test(line));
}
