import {readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {bootstrapSettings} from './bootstrap-schema.ts';
import type {
  Certificates,
  ClusterConfiguration,
  Configuration,
  HostConfiguration,
  MonitorConfiguration,
  NodeConfiguration,
  Storage,
} from './configuration.ts';
import type {ClusterEntry, HostEntry} from './configuration-schema.ts';
import {type ConfigurationPlaces, findConfiguration} from './find-configuration.ts';
import type {KeptConfiguration} from './kept-configuration.ts';
import type {ParsedConfiguration} from './parse-configuration.ts';
import {type GivenHost, type ResolutionContext, resolveHost} from './resolve-host.ts';
import {sshClientReader} from './ssh-client.ts';
import {sshConfigFileReader} from './ssh-config-file.ts';
import type {SshOptionsReader} from './ssh-options.ts';

/**
 * `homeDirectory` is what HOME says; `accountHome` the home of the account, which is what ssh goes by. `sshConfigFile` stands for ssh's -F,
 * `sshCommand` for the client that is asked (undefined: `ssh`).
 */
export type LoadOptions = ConfigurationPlaces & {
  localUser: string;
  accountHome: string;
  sshConfigFile?: string | undefined;
  sshCommand?: string | undefined;
  kept?: KeptConfiguration;
};

/** What `loadConfiguration` needs of this process. */
export function ownPlaces(file: string | undefined): LoadOptions {
  return {
    file,
    workingDirectory: process.cwd(),
    homeDirectory: os.homedir(),
    environment: process.env,
    localUser: os.userInfo().username,
    accountHome: os.userInfo().homedir,
  };
}

/** Finds, reads and validates the configuration, and resolves every host through ssh_config. Never throws. */
export async function loadConfiguration(options: LoadOptions): Promise<Outcome<Configuration>> {
  // Takes a few milliseconds of another process: begun first, needed last.
  const reader = optionsReader(options);
  const found = await findConfiguration(options);
  if (!found.ok) return found;
  const file = found.value;
  const shown = displayPath(file, options);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return bad('configuration', `${shown} cannot be read: ${errorText(error)}`, {
      remedy: 'check the path and its permissions',
    });
  }
  const context: ResolutionContext = {
    readOptions: await reader,
    directory: path.dirname(file),
    homeDirectory: options.homeDirectory,
    accountHome: options.accountHome,
    localUser: options.localUser,
    environment: options.environment,
  };
  const kept = await options.kept?.find(file, text);
  if (kept !== undefined) {
    const clusters = await resolveClusters({content: kept, position: () => ({line: 1, column: 1})}, shown, context);
    // Where something is wrong, only the file itself knows at which line.
    if (clusters.ok) return good({file, clusters: clusters.value});
  }
  const {parseConfiguration} = await import('./parse-configuration.ts');
  const parsed = parseConfiguration(text, shown);
  if (!parsed.ok) return parsed;
  const clusters = await resolveClusters(parsed.value, shown, context);
  if (!clusters.ok) return clusters;
  await options.kept?.keep(file, text, parsed.value.content);
  return good({file, clusters: clusters.value});
}

async function resolveClusters(
  parsed: ParsedConfiguration,
  shown: string,
  context: ResolutionContext,
): Promise<Outcome<ClusterConfiguration[]>> {
  const clusters: ClusterConfiguration[] = [];
  for (const [index, entry] of parsed.content.clusters.entries()) {
    const cluster = await resolveCluster(entry, ['clusters', index], parsed, shown, context);
    if (!cluster.ok) return cluster;
    clusters.push(cluster.value);
  }
  return good(clusters);
}

/** Asks `ssh -G` where OpenSSH's client is there, else reads ssh_config itself. */
export async function optionsReader(options: Omit<LoadOptions, keyof ConfigurationPlaces>): Promise<SshOptionsReader> {
  const client = await sshClientReader({
    configFile: options.sshConfigFile,
    ...(options.sshCommand === undefined ? {} : {command: options.sshCommand}),
  });
  return (
    client ??
    sshConfigFileReader({
      homeDirectory: options.accountHome,
      localUser: options.localUser,
      ...(options.sshConfigFile === undefined ? {} : {configFiles: [options.sshConfigFile]}),
    })
  );
}

