import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {configurationFile, startCluster, writeClusterFiles} from './cluster.ts';
import {prepareImage} from './image.ts';
import {userKey} from './keys.ts';
import {withLock} from './lock.ts';
import {bootMachine, machineIndexes, prepareMachine, removeControlGroups} from './machine.ts';
import {createNetwork, findNetwork, removeNetwork} from './network.ts';
import {composeCommand, installPackages} from './packages.ts';
import {checkedName, labDirectory, stateDirectory} from './places.ts';
import {type Plan, readPlan, writePlan} from './plan.ts';
import {killProcesses} from './processes.ts';

export async function raiseLab(options: {name: string; fast?: boolean; say?: (line: string) => void}): Promise<void> {
  const name = checkedName(options.name);
  const say = options.say ?? (() => undefined);
  await installPackages(say);
  const image = await prepareImage(say);
  await withLock(`lab-${name}`, async () => {
    let plan = readPlan(name);
    const network = await findNetwork(name);
    if (plan === undefined || network === undefined) {
      await removeAll(name);
      const made = await createNetwork(name);
      plan = {name, networkNumber: made.number, fast: options.fast === true, image, compose: [...(await composeCommand())]};
      writePlan(plan);
    }
    await prepareMachines(plan);
    writeClusterFiles(plan);
    say('booting vm1, vm2, vm3');
    const raised = plan;
    await Promise.all(machineIndexes.map(index => bootMachine(raised, index)));
    await startCluster(plan, say);
    say(`lab ${name} is up: ${configurationFile(name)}`);
  });
}

export async function removeAll(name: string): Promise<void> {
  await killProcesses(name, role => role !== 'watchdog');
  await removeNetwork(name);
  removeControlGroups(name);
  rmSync(stateDirectory(name), {recursive: true, force: true});
  rmSync(labDirectory(name), {recursive: true, force: true});
}

async function prepareMachines(plan: Plan): Promise<void> {
  const directory = labDirectory(plan.name);
  mkdirSync(directory, {recursive: true});
  const key = await userKey(directory);
  const knownHosts = await Promise.all(machineIndexes.map(index => prepareMachine(plan, index, key)));
  writeFileSync(join(directory, 'known_hosts'), `${knownHosts.flat().join('\n')}\n`);
}
