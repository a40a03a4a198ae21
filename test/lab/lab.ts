import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {makeCluster} from './bootstrap.ts';
import {
  configurationFile,
  isSettled,
  lowerTimeouts,
  monitorQuery,
  type NodeState,
  showState,
  writeClusterFiles,
} from './cluster.ts';
import type {CommandOptions, CommandResult} from './command.ts';
import {injectFault, machineNamed} from './faults.ts';
import {describeFaults, faultsInPlace} from './faults-in-place.ts';
import {prepareImage} from './image.ts';
import {userKey} from './keys.ts';
import {type LoadProgress, loadProgress} from './load.ts';
import {withLock} from './lock.ts';
import {
  anyMachineRuns,
  bootMachine,
  firstProcess,
  machineName,
  machinesOf,
  networkOf,
  prepareMachine,
  runInside,
} from './machine.ts';
import {createNetwork, findNetwork, portOf} from './network.ts';
import {installPackages} from './packages.ts';
import {checkedName, labDirectory} from './places.ts';
import {type Plan, readPlan, writePlan} from './plan.ts';
import {claim, removeLab, removeRemains} from './remove.ts';
import {restore} from './restore.ts';
import {waitUntil} from './wait.ts';
import {startWatchdog} from './watchdog.ts';

/** A machine of the lab as tests see it. `pid` is its first process, as this machine numbers it; undefined while it is off. */
export type LabHost = {name: string; address: string; namespace: string; pid: number | undefined};

