import type {Action, Check, Plan, Progress, Situation, Step} from '../actions/action.ts';
import {isHealthyStandby, monitorOf, nodeNamed, primaryOf, standbysOf} from '../actions/cluster-facts.ts';
import {primaryIsStable, quorumReports, withMonitor} from '../actions/guards.ts';
import {both, nothingMoves} from '../actions/procedure.ts';
import type {MonitorReading} from '../cluster/snapshot.ts';
import {certificateInside, sslMode, sslOptions, sslParameters} from './certificates.ts';
import {monitorPlace} from './compose-file.ts';
import type {DesiredCluster, DesiredContainer, DesiredNode} from './desired-cluster.ts';
import {asEncryptedNow, encryptingLess, encryptionNow, serverHas, sslOf} from './encryption.ts';
import {allReported, keeperChange} from './every-keeper.ts';
import {hbaBlock, hbaLines, onlyEncrypted, writeHbaScript} from './host-based-access.ts';
import type {HostSurvey} from './host-survey.ts';
import {applicationFileSteps, hbaArguments} from './server-steps.ts';
import {writeCommand} from './write-file.ts';

/** The containers that are left of it: they encrypt less than is described, or let in who does not encrypt. */
export function leftToEncrypt(cluster: DesiredCluster, surveys: readonly HostSurvey[]): readonly DesiredContainer[] {
  if (cluster.settings.ssl === 'none') return [];
  const less = encryptingLess(cluster, surveys);
  return [cluster.monitor, ...cluster.nodes].filter(
    each => less.includes(each) || encryptionNow(surveys, each)?.letsPlainIn === true,
  );
}

/**
 * Turns encryption on, or to a better kind, while everything goes on. First every server offers it, which takes a reload; whoever connects is
 * served as before, also after a failover in between. Then each connects by it alone, and last nobody gets in without. pg_auto_failover restarts
 * PostgreSQL of a standby for the way that it replicates by: one after the other, the primary's never.
 */
export function encryptionChange(cluster: DesiredCluster, surveys: readonly HostSurvey[]): Action {
  return keeperChange(
    {
      id: 'bootstrap-ssl',
      usage: 'bootstrap --ssl',
      title: 'Encryption',
      help: 'encrypt the connections of a cluster that runs, while everything goes on',
      tier: 'service',
    },
    cluster,
    situation => plan(situation, cluster, surveys),
    primary => `${primary}, its standbys and the monitor encrypt: ${cluster.settings.ssl}`,
  );
}

function plan(situation: Situation, cluster: DesiredCluster, surveys: readonly HostSurvey[]): Plan {
  const reading = monitorOf(situation);
  const steps = reading === undefined ? [] : stepsOf(situation, cluster, surveys, reading);
  const alone = reading !== undefined && standbysOf(reading, primaryOf(reading)).length < 2;
  const {ssl} = cluster.settings;
  const was = asEncryptedNow(cluster, surveys).settings.ssl;
  return {
    meaning: [
      was === ssl
        ? `connections of ${cluster.formation} that are not encrypted end: ${ssl}`
        : `connections of ${cluster.formation} become ${ssl}, instead of ${was}`,
      'PostgreSQL of each standby restarts, one after the other, that of the primary and the monitor does not',
      alone ? 'commits wait for some seconds while the only standby restarts' : 'writes go on',
      'open connections stay as they are; who connects anew has to encrypt (not sslmode=disable)',
      'to go on after an interruption: the same command',
    ],
    steps,
    confirmation: cluster.name,
    usualSeconds: 30,
    budgetSeconds: 600,
  };
}

