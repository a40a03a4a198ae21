import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** The files by which ssh reaches an embedded cluster, in a folder that only this user may look into. */
export type KeyFolder = {
  /** The private key of the user. */
  key: string;
  knownHosts: string;
  /** Takes the folder away; the end of the process does it as well, also by a signal. */
  forget(): void;
};

/** Writes them. `userKey` is in OpenSSH's format, a host key a line of its .pub file. */
export function writeKeys(userKey: string, hosts: readonly {port: number; hostKey: string}[]): KeyFolder {
  const folder = mkdtempSync(join(tmpdir(), 'pgaf-demo-'));
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
  writeFileSync(key, userKey, {mode: 0o600});
  writeFileSync(knownHosts, hosts.map(({port, hostKey}) => `[127.0.0.1]:${port} ${hostKey.trim()}\n`).join(''), {
    mode: 0o600,
  });
  return {key, knownHosts, forget};
}

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
