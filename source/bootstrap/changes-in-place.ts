import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import {monitorPlace} from './compose-file.ts';
import type {DesiredCluster, DesiredNode} from './desired-cluster.ts';
import {withMask} from './host-based-access.ts';
import type {HostSurvey, Registration} from './host-survey.ts';
import {nodeOf} from './membership.ts';
import type {BootstrapStep} from './plan.ts';

/** What is changed without making a container anew. */
export type InPlace = {
  cluster: DesiredCluster;
  surveys: readonly HostSurvey[];
  monitor: MonitorReading | undefined;
  docker: (host: string) => readonly string[];
};

/** The monitor of a node is the same at another address: its keeper and its pg_hba.conf follow (R46). */
export function reachMonitorSteps({cluster, surveys, monitor, docker}: InPlace, node: DesiredNode): BootstrapStep[] {
  const place = registrationOf(cluster, surveys, node)?.place;
  const wanted = monitorPlace(cluster);
  if (place === undefined || place === 'disabled' || addressOf(place) === addressOf(wanted)) return [];
  if (nodeOf(monitor, node.container) === undefined) return [];
  return [
    {
      ...{kind: 'command', host: node.host},
      title: `${node.container} asks the monitor at ${addressOf(wanted)}, no longer at ${addressOf(place)}`,
      argv: [
        ...[...docker(node.host), 'exec', node.container, 'sh', '-c', reachMonitorScript, 'follow'],
        ...[wanted, withMask(cluster.monitor.address)],
      ],
      // Whether it serves shows when its own address is right too.
    },
  ];
}

/** A node is where the configuration says: the monitor is told, and the others let it in by themselves (R46). */
export function moveNodeSteps(
  {cluster, surveys, monitor, docker}: InPlace,
  node: DesiredNode,
  primary: DesiredNode | undefined,
): BootstrapStep[] {
  const row = nodeOf(monitor, node.container);
  const registration = registrationOf(cluster, surveys, node);
  if (row === undefined || row.host === node.address || row.port !== node.port || registration === undefined) return [];
  const isPrimary = node === primary;
  return [
    {
      ...{kind: 'command', host: node.host},
      title: `${node.container} is at ${node.address}, no longer at ${row.host}`,
      argv: [
        ...[...docker(node.host), 'exec', node.container],
        ...['pg_autoctl', 'set', 'node', 'metadata', '--hostname', node.address],
      ],
      ...(isPrimary ? {serves: node.container} : {}),
    },
    // It hangs in connections that it made from the old address. A primary is left alone: the first it reported could be an election.
    ...(isPrimary ? [] : restartSteps(docker(node.host), node, streamedFrom(row, primary), 'so that it connects anew')),
  ];
}

/**
 * A standby whose primary is at another address goes on asking at the old one: pg_autoctl writes down where to only when it starts. Until the first
 * has done so, commits wait.
 */
export function followPrimarySteps(
  {cluster, surveys, monitor, docker}: InPlace,
  node: DesiredNode,
  primary: DesiredNode | undefined,
): BootstrapStep[] {
  const follows = surveys.find(({host}) => host === node.host)?.servers.get(node.container)?.follows;
  if (follows === undefined || primary === undefined || primary === node) return [];
  // Another node of these: that is a matter of who is the primary, which the monitor sees to.
  if (cluster.nodes.some(({address}) => address === follows)) return [];
  if (registrationOf(cluster, surveys, node) === undefined) return [];
  const row = nodeOf(monitor, node.container);
  // Who has moved is restarted for that.
  if (row?.host !== node.address) return [];
  const why = `which follows ${primary.container} at ${primary.address} then, no longer at ${follows}`;
  return restartSteps(docker(node.host), node, streamedFrom(row, primary), why);
}

/** In maintenance a standby need not stream, and pg_autoctl does not see to it. */
function streamedFrom({assignedState}: MonitorNode, primary: DesiredNode | undefined): DesiredNode | undefined {
  return assignedState === 'maintenance' ? undefined : primary;
}

/** The whole of a standby: a service of pg_autoctl alone does not start again below the process that made the node, which then ends (2.0). */
function restartSteps(
  docker: readonly string[],
  {host, container, port}: DesiredNode,
  primary: DesiredNode | undefined,
  why: string,
): BootstrapStep[] {
  return [
    {kind: 'command', host, title: `restart ${container}, ${why}`, argv: [...docker, 'restart', '-t', '60', container]},
    ...(primary === undefined
      ? []
      : [
          {
            ...{kind: 'command' as const, host, serves: container},
            title: `${container} streams from ${primary.container}`,
            argv: [...docker, 'exec', container, 'sh', '-c', untilItStreams, 'stream', String(port), primary.address],
          },
        ]),
  ];
}

/** Run in a container: $1 is its port, $2 where it is to stream from. */
const untilItStreams = [
  "streams=\"select 1 from pg_stat_wal_receiver where status = 'streaming' and sender_host = '$2'\"",
  'left=120',
  'until [ "$(psql -X -A -t -q -p "$1" -d postgres -c "$streams" 2>/dev/null)" = 1 ]; do',
  '  if [ "$left" = 0 ]; then echo "it does not stream from $2" >&2; exit 1; fi',
  '  left=$((left - 1)); sleep 1',
  'done',
].join('\n');

/** A line by which the monitor may ask after a node's health: $2 is its address, with a mask. */
export const letMonitorIn = [
  'rules="$PGDATA/pg_hba.conf"',
  'if ! grep -F pgautofailover_monitor "$rules" | grep -qF " $2 "; then',
  '  echo "host all pgautofailover_monitor $2 trust # by pgaf bootstrap" >> "$rules"; pg_ctl reload -s',
  'fi',
].join('\n');

const reachMonitorScript = [
  'set -e',
  letMonitorIn,
  'pg_autoctl config set pg_autoctl.monitor "postgresql://autoctl_node@$1"',
  'pg_autoctl reload',
].join('\n');

/** Host and port of a place such as `10.0.0.13:6000/pg_auto_failover?sslmode=require`. */
export function addressOf(place: string): string {
  return place.split('/')[0] ?? place;
}

/** Of a container that a bootstrap made: others may know each other by addresses that this machine does not use. */
function registrationOf(
  {name}: DesiredCluster,
  surveys: readonly HostSurvey[],
  {host, container}: DesiredNode,
): Registration | undefined {
  const found = surveys.find(survey => survey.host === host)?.containers.get(container);
  return found?.project === name ? found.registration : undefined;
}