/** A running lab. Hosts are named vm1 to vm3 (a bare one may have vm4), containers pg_node1 to pg_node3 and pg_monitor. */
export type Lab = {
  name: string;
  /** .lab or .lab-NAME in the repository: keys, logs, configuration. */
  directory: string;
  /** The console's configuration for it. */
  configFile: string;
  hosts(): LabHost[];
  /** Runs argv in a machine as root, without ssh or the network. */
  exec(host: string, argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  dockerExec(
    host: string,
    container: string,
    argv: readonly string[],
    options?: CommandOptions,
  ): Promise<CommandResult>;
  /** The rows of a query in the monitor's database. Rejects when the monitor does not answer. */
  monitorQuery(sql: string): Promise<Record<string, unknown>[]>;
  /** `pg_autoctl show state --json`, parsed. Rejects when the monitor does not answer. */
  showState(): Promise<NodeState[]>;
  /** Injects a fault by its name, see faults.ts. */
  fault(name: string, ...args: (string | number)[]): Promise<void>;
  /** How far the load is; undefined when there never was one. */
  loadProgress(): LoadProgress | undefined;
  /** Waits until the monitor's states are as wanted, `deadline` in ms, and gives them. */
  waitFor(predicate: (nodes: NodeState[]) => boolean, deadline: number): Promise<NodeState[]>;
  /** Takes all faults back and waits until the cluster is at rest: a primary and two healthy secondaries. */
  restore(): Promise<NodeState[]>;
  /** Removes the lab and all it made. */
  down(): Promise<void>;
};

/**
 * `fast` lowers the monitor's timeouts, so that failovers take seconds. `bare`: machines with Docker and the image, no cluster; only then there
 * may be four of them. `owner` is a process: the lab is removed when that dies, even by kill -9. `say` gets a line a step.
 */
export type RaiseOptions = {
  name: string;
  fast?: boolean;
  bare?: boolean;
  machines?: number;
  owner?: number;
  say?: (line: string) => void;
};

/** Raises a lab, or completes what is missing of one. Machines and containers that a fault took down stay down. */
export async function raiseLab(options: RaiseOptions): Promise<Lab> {
  const name = checkedName(options.name);
  const say = options.say ?? (() => undefined);
  if (options.owner !== undefined) startWatchdog(name, options.owner);
  await installPackages(say);
  await withLock(`lab-${name}`, async () => {
    const plan = await planFor(
      name,
      {fast: options.fast === true, bare: options.bare === true, machines: options.machines ?? 3},
      say,
    );
    await prepareMachines(plan);
    writeClusterFiles(plan);
    const {off} = faultsInPlace(name);
    const wanted = machinesOf(plan).filter(index => !off.includes(machineName(index)));
    say(`booting ${wanted.map(machineName).join(', ')}`);
    await Promise.all(wanted.map(index => bootMachine(plan, index)));
    const faults = describeFaults(faultsInPlace(name));
    if (plan.bare) return;
    if (faults.length > 0) return say(`left as it is, because of faults: ${faults.join('; ')}`);
    await makeCluster(plan, say);
    if (plan.fast) await lowerTimeouts(plan);
  });
  return openLab(name);
}

/** The lab of that name, which somebody raised. */
export function openLab(name: string): Lab {
  const plan = planOf(name);
  const exec: Lab['exec'] = (host, argv, options) => runInside(name, machineNamed(plan, host), argv, options);
  const lab: Lab = {
    name,
    directory: labDirectory(name),
    configFile: configurationFile(name),
    hosts: () => machinesOf(plan).map(index => describeHost(plan, index)),
    exec,
    dockerExec: (host, container, argv, options) => exec(host, ['docker', 'exec', container, ...argv], options),
    monitorQuery: async sql => present(await monitorQuery(plan, sql)),
    showState: async () => present(await showState(plan)),
    fault: (fault, ...args) => injectFault(plan, fault, ...args.map(String)),
    loadProgress: () => loadProgress(name),
    waitFor: (predicate, deadline) => waitForState(plan, predicate, deadline),
    restore: async () => {
      await restore(plan);
      return waitForState(plan, isSettled, 10_000);
    },
    down: () => removeLab(name),
  };
  return lab;
}

/** The plan of a lab that somebody raised. */
export function planOf(name: string): Plan {
  const plan = readPlan(checkedName(name));
  if (plan === undefined) throw new Error(`there is no lab "${name}" here: raise it with "up"`);
  return plan;
}

async function planFor(
  name: string,
  {fast, bare, machines}: {fast: boolean; bare: boolean; machines: number},
  say: (line: string) => void,
): Promise<Plan> {
  if (machines !== 3 && !bare) throw new Error('only a bare lab has another number of machines than three');
  claim(name);
  const plan = readPlan(name);
  const powerless = plan !== undefined && faultsInPlace(name).off.length === plan.machines;
  const stands = (await findNetwork(name)) !== undefined && (powerless || anyMachineRuns(name));
  if (plan !== undefined && stands) {
    if (!fast || plan.fast) return plan;
    await lowerTimeouts(plan);
    writePlan({...plan, fast});
    return {...plan, fast};
  }
  await removeRemains(name);
  claim(name);
  const image = await prepareImage(say);
  const {number} = await createNetwork(name);
  const made: Plan = {name, networkNumber: number, fast, bare, machines, image};
  writePlan(made);
  return made;
}

async function prepareMachines(plan: Plan): Promise<void> {
  const directory = labDirectory(plan.name);
  mkdirSync(directory, {recursive: true});
  const key = await userKey(directory);
  const knownHosts = await Promise.all(machinesOf(plan).map(index => prepareMachine(plan, index, key)));
  writeFileSync(join(directory, 'known_hosts'), `${knownHosts.flat().join('\n')}\n`);
}

function describeHost(plan: Plan, index: number): LabHost {
  const {address, namespace} = portOf(networkOf(plan), index);
  return {name: machineName(index), address, namespace, pid: firstProcess(plan.name, index)};
}

async function waitForState(
  plan: Plan,
  predicate: (nodes: NodeState[]) => boolean,
  deadline: number,
): Promise<NodeState[]> {
  let last: NodeState[] | undefined;
  const wanted = async (): Promise<NodeState[] | undefined> => {
    last = await showState(plan);
    return last !== undefined && predicate(last) ? last : undefined;
  };
  try {
    return await waitUntil('the states that were wanted', deadline, wanted);
  } catch (error) {
    throw new Error(`the monitor last said: ${describeStates(last)}`, {cause: error});
  }
}

function describeStates(nodes: readonly NodeState[] | undefined): string {
  if (nodes === undefined) return 'nothing';
  const line = (node: NodeState) =>
    `${node.nodename} ${node.current_group_state}/${node.assigned_group_state} health ${node.health}`;
  return nodes.map(line).join(', ');
}

function present<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Error('the monitor does not answer');
  return answer;
}
