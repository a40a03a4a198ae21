import type {MonitorReading} from '../cluster/snapshot.ts';
import type {ApplicationDatabase} from '../config/configuration.ts';
import {applicationFile, applicationFileName, applicationPassword} from './application.ts';
import {home} from './compose-file.ts';
import {type DesiredCluster, type DesiredContainer, type DesiredNode, hostsOf} from './desired-cluster.ts';
import {hbaBlock, hbaLines, linesIn, writeHbaScript} from './host-based-access.ts';
import type {HostSurvey} from './host-survey.ts';
import {notedText, notesFor, setParametersScript} from './noted-parameters.ts';
import type {BootstrapStep} from './plan.ts';
import {loweredParameters} from './required-parameters.ts';
import {abandonedParameters, alterSystem, changedParameters, restartForParametersScript} from './server-parameters.ts';
import type {ServerSurvey} from './server-survey.ts';

/** What is already so, and what is to be done for the rest. */
export type Part = {exists: readonly string[]; steps: readonly BootstrapStep[]};

/** What was found, and how docker is called on each host. */
export type Found = {
  surveys: readonly HostSurvey[];
  monitor: MonitorReading | undefined;
  docker: ReadonlyMap<string, readonly string[]>;
};

/** Folders for data that are not there yet, or belong to somebody else and are empty: they become the image's user's. */
export function folderSteps(cluster: DesiredCluster, {surveys, docker}: Found): readonly BootstrapStep[] {
  return [cluster.monitor, ...cluster.nodes].flatMap(({host, container, storage}): readonly BootstrapStep[] => {
    const found = surveys.find(survey => survey.host === host)?.volumes.get(container);
    if (!('path' in storage) || found === undefined || (found.exists && (found.isOwn || !found.isEmpty))) return [];
    const run = [...dockerOn(docker, host), 'run', '--rm', '--network', 'none', '--user', '0'];
    // A folder that is not there is made by Docker, for root.
    const argv = [...run, '--volume', `${storage.path}:/volume`, '--entrypoint', 'sh', cluster.image, '-c'];
    const owner = 'chown "$(stat -c %u:%g "$1")" /volume && chmod 700 /volume';
    return [{kind: 'folder', host, path: storage.path, argv: [...argv, owner, 'folder', home]}];
  });
}

/** What pg_hba.conf of a container lacks. The monitor's is written before it can be asked by way of the network. */
export function hbaSteps(cluster: DesiredCluster, container: DesiredContainer, found: Found): Part {
  const lines = hbaLines(cluster, container);
  const server = serverOf(found, container);
  const what = `pg_hba.conf of ${container.container}`;
  if (server !== undefined && sameLines(linesIn(server.hba), lines))
    return {exists: lines.length === 0 ? [] : [`${what} has its ${lines.length} lines`], steps: []};
  if (server === undefined && (lines.length === 0 || !isToCome(cluster, container, found))) return nothing;
  const words = ['sh', '-c', writeHbaScript, 'hba', ...hbaArguments(cluster, container)];
  const argv = [...dockerOn(found.docker, container.host), 'exec', '-i', container.container, ...words];
  return {exists: [], steps: [{kind: 'server', host: container.host, what, argv, input: hbaBlock(lines)}]};
}

/** What the script that writes pg_hba.conf has to know: where to ask, and what is there once the container is made. */
export function hbaArguments({monitor}: DesiredCluster, {container, port}: DesiredContainer): readonly string[] {
  return container === monitor.container
    ? [String(port), 'pg_auto_failover', "select 'autoctl_node'::regrole"]
    : [String(port), 'postgres', "select 'pgautofailover_replicator'::regrole"];
}

/**
 * The parameters that a node lacks, and those that a bootstrap has set and are not described any more. While it is alone PostgreSQL is restarted
 * for those that need it; later that is a matter of `--rolling`. `lowers`: it is the primary, whose turn it is to get less than it runs with.
 */
export function parameterSteps(cluster: DesiredCluster, node: DesiredNode, found: Found, lowers = false): Part {
  const {parameters} = cluster.settings;
  const server = serverOf(found, node);
  if (server === undefined && !isToCome(cluster, node, found)) return nothing;
  const alone = isAlone(cluster, node, found);
  const restarts = alone || lowers;
  const lowered = restarts ? [] : loweredParameters(cluster, found.surveys, found.monitor).map(({name}) => name);
  const changed = changedParameters(parameters, server).filter(({name}) => !lowered.includes(name));
  const abandoned = abandonedParameters(parameters, server, alone);
  const reset = abandoned.filter(({stays}) => !stays);
  const kept = [...Object.keys(parameters), ...abandoned.map(({name}) => name), ...(server?.waiting ?? [])];
  const {before, after} = notesFor(
    server?.noted ?? new Map(),
    changed,
    reset.map(({name}) => name),
    name => kept.includes(name),
  );
  const names = [...Object.keys(parameters), ...reset.map(({name}) => name)];
  const isSet = changed.length === 0 && reset.length === 0;
  const what = `parameters of ${node.container}`;
  const exec = [...dockerOn(found.docker, node.host), 'exec', '-i', node.container];
  const was = [
    ...changed.flatMap(({name, from}) => (from === undefined ? [] : [`${name} was ${from}`])),
    ...reset.map(({name, from}) => `${name} was ${from}, and is not described any more`),
  ];
  const set: BootstrapStep = {
    ...{kind: 'server', host: node.host, what: was.length === 0 ? what : `${what} (${was.join(', ')})`},
    argv: [
      ...[...exec, 'sh', '-c', setParametersScript, 'parameters', String(node.port)],
      ...[notedText(before), notedText(after)],
    ],
    input: [
      ...changed.map(({name, to}) => alterSystem(name, to)),
      ...reset.map(({name}) => `alter system reset ${name};\n`),
      'select pg_reload_conf();\n',
    ].join(''),
  };
  const waits = !isSet || server?.waiting.some(name => names.includes(name)) === true;
  const restart: BootstrapStep = {
    ...{kind: 'server', host: node.host, what: `restart PostgreSQL of ${node.container} where they need it`, input: ''},
    argv: [...exec, 'sh', '-c', restartForParametersScript, 'restart', String(node.port), ...names],
  };
  return {
    exists: isSet && names.length > 0 && lowered.length === 0 ? [`${what} are set`] : [],
    steps: [...(isSet ? [] : [set]), ...(waits && names.length > 0 && restarts ? [restart] : [])],
  };
}

