import {homedir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The repository this lab belongs to. */
export const repositoryDirectory = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where the virtual machines' disks are: out of the repository, because they are big. One folder a lab. */
export const stateRoot = '/var/lib/pgaf-lab';

/** The name of the lab that a person raises without giving one. */
export const defaultName = 'main';

/** Gives the name back, or says why it cannot name a lab: it becomes part of host, namespace and folder names. */
export function checkedName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,30}$/.test(name)) return name;
  throw new Error(`"${name}" cannot name a lab: use up to 31 small letters, digits and dashes, a letter first`);
}

/** Small files of a lab: configuration of the console, keys, logs of the machines. */
export function labDirectory(name: string): string {
  return join(repositoryDirectory, name === defaultName ? '.lab' : `.lab-${name}`);
}

/** The disks of a lab's machines. */
export function stateDirectory(name: string): string {
  return join(stateRoot, name);
}

/** What is slow to make and the same for every lab: the container image. */
export function cacheDirectory(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'pgaf-lab');
}