async function resolveCluster(
  entry: ClusterEntry,
  place: PropertyKey[],
  parsed: ParsedConfiguration,
  file: string,
  context: ResolutionContext,
): Promise<Outcome<ClusterConfiguration>> {
  const givenOf = (name: string) => {
    const host = entry.hosts.find(each => each.name === name);
    return host && givenBy(host);
  };
  const outcomes = await inBatches(entry.hosts, 8, host => resolveEntry(host, {...context, givenOf}));
  const hosts: HostConfiguration[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (!outcome.ok) {
      const {line, column} = parsed.position([...place, 'hosts', index, 'name']);
      return {
        ok: false,
        problem: {
          ...outcome.problem,
          kind: 'configuration',
          message: `${file}:${line}:${column}: ${outcome.problem.message}`,
        },
      };
    }
    hosts.push(outcome.value);
  }
  const {name, environment, formation, image, readOnly} = entry;
  const actions = entry.actions.map(({key, ...action}) => ({...action, ...(key === undefined ? {} : {key})}));
  return good({
    ...{name, formation, image, readOnly, hosts, actions, bootstrap: bootstrapSettings(entry.bootstrap)},
    ...(environment === undefined ? {} : {environment}),
  });
}

async function resolveEntry(entry: HostEntry, context: ResolutionContext): Promise<Outcome<HostConfiguration>> {
  const ssh = await resolveHost(entry.name, givenBy(entry), context);
  if (!ssh.ok) return ssh;
  return good({
    name: entry.name,
    ssh: ssh.value,
    docker: entry.docker,
    ...(entry.node === undefined ? {} : {node: nodeOf(entry.node)}),
    ...(entry.monitor === undefined ? {} : {monitor: monitorOf(entry.monitor)}),
    ...(entry.certificates === undefined ? {} : {certificates: given(entry.certificates)}),
  });
}

function nodeOf({
  container,
  port,
  candidatePriority,
  replicationQuorum,
  ...where
}: NonNullable<HostEntry['node']>): NodeConfiguration {
  return {
    container,
    port,
    ...(candidatePriority === undefined ? {} : {candidatePriority}),
    ...(replicationQuorum === undefined ? {} : {replicationQuorum}),
    ...storageOf(where),
  };
}

function givenBy(entry: HostEntry): GivenHost {
  return {
    address: entry.address,
    port: entry.port,
    user: entry.user,
    identityFiles: list(entry.identityFile),
    identitiesOnly: entry.identitiesOnly,
    knownHostsFiles: list(entry.knownHostsFile),
    jump: list(entry.jump),
  };
}

function monitorOf({
  container,
  port,
  user,
  database,
  sslMode,
  password,
  ...where
}: NonNullable<HostEntry['monitor']>): MonitorConfiguration {
  return {
    container,
    port,
    database,
    ...(user === undefined ? {} : {user}),
    ...(sslMode === undefined ? {} : {sslMode}),
    ...(password?.environment === undefined ? {} : {password: {environment: password.environment}}),
    ...(password?.command === undefined ? {} : {password: {command: password.command}}),
    ...storageOf(where),
  };
}

function storageOf({volume, path: folder}: {volume?: string | undefined; path?: string | undefined}): {
  storage?: Storage;
} {
  if (folder !== undefined) return {storage: {path: folder}};
  return volume === undefined ? {} : {storage: {volume}};
}

function given({authority, certificate, key}: NonNullable<HostEntry['certificates']>): Partial<Certificates> {
  return {
    ...(authority === undefined ? {} : {authority}),
    ...(certificate === undefined ? {} : {certificate}),
    ...(key === undefined ? {} : {key}),
  };
}

function list(value: string | string[] | undefined): string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

/** Relative to where the person stands, when that is shorter. */
function displayPath(file: string, options: LoadOptions): string {
  const relative = path.relative(options.workingDirectory, file);
  return relative.startsWith('..') ? file : relative;
}

async function inBatches<T, R>(items: readonly T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}