/** The application's database and user on the primary, and on every host the file by which it connects. */
export function databaseSteps(cluster: DesiredCluster, primary: DesiredNode, found: Found, fresh: string): Part {
  const {database} = cluster.settings;
  if (database === undefined) return nothing;
  const server = serverOf(found, primary);
  // Of data that is there already only its server can tell whether it has the user: that is looked at once it runs.
  const hasData = found.surveys.find(({host}) => host === primary.host)?.volumes.get(primary.container)?.hasData;
  if (server === undefined && (hasData === true || !isToCome(cluster, primary, found))) return nothing;
  const hasUser = server?.roles.includes(database.user) === true;
  const kept = keptPassword(found.surveys);
  const exists: string[] = [];
  const steps: BootstrapStep[] = [];
  // Somebody else gave that user its password: it stays.
  if (hasUser && kept === undefined) exists.push(`user ${database.user}, whose password is kept elsewhere`);
  else {
    const files = applicationFiles(cluster, database, found.surveys, kept ?? fresh);
    exists.push(...files.exists);
    steps.push(...files.steps);
  }
  const owner = server?.databases.get(database.name);
  if (hasUser && owner !== undefined && !owner.isSuperuser) exists.push(`database ${database.name} of ${owner.owner}`);
  else {
    const psql = ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-p', String(primary.port), '-d', 'postgres'];
    const argv = [...dockerOn(found.docker, primary.host), 'exec', '-i', primary.container, ...psql];
    steps.push({kind: 'database', host: primary.host, argv, database, password: kept ?? fresh});
  }
  return {exists, steps};
}

/** What the files by which the application connects lack, where a bootstrap has written them. */
export function applicationFileSteps(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
): readonly ApplicationFileStep[] {
  const {database} = cluster.settings;
  const kept = keptPassword(surveys);
  return database === undefined || kept === undefined ? [] : applicationFiles(cluster, database, surveys, kept).steps;
}

type ApplicationFileStep = BootstrapStep & {kind: 'application'};

function applicationFiles(
  cluster: DesiredCluster,
  database: ApplicationDatabase,
  surveys: readonly HostSurvey[],
  password: string,
): {exists: readonly string[]; steps: readonly ApplicationFileStep[]} {
  const path = `${cluster.settings.folder}/${applicationFileName}`;
  const content = applicationFile(cluster, database, password);
  const hosts = hostsOf(cluster);
  const isThere = (host: string) => surveys.find(survey => survey.host === host)?.application === content;
  return {
    exists: hosts.filter(isThere).map(host => `${host}: ${path}`),
    steps: hosts.filter(host => !isThere(host)).map(host => ({kind: 'application', host, path, content})),
  };
}

function keptPassword(surveys: readonly HostSurvey[]): string | undefined {
  return surveys.flatMap(({application}) => applicationPassword(application ?? '') ?? [])[0];
}

const nothing: Part = {exists: [], steps: []};

function serverOf({surveys}: Found, {host, container}: DesiredContainer): ServerSurvey | undefined {
  return surveys.find(survey => survey.host === host)?.servers.get(container);
}

/** Whether a server is made before the step runs. Others that do not answer are looked at the next time; new standbys get all of it by their base backup. */
function isToCome(cluster: DesiredCluster, {host, container}: DesiredContainer, {surveys, monitor}: Found): boolean {
  if (container === cluster.monitor.container) return monitor === undefined;
  const isMade = surveys.find(survey => survey.host === host)?.containers.has(container) === true;
  return container === cluster.nodes[0]?.container && (monitor?.nodes.length ?? (isMade ? 1 : 0)) === 0;
}

/** Whether no other node is there that could be promoted by a restart of this one. */
function isAlone({nodes}: DesiredCluster, node: DesiredNode, found: Found): boolean {
  const {monitor} = found;
  if (nodes[0]?.container !== node.container) return false;
  // While the monitor is silent nobody knows who else there is, unless this one is still to be made.
  return monitor?.nodes.every(({name}) => name === node.container) ?? serverOf(found, node) === undefined;
}

function dockerOn(docker: Found['docker'], host: string): readonly string[] {
  return docker.get(host) ?? ['docker'];
}

function sameLines(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
