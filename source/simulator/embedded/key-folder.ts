import {lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import {join} from 'node:path';
import {errorText} from '../../cluster/problem.ts';

/** The files by which ssh reaches an embedded cluster, in a folder that only this user may look into. */
export type KeyFolder = {
  /** The private key of the user. */
  key: string;
  knownHosts: string;
  /** Takes the folder away; the end of the process does it as well, also by a signal. */
  forget(): void;
};

/** Writes them. `userKey` is in OpenSSH's format, a host key a line of its .pub file. Throws in words when there is no place for them. */
export function writeKeys(userKey: string, hosts: readonly {port: number; hostKey: string}[]): KeyFolder {
  const folder = newFolder();
  const remove = () => rmSync(folder, {recursive: true, force: true});
  const onSignal = (name: NodeJS.Signals) => {
    forget();
    // Nobody else ends the process: the signal does, as it would have without this.
    if (process.listenerCount(name) === 0) process.kill(process.pid, name);
  };
  const forget = () => {
    process.off('exit', remove);
    for (const signal of signals) process.off(signal, onSignal);
    remove();
  };
  process.on('exit', remove);
  for (const signal of signals) process.on(signal, onSignal);
  const key = join(folder, 'key');
  const knownHosts = join(folder, 'known_hosts');
  try {
    writeFileSync(join(folder, ownerFile), owner(), {mode: 0o600});
    writeFileSync(key, userKey, {mode: 0o600});
    writeFileSync(knownHosts, hosts.map(({port, hostKey}) => `[127.0.0.1]:${port} ${hostKey.trim()}\n`).join(''), {
      mode: 0o600,
    });
  } catch (error) {
    forget();
    throw withoutPlace(error);
  }
  return {key, knownHosts, forget};
}

/** Takes away the folders of this user's processes that were killed before they could. */
export function clearAbandonedKeys(): void {
  const folder = tmpdir();
  for (const name of namesIn(folder)) {
    if (name.startsWith(prefix) && isAbandoned(join(folder, name)))
      rmSync(join(folder, name), {recursive: true, force: true});
  }
}

const prefix = 'pgaf-demo-';
const ownerFile = 'owner';

function newFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    throw withoutPlace(error);
  }
}

function withoutPlace(error: unknown): Error {
  const text = `its keys can not be kept in ${tmpdir()}: ${errorText(error)} (set TMPDIR to another folder)`;
  return new Error(text, {cause: error});
}

/** A process by what makes its number unique: a temporary folder may be shared by containers, and by machines. */
function owner(): string {
  return `${hostname()} ${processNamespace()} ${process.pid}\n`;
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has more than one.
    return 'pid:[]';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // What can not be read can not be written either: that is said when the keys are.
    return [];
  }
}

function isAbandoned(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return false;
    const text = readFileSync(join(folder, ownerFile), 'utf8');
    const pid = Number(/ (\d+)\n$/.exec(text)?.[1]);
    return pid > 0 && text === owner().replace(/\d+\n$/, `${pid}\n`) && !isRunning(pid);
  } catch {
    // It has just gone, or does not say whose it is.
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
