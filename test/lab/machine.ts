import {type ChildProcess, spawn} from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {request} from 'node:http';
import {connect} from 'node:net';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {accountFiles} from './accounts.ts';
import {type CommandOptions, type CommandResult, must, plainEnvironment, run} from './command.ts';
import {hostKeys, sshdConfiguration} from './keys.ts';
import {cutCable, type Network, plugIn, portOf, unplug} from './network.ts';
import {labDirectory, repositoryDirectory, stateDirectory} from './places.ts';
import type {Plan} from './plan.ts';
import {firstChild, killProcesses, labProcesses, leader, marks, readProcess} from './processes.ts';
import {waitUntil} from './wait.ts';

/** The numbers that a lab's machines can have. */
const machineIndexes = [1, 2, 3, 4] as const;

/** The numbers of a lab's machines. */
export function machinesOf({machines}: Pick<Plan, 'machines'>): readonly number[] {
  return machineIndexes.slice(0, machines);
}

/** The name of a machine: its hostname, its name in cluster.yaml, and its role among the lab's processes. */
export function machineName(index: number): string {
  return `vm${index}`;
}

/** Makes a machine's disk, accounts and keys, unless they are there. Gives its known_hosts lines. */
export async function prepareMachine(plan: Plan, index: number, authorizedKey: string): Promise<string[]> {
  const etc = etcDirectory(plan, index);
  mkdirSync(join(etc, 'ssh'), {recursive: true});
  const port = portOf(networkOf(plan), index);
  const files = {
    ...accountFiles(),
    hostname: `${machineName(index)}\n`,
    hosts: hostsFile(plan),
    // No name server: a question for a name fails at once instead of after the resolver's patience.
    'resolv.conf': '\n',
    motd: '',
    'ssh/sshd_config': sshdConfiguration(),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(etc, name), text);
  const knownHosts = await hostKeys(join(etc, 'ssh'), port.address);
  await prepareDisk(plan, index, authorizedKey);
  return knownHosts;
}

/** Switches a machine on and waits until its sshd and dockerd answer. Does nothing for one that runs. */
export async function bootMachine(plan: Plan, index: number): Promise<void> {
  const name = machineName(index);
  const started =
    leader(plan.name, name) === undefined
      ? startFirstProcess(plan, index, (await plugIn(networkOf(plan), index)).namespace)
      : undefined;
  await waitUntil(`${name} answers (see ${consoleLog(plan, index)})`, 60_000, async () => {
    if (started !== undefined && (started.exitCode ?? started.signalCode) !== null) {
      throw new Error(`${name} stopped while it booted: see ${consoleLog(plan, index)}`);
    }
    return sshdListens(plan.name, index) && (await dockerdAnswers(plan, index));
  });
}

/** Cuts a machine's power: all of it is gone at once, and nothing is sent to anybody. */
export async function cutPower(plan: Plan, index: number): Promise<void> {
  await cutCable(networkOf(plan), index);
  await killProcesses(plan.name, role => role === machineName(index));
  await unplug(networkOf(plan), index);
}

/** Gives a machine whose power is off a disk on which nothing was ever done. */
export async function replaceDisk(plan: Plan, index: number, authorizedKey: string): Promise<void> {
  rmSync(diskDirectory(plan, index), {recursive: true, force: true});
  await prepareDisk(plan, index, authorizedKey);
}

/** The process number, as this machine sees it, of a running machine's first process. */
export function firstProcess(lab: string, index: number): number | undefined {
  const outer = leader(lab, machineName(index));
  return outer === undefined ? undefined : firstChild(outer);
}

