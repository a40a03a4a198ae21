import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {withLock} from './lock.ts';
import {removeControlGroups} from './machine.ts';
import {findNetwork, removeNetwork} from './network.ts';
import {healNetwork} from './partition.ts';
import {checkedName, labDirectory, repositoryDirectory, stateDirectory} from './places.ts';
import {killProcesses, labProcesses} from './processes.ts';

/** Removes a lab and all it made, whatever state it is in. Does nothing when there is none. */
export async function removeLab(name: string): Promise<void> {
  checkedName(name);
  refuseOthers(name);
  await killProcesses(name, role => role === 'watchdog');
  await withLock(`lab-${name}`, () => removeRemains(name));
}

/** Removes everything of a lab but its watchdog, whose process may be the one that does this. The caller holds the lab's lock. */
export async function removeRemains(name: string): Promise<void> {
  await killProcesses(name, role => role !== 'watchdog');
  const network = await findNetwork(name);
  if (network !== undefined) await healNetwork(network);
  await removeNetwork(name);
  removeControlGroups(name);
  rmSync(stateDirectory(name), {recursive: true, force: true});
  rmSync(labDirectory(name), {recursive: true, force: true});
}

/** Makes the name this repository's. Another clone may run a lab of the same name on this machine; that one is left alone. */
export function claim(name: string): void {
  refuseOthers(name);
  mkdirSync(stateDirectory(name), {recursive: true});
  writeFileSync(repositoryFile(name), repositoryDirectory);
}

function refuseOthers(name: string): void {
  const file = repositoryFile(name);
  const repository = existsSync(file) ? readFileSync(file, 'utf8') : repositoryDirectory;
  if (repository === repositoryDirectory || !labProcesses(name).some(({role}) => role.startsWith('vm'))) return;
  throw new Error(`lab "${name}" runs from ${repository}: take it down there, or choose another --name`);
}

function repositoryFile(name: string): string {
  return join(stateDirectory(name), 'repository');
}
