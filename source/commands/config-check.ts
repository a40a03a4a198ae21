import type {Problem} from '../cluster/problem.ts';
import {good} from '../cluster/problem.ts';
import type {ClusterConfiguration, Configuration} from '../config/configuration.ts';
import {type LoadOptions, loadConfiguration} from '../config/load-configuration.ts';
import {type Selection, selectCluster} from '../config/select-cluster.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import type {CommandIo} from './command-io.ts';
import type {ConnectionEdges} from './connection-edges.ts';
import {configurationStatus, unreachableStatus} from './exit-status.ts';
import {type Trial, tryConnections} from './try-connections.ts';

type Output = Pick<CommandIo, 'stdout' | 'stderr'>;

/**
 * `pgaf config check`: validates the file, says what it understood, tries every connection and says how each went and what to do. Without
 * --cluster all clusters are tried. Exit status: 0 all is well, 1 something failed, 69 no host could be reached, 78 the file is not right.
 */
export async function configCheck(
  options: {load: LoadOptions; selection: Selection},
  io: Output,
  edges: ConnectionEdges,
): Promise<number> {
  const configuration = await loadConfiguration(options.load);
  if (!configuration.ok) return complain(configuration.problem, io);
  const clusters = chosenClusters(configuration.value, options.selection);
  if (!clusters.ok) return complain(clusters.problem, io);
  io.stdout(`${configuration.value.file} is valid\n`);
  const trials: Trial[] = [];
  for (const cluster of clusters.value) trials.push(...(await checkCluster(cluster, io, edges)));
  return checkStatus(trials);
}

/** Tries one cluster and prints a line for each thing that was tried, in the order of the file. */
export async function checkCluster(
  cluster: ClusterConfiguration,
  io: Output,
  edges: ConnectionEdges,
): Promise<Trial[]> {
  io.stdout(`\n${sanitizeLine(understood(cluster))}\n`);
  const trials = await tryConnections(cluster, edges);
  const hostWidth = Math.max(...trials.map(trial => trial.host.length));
  const whatWidth = Math.min(48, Math.max(...trials.map(trial => trial.what.length)));
  for (const trial of trials) io.stdout(trialLines(trial, hostWidth, whatWidth));
  if (cluster.hosts.every(host => host.monitor === undefined)) {
    io.stdout('  note: no host has a `monitor`; without it pgaf cannot tell who is to be the primary\n');
  }
  io.stdout(`  ${summary(trials)}\n`);
  return trials;
}

/** 0: all is well; 1: something failed; 69: no host could be reached. */
export function checkStatus(trials: readonly Trial[]): number {
  if (trials.every(trial => trial.result === 'ok')) return 0;
  return trials.some(trial => trial.result === 'ok') ? 1 : unreachableStatus;
}

function chosenClusters(configuration: Configuration, selection: Selection) {
  if (selection.cluster === undefined && configuration.clusters.length > 1) {
    const {formation} = selection;
    return good(configuration.clusters.map(cluster => (formation === undefined ? cluster : {...cluster, formation})));
  }
  const chosen = selectCluster(configuration, selection);
  return chosen.ok ? good([chosen.value]) : chosen;
}

function understood({name, environment, formation, image, readOnly, hosts}: ClusterConfiguration): string {
  const parts = [
    `cluster ${name}`,
    ...(environment === undefined ? [] : [environment]),
    `formation ${formation}`,
    `image ${image}`,
    hosts.length === 1 ? '1 host' : `${hosts.length} hosts`,
    ...(readOnly ? ['read-only'] : []),
  ];
  return parts.join(', ');
}

function trialLines(trial: Trial, hostWidth: number, whatWidth: number): string {
  const start = `  ${trial.host.padEnd(hostWidth)}  ${trial.what.padEnd(whatWidth)}  `;
  if (trial.result === 'ok') return line(`${start}ok       ${trial.remark}`);
  if (trial.result === 'skipped') return line(`${start}skipped  ${trial.because}`);
  const indent = ' '.repeat(hostWidth + 6);
  const {message, remedy, detail} = trial.problem;
  const words = (detail ?? '')
    .split('\n')
    .filter(text => text.trim() !== '' && text !== message)
    .slice(0, 3);
  return [
    line(`${start}FAILED`),
    line(`${indent}${message}`),
    ...words.map(text => line(`${indent}| ${text}`)),
    ...(remedy === undefined ? [] : [line(`${indent}-> ${remedy}`)]),
  ].join('');
}

function summary(trials: readonly Trial[]): string {
  const count = (result: Trial['result']) => trials.filter(trial => trial.result === result).length;
  const failed = count('failed');
  if (failed === 0) return `all ${trials.length} tried are ok`;
  const skipped = count('skipped');
  return `${failed} failed, ${count('ok')} ok${skipped === 0 ? '' : `, ${skipped} not tried`}`;
}

function line(text: string): string {
  return `${sanitizeLine(text).trimEnd()}\n`;
}

function complain({message, detail, remedy}: Problem, io: Output): number {
  io.stderr(line(`pgaf: ${message}`));
  for (const text of detail?.split('\n') ?? []) io.stderr(line(`  ${text}`));
  if (remedy !== undefined) io.stderr(line(`  -> ${remedy}`));
  return configurationStatus;
}