/** Argv that runs argv inside a machine as root, by way of its namespaces: works without sshd and without the network. */
export function inside(lab: string, index: number, argv: readonly string[]): string[] {
  const pid = firstProcess(lab, index);
  if (pid === undefined) throw new Error(`${machineName(index)} of lab ${lab} is off`);
  return ['nsenter', `--target=${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', ...argv];
}

/** Runs argv inside a machine as root. */
export async function runInside(
  lab: string,
  index: number,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return run(inside(lab, index, argv), options);
}

/** Whether something listens on the machine's port 22. Asks its kernel: a partition hides nothing from this. */
export function sshdListens(lab: string, index: number): boolean {
  const pid = firstProcess(lab, index);
  if (pid === undefined) return false;
  return /: 0+:0016 0+:0000 0A /.test(readProcess(String(pid), 'net/tcp'));
}

/** Whether the machine's sshd greets within a second, by way of the network. */
export function sshdAnswers(plan: Plan, index: number): Promise<boolean> {
  const {address} = portOf(networkOf(plan), index);
  return new Promise(resolve => {
    const socket = connect({host: address, port: 22});
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once('data', data => end(data.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** Whether the machine's dockerd answers within a second. Its socket is reached by way of the first process's root. */
export function dockerdAnswers(plan: Plan, index: number): Promise<boolean> {
  const pid = firstProcess(plan.name, index);
  if (pid === undefined) return Promise.resolve(false);
  return new Promise(resolve => {
    const ping = request({socketPath: `/proc/${pid}/root/run/docker.sock`, path: '/_ping', timeout: 1000}, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once('timeout', () => ping.destroy(new Error('no answer')));
    ping.once('error', () => resolve(false));
    ping.end();
  });
}

/** Removes the folders in which the kernel counted the machines' containers. */
export function removeControlGroups(lab: string): void {
  const base = '/sys/fs/cgroup';
  if (!existsSync(base)) return;
  const hierarchies = [
    base,
    ...readdirSync(base, {withFileTypes: true}).flatMap(entry => (entry.isDirectory() ? [join(base, entry.name)] : [])),
  ];
  for (const hierarchy of hierarchies) {
    for (const index of machineIndexes) removeGroup(join(hierarchy, controlGroup(lab, index)));
  }
}

/** Whether anything of the lab's machines runs. */
export function anyMachineRuns(lab: string): boolean {
  return labProcesses(lab).some(({role}) => machineIndexes.some(index => role === machineName(index)));
}

/** The network of a lab that was raised. */
export function networkOf(plan: Plan): Network {
  return {lab: plan.name, number: plan.networkNumber};
}

/** What a machine said while it booted, and what its sshd and dockerd said since, is beside it in the lab's folder. */
export function consoleLog(plan: Plan, index: number): string {
  return join(labDirectory(plan.name), machineName(index), 'console.log');
}

function startFirstProcess(plan: Plan, index: number, namespace: string): ChildProcess {
  const name = machineName(index);
  const log = openSync(consoleLog(plan, index), 'a');
  const namespaces = ['--mount', '--uts', '--pid', '--ipc', '--fork', '--mount-proc', '--kill-child'];
  const script = fileURLToPath(new URL('boot.sh', import.meta.url));
  const argv = [`--net=/run/netns/${namespace}`, 'unshare', ...namespaces, 'bash', script];
  const env = {
    ...plainEnvironment,
    ...marks(plan.name, name),
    VM_NAME: name,
    VM_DISK: diskDirectory(plan, index),
    VM_ETC: etcDirectory(plan, index),
    VM_REPOSITORY: repositoryDirectory,
    VM_IMAGE: plan.image.data,
    VM_STORAGE_DRIVER: plan.image.storageDriver,
    VM_CGROUP: `/${controlGroup(plan.name, index)}`,
  };
  // Not `ip netns exec`: that mounts another /sys, without the control groups that dockerd needs.
  const child = spawn('nsenter', argv, {env, cwd: '/', detached: true, stdio: ['ignore', log, log]});
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
  return child;
}

async function prepareDisk(plan: Plan, index: number, authorizedKey: string): Promise<void> {
  const disk = diskDirectory(plan, index);
  for (const folder of ['root/.ssh', 'opt']) mkdirSync(join(disk, folder), {recursive: true, mode: 0o700});
  writeFileSync(join(disk, 'root/.ssh/authorized_keys'), `${authorizedKey}\n`, {mode: 0o600});
  const docker = join(disk, 'docker');
  if (existsSync(docker)) return;
  const unfinished = `${docker}.unfinished`;
  rmSync(unfinished, {recursive: true, force: true});
  await copyWithoutLayers(plan.image.data, unfinished);
  renameSync(unfinished, docker);
}

// The layers themselves are mounted over the empty folders at boot, see boot.sh. Owners and modes matter, hence cp.
async function copyWithoutLayers(from: string, to: string): Promise<void> {
  mkdirSync(to);
  const layers = '--exclude=./overlay2/*/diff/*';
  const script = 'set -o pipefail; tar -C "$1" "$3" -cf - . | tar -C "$2" --same-owner -xpf -';
  await must(['bash', '-c', script, 'copy', from, to, layers]);
}

function hostsFile(plan: Plan): string {
  const others = machinesOf(plan).map(index => `${portOf(networkOf(plan), index).address} ${machineName(index)}`);
  return ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', ...others, ''].join('\n');
}

function diskDirectory(plan: Plan, index: number): string {
  return join(stateDirectory(plan.name), machineName(index));
}

function etcDirectory(plan: Plan, index: number): string {
  return join(labDirectory(plan.name), machineName(index), 'etc');
}

function controlGroup(lab: string, index: number): string {
  return `pgaf-lab-${lab}-${machineName(index)}`;
}

function removeGroup(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, {withFileTypes: true}))
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  rmdirSync(folder);
}
