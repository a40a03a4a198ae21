import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {stateRoot} from './places.ts';
import {lives, startOf} from './processes.ts';
import {waitUntil} from './wait.ts';

/** Does the work while no other process holds the lock of that name. A lock whose holder died is taken over. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(stateRoot, {recursive: true});
  const file = join(stateRoot, `.lock-${name}`);
  await waitUntil(`the lock ${name} of ${read(file)} is free`, longestWorkMs, () => take(file));
  held.add(file);
  try {
    return await work();
  } finally {
    release(file);
  }
}

/** Takes the lock of that name for as long as this process lives; false while another one has it. */
export function takeLock(name: string): boolean {
  mkdirSync(stateRoot, {recursive: true});
  return take(join(stateRoot, `.lock-${name}`));
}

/** The name of the lock that the test file which uses a lab of its run has. */
export function leaseOf(lab: string): string {
  return `lease-${lab}`;
}

/** Removes the lock of that name, whoever had it. */
export function removeLock(name: string): void {
  release(join(stateRoot, `.lock-${name}`));
}

/** Gives up every lock of this process, for one that ends in the middle of its work. */
export function releaseLocks(): void {
  for (const file of held) release(file);
}

const held = new Set<string>();
/** Nothing that is done under a lock takes longer: the slowest makes the image, from packages that may have to be fetched. */
const longestWorkMs = 20 * 60_000;

function release(file: string): void {
  held.delete(file);
  rmSync(file, {force: true});
}

function take(file: string): boolean {
  const holder = `${process.pid} ${startOf(process.pid) ?? ''}`;
  try {
    writeFileSync(file, holder, {flag: 'wx'});
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const [pid, start] = read(file).split(' ');
  if (pid !== undefined && start !== undefined && start !== '' && !lives(Number(pid), start))
    rmSync(file, {force: true});
  return false;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