function stepsOf(
  situation: Situation,
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  reading: MonitorReading,
): readonly Step[] {
  const {monitor, settings} = cluster;
  const {ssl} = settings;
  const primaryName = primaryOf(reading)?.name;
  const primary = cluster.nodes.find(node => node.container === primaryName);
  if (primary === undefined) return [];
  const registered = cluster.nodes.filter(node => nodeNamed(situation, node.container) !== undefined);
  const standbysFirst = [...registered.filter(node => node !== primary), primary];
  const less = encryptingLess(cluster, surveys);
  const isLess = (each: DesiredContainer) => less.includes(each);
  const docker = (host: string) => situation.docker.get(host) ?? ['docker'];
  const script = ({host, container}: DesiredContainer, title: string, text: string, ...words: readonly string[]) => ({
    host,
    argv: [...docker(host), 'exec', '-i', container, 'sh', '-c', text, 'ssl', ...words],
    title,
  });
  const enabling = (each: DesiredContainer, title: string, options: string): Step =>
    script(each, title, enableScript, String(each.port), certificateInside(ssl) ?? '', ...options.split(' '));
  return [
    ...[monitor].filter(isLess).map(each => enabling(each, `${each.container} offers TLS`, sslOptions({ssl}))),
    ...registered.flatMap(node => {
      const now = encryptionNow(surveys, node);
      if (now === undefined || !isLess(node) || serverHas(now, ssl)) return [];
      return [enabling(node, `${node.container} offers TLS`, sslOptions({ssl}, sslMode(sslOf(now))))];
    }),
    ...registered.filter(isLess).map(node => {
      const servers = registered.filter(other => other !== node).map(other => replicationTo(cluster, other));
      const title = `${node.container} reaches the others by sslmode=${sslMode(ssl)}`;
      return script(node, title, reachScript, `postgresql://autoctl_node@${monitorPlace(cluster)}`, ...servers);
    }),
    ...standbysFirst.filter(isLess).map(node => ({
      ...script(
        node,
        `${node.container} connects by sslmode=${sslMode(ssl)} alone`,
        ...[demandScript, String(node.port), sslMode(ssl), ...sslOptions({ssl}).split(' ')],
      ),
      // At the moment before: it may have been its neighbour's turn.
      preflight: (now: Situation) => quorumOf(now),
      until: (before: Situation, now: Situation) =>
        both(allReported(before, now), () => both(serves(now, node), () => nothingMoves(now))),
    })),
    ...[monitor, ...registered].map(each => ({
      ...script(
        each,
        `pg_hba.conf of ${each.container} lets nobody in without TLS`,
        writeHbaScript,
        ...hbaArguments(cluster, each),
        onlyEncrypted,
      ),
      input: hbaBlock(hbaLines(cluster, each)),
    })),
    ...applicationFileSteps(cluster, surveys).map(({host, path, content}) => ({
      host,
      argv: writeCommand(path, content, '077'),
      input: content,
      title: `the application finds in ${path} that it has to encrypt`,
    })),
  ];
}

function quorumOf(now: Situation): readonly Check[] {
  return withMonitor(now, reading => {
    const primary = primaryOf(reading);
    return [primaryIsStable(now, primary), ...quorumReports(now, reading, primary)];
  });
}

function serves(now: Situation, {container}: DesiredNode): Progress {
  const reading = monitorOf(now);
  const node = nodeNamed(now, container);
  if (reading === undefined || node === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const primary = primaryOf(reading);
  return node === primary || isHealthyStandby(now, primary, node)
    ? {state: 'done', message: `${container} serves`}
    : {state: 'pending', waitingFor: `${container} to stream`};
}

/** How a standby reaches another node; the password is found in ~/.pgpass. */
function replicationTo({settings}: DesiredCluster, {address, port}: DesiredContainer): string {
  const ssl = sslParameters(settings).replaceAll('&', ' ');
  return `host=${address} port=${port} user=pgautofailover_replicator replication=true ${ssl}`;
}

// Each is one line as it is shown, so that it can be pasted.
const ask = 'ask() { psql -XAtq -p "$port" -d template1 -c "$1" 2>/dev/null; };';
const waiting = (query: string, problem: string) => [
  `left=60; until [ "$(ask "${query}")" = t ]; do`,
  `[ "$left" -gt 0 ] || { echo "${problem}" >&2; exit 1; }; left=$((left - 1)); sleep 1; done`,
];

/** Its arguments: the port, the certificate that the server is to have (empty: whichever), and the options of pg_autoctl. */
export const enableScript = [
  'set -e; port=$1; certificate=$2; shift 2;',
  ask,
  'pg_autoctl enable ssl "$@";',
  ...waiting(
    "select current_setting('ssl')::bool and '$certificate' in ('', current_setting('ssl_cert_file'))",
    'PostgreSQL does not offer TLS: its log says why',
  ),
].join(' ');

/** Its arguments: connection strings, of the monitor and of what a standby may replicate from. */
const reachScript = [
  'set -e; psql -XAtq -c "select 1" "$1" >/dev/null; shift;',
  'for place do psql -XAtq -c IDENTIFY_SYSTEM "$place" >/dev/null; done',
].join(' ');

/**
 * Its arguments: the port, the sslmode, and the options of pg_autoctl. That leaves the monitor's URI as it is, and says so in its log only,
 * when the monitor cannot be reached by the new one; and it cannot be asked while its keeper writes the configuration anew.
 */
export const demandScript = [
  'set -e; port=$1; mode=$2; shift 2;',
  ask,
  'pg_autoctl enable ssl "$@";',
  'left=5; until pg_autoctl config get pg_autoctl.monitor | grep -qF "sslmode=$mode"; do',
  '[ "$left" -gt 0 ] || { echo "the monitor could not be reached by sslmode=$mode" >&2; exit 1; }; left=$((left - 1)); sleep 1; done;',
  ...waiting(
    "select not pg_is_in_recovery() or exists (select from pg_stat_wal_receiver where status = 'streaming' and conninfo like '%sslmode=$mode%')",
    'it does not stream by that: the log of its PostgreSQL says why',
  ),
].join(' ');
