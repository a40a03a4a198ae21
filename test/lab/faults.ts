import {monitorContainer, monitorMachine, nodeContainer} from './cluster.ts';
import {faultsInPlace, including, keepFaults, without} from './faults-in-place.ts';
import {userKey} from './keys.ts';
import {setLoad} from './load.ts';
import {
  bootMachine,
  cutPower,
  firstProcess,
  machineName,
  machinesOf,
  networkOf,
  replaceDisk,
  runInside,
} from './machine.ts';
import {portOf} from './network.ts';
import {blackHole, healNetwork} from './partition.ts';
import {labDirectory} from './places.ts';
import type {Plan} from './plan.ts';
import {slowDown} from './slow.ts';

/** A fault by its name: what it wants to know, what it does, how. Each may be injected twice and has the effect of once. */
export type Fault = {
  name: string;
  parameters: string;
  effect: string;
  inject: (plan: Plan, ...args: string[]) => Promise<void>;
};

/** All faults. `fault` of the command line and of a Lab take them from here. */
export const faults: readonly Fault[] = [
  {name: 'poweroff', parameters: 'HOST', effect: 'cuts the power of a machine', inject: powerOff},
  {name: 'poweron', parameters: 'HOST', effect: 'boots it again', inject: powerOn},
  {name: 'wipe', parameters: 'HOST', effect: 'cuts its power and gives it an empty disk', inject: wipe},
  {
    name: 'partition',
    parameters: 'HOST [HOST]',
    effect: 'drops all packets of a machine, or those between two',
    inject: partition,
  },
  {name: 'heal', parameters: '', effect: 'ends every partition', inject: heal},
  {
    name: 'freeze',
    parameters: 'HOST sshd|dockerd',
    effect: 'stops a daemon where it stands, its sessions too',
    inject: freeze,
  },
  {name: 'thaw', parameters: '', effect: 'lets everything frozen go on', inject: thaw},
  {
    name: 'kill',
    parameters: 'CONTAINER',
    effect: 'kills a container; it stays down until start',
    inject: killContainer,
  },
  {name: 'stop', parameters: 'CONTAINER', effect: 'stops a container in good order', inject: stopContainer},
  {name: 'start', parameters: 'CONTAINER', effect: 'starts it again', inject: startContainer},
  {name: 'slow', parameters: 'HOST MS', effect: 'adds milliseconds to every round trip; 0 ends it', inject: slow},
  {name: 'load', parameters: 'TPS', effect: 'writes numbered rows to the primary; 0 ends it', inject: load},
];

/** Injects a fault by name. */
export async function injectFault(plan: Plan, name: string, ...args: string[]): Promise<void> {
  const fault = faults.find(candidate => candidate.name === name);
  if (fault === undefined)
    throw new Error(`no fault is called "${name}": ${faults.map(known => known.name).join(', ')}`);
  await fault.inject(plan, ...args);
}

/** The machine a container runs on. */
export function machineOfContainer(plan: Plan, container: string): number {
  if (container === monitorContainer) return monitorMachine;
  const index = machinesOf(plan).find(candidate => nodeContainer(candidate) === container);
  if (index === undefined) throw new Error(`no container of the lab is called "${container}"`);
  return index;
}

/** The number of a machine by its name. */
export function machineNamed(plan: Plan, name: string | undefined): number {
  const index = machinesOf(plan).find(candidate => machineName(candidate) === name);
  if (index === undefined)
    throw new Error(`"${name ?? ''}" is no machine: ${machinesOf(plan).map(machineName).join(', ')}`);
  return index;
}

async function powerOff(plan: Plan, host?: string): Promise<void> {
  const index = machineNamed(plan, host);
  const name = machineName(index);
  await cutPower(plan, index);
  await slowDown(networkOf(plan), index, 0);
  keepFaults(plan.name, ({off, frozen}) => ({
    off: including(off, name),
    frozen: frozen.filter(what => !what.startsWith(`${name} `)),
  }));
}

async function powerOn(plan: Plan, host?: string): Promise<void> {
  const index = machineNamed(plan, host);
  const name = machineName(index);
  keepFaults(plan.name, ({off}) => ({off: without(off, name)}));
  await bootMachine(plan, index);
  await slowDown(networkOf(plan), index, faultsInPlace(plan.name).slow[name] ?? 0);
}

