import {accessSync, constants, existsSync, rmSync, writeFileSync} from 'node:fs';
import {must, plainEnvironment, run, searchPath} from './command.ts';
import {withLock} from './lock.ts';

/** Debian's package for each command that the lab runs. */
const packageOfCommand: ReadonlyArray<readonly [command: string, debianPackage: string]> = [
  ['dockerd', 'docker.io'],
  ['docker', 'docker.io'],
  ['iptables', 'iptables'],
  ['ebtables', 'iptables'],
  ['sshd', 'openssh-server'],
  ['ssh-keygen', 'openssh-client'],
  ['ip', 'iproute2'],
  ['nsenter', 'util-linux'],
  ['pkill', 'procps'],
  ['mmdebstrap', 'mmdebstrap'],
  ['python3', 'python3'],
  ['tmux', 'tmux'],
  ['docker-registry', 'docker-registry'],
];

/** Installs the Debian packages that are missing. Starts no service: the machine has no dockerd or sshd more than before. */
export async function installPackages(say: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the lab makes network namespaces and mounts: run it as root');
  await withLock('packages', async () => {
    const missing = await missingPackages();
    if (missing.length === 0) return;
    say(`installing ${missing.join(' ')}`);
    await withoutStartingServices(async () => {
      const env = {...plainEnvironment, DEBIAN_FRONTEND: 'noninteractive', ...proxies()};
      // One source of somebody else's that fails does not matter as long as the packages are found.
      await run(['apt-get', 'update', '-q'], {env, timeout: 300_000});
      await must(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...missing], {env, timeout: 900_000});
    });
  });
}

/** The proxies of the person's environment, for the commands that fetch packages. */
export function proxies(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  const set: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) set[name] = value;
  }
  return set;
}

async function missingPackages(): Promise<string[]> {
  const missing = new Set<string>();
  for (const [command, debianPackage] of packageOfCommand) if (!isInstalled(command)) missing.add(debianPackage);
  if (!isInstalled('docker-compose') && !(await hasComposePlugin())) missing.add('docker-compose');
  return [...missing];
}

async function hasComposePlugin(): Promise<boolean> {
  if (!isInstalled('docker')) return false;
  return (await run(['docker', 'compose', 'version'])).exitCode === 0;
}

function isInstalled(command: string): boolean {
  return searchPath.split(':').some(folder => {
    try {
      accessSync(`${folder}/${command}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

// Debian's own switch against services that start at installation. One that stands there already is somebody else's and stays.
async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', {mode: 0o755});
  try {
    await work();
  } finally {
    rmSync(policy, {force: true});
  }
}