async function wipe(plan: Plan, host?: string): Promise<void> {
  await powerOff(plan, host);
  await replaceDisk(plan, machineNamed(plan, host), await userKey(labDirectory(plan.name)));
}

async function partition(plan: Plan, host?: string, other?: string): Promise<void> {
  const ends = [machineNamed(plan, host), ...(other === undefined ? [] : [machineNamed(plan, other)])].sort(
    (a, b) => a - b,
  );
  const key = ends.map(machineName).join(' ');
  if (faultsInPlace(plan.name).partitions.includes(key)) return;
  const [address = '', otherAddress] = ends.map(index => portOf(networkOf(plan), index).address);
  await blackHole(networkOf(plan), address, otherAddress);
  keepFaults(plan.name, ({partitions}) => ({partitions: including(partitions, key)}));
}

async function heal(plan: Plan): Promise<void> {
  await healNetwork(networkOf(plan));
  keepFaults(plan.name, () => ({partitions: []}));
}

async function freeze(plan: Plan, host?: string, daemon?: string): Promise<void> {
  const index = machineNamed(plan, host);
  if (daemon !== 'sshd' && daemon !== 'dockerd') throw new Error('freeze what: sshd or dockerd');
  await signalDaemon(plan, index, daemon, 'STOP');
  keepFaults(plan.name, ({frozen}) => ({frozen: including(frozen, `${machineName(index)} ${daemon}`)}));
}

async function thaw(plan: Plan): Promise<void> {
  for (const index of machinesOf(plan)) {
    for (const daemon of ['sshd', 'dockerd'] as const) await signalDaemon(plan, index, daemon, 'CONT');
  }
  keepFaults(plan.name, () => ({frozen: []}));
}

// Every sshd, hence also those of sessions that are open; newer ones run under names of their own.
async function signalDaemon(
  plan: Plan,
  index: number,
  daemon: 'sshd' | 'dockerd',
  signal: 'STOP' | 'CONT',
): Promise<void> {
  if (firstProcess(plan.name, index) === undefined) return;
  const pattern = daemon === 'sshd' ? 'sshd|sshd-session|sshd-auth' : 'dockerd';
  await runInside(plan.name, index, ['pkill', `-${signal}`, '-x', pattern]);
}

async function killContainer(plan: Plan, container = ''): Promise<void> {
  if (await isRunning(plan, container)) await docker(plan, container, ['kill', container]);
  keepFaults(plan.name, ({stopped}) => ({stopped: including(stopped, container)}));
}

async function stopContainer(plan: Plan, container = ''): Promise<void> {
  await docker(plan, container, ['stop', container]);
  keepFaults(plan.name, ({stopped}) => ({stopped: including(stopped, container)}));
}

async function startContainer(plan: Plan, container = ''): Promise<void> {
  await docker(plan, container, ['start', container]);
  keepFaults(plan.name, ({stopped}) => ({stopped: without(stopped, container)}));
}

async function slow(plan: Plan, host?: string, milliseconds?: string): Promise<void> {
  const index = machineNamed(plan, host);
  const delay = atLeastZero(milliseconds, 'milliseconds');
  await slowDown(networkOf(plan), index, delay);
  keepFaults(plan.name, ({slow: {[machineName(index)]: _before, ...others}}) => ({
    slow: delay === 0 ? others : {...others, [machineName(index)]: delay},
  }));
}

async function load(plan: Plan, rate?: string): Promise<void> {
  const transactionsPerSecond = atLeastZero(rate, 'transactions a second');
  await setLoad(plan, transactionsPerSecond);
  keepFaults(plan.name, () => ({load: transactionsPerSecond}));
}

async function isRunning(plan: Plan, container: string): Promise<boolean> {
  const running = await docker(plan, container, ['inspect', '--format', '{{.State.Running}}', container]);
  return running.trim() === 'true';
}

async function docker(plan: Plan, container: string, argv: readonly string[]): Promise<string> {
  const index = machineOfContainer(plan, container);
  const {exitCode, stdout, stderr} = await runInside(plan.name, index, ['docker', ...argv], {timeout: 90_000});
  if (exitCode !== 0) throw new Error(`docker ${argv.join(' ')} on ${machineName(index)}: ${stderr.trim()}`);
  return stdout;
}

function atLeastZero(text: string | undefined, what: string): number {
  const number = Number(text);
  if (text === undefined || text === '' || !Number.isFinite(number) || number < 0)
    throw new Error(`how many ${what}: a number from 0 up`);
  return number;
}
