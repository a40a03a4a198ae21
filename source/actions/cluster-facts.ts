import {clusterClock} from '../cluster/cluster-time.ts';
import {current} from '../cluster/sample.ts';
import type {Container, HostSnapshot, MonitorNode, MonitorReading, PostgresReading} from '../cluster/snapshot.ts';
import type {Situation} from './action.ts';

/** A report older than this says that the node's keeper is not there (a healthy one reports once a second). */
export const freshReportSeconds = 5;

/** What the monitor says now; undefined when it does not answer. */
export function monitorOf(situation: Situation): MonitorReading | undefined {
  return current(situation.snapshot.monitor);
}

/** Seconds since the monitor was read. */
export function monitorAge(situation: Situation): number {
  const at = situation.snapshot.monitor?.at;
  return at === undefined ? Number.POSITIVE_INFINITY : Math.max(0, (situation.now - at) / 1000);
}

export function monitorHost({snapshot}: Situation): HostSnapshot | undefined {
  return snapshot.hosts.find(host => host.monitor !== undefined);
}

export function nodeNamed(situation: Situation, name: string | undefined): MonitorNode | undefined {
  return monitorOf(situation)?.nodes.find(node => node.name === name);
}

/** The node of a group that the monitor counts on for writes; of the first group when none is given. */
export function primaryOf(reading: MonitorReading, group?: number): MonitorNode | undefined {
  const nodes = reading.nodes.filter(node => group === undefined || node.group === group);
  return (
    nodes.find(node => node.assignedState === 'primary') ??
    nodes.find(node => node.assignedState === 'wait_primary') ??
    nodes.find(node => node.assignedState === 'single')
  );
}

/** The other nodes of the primary's group, without those that were dropped. */
export function standbysOf(reading: MonitorReading, primary: MonitorNode | undefined): readonly MonitorNode[] {
  return reading.nodes.filter(
    node => node !== primary && node.group === (primary?.group ?? node.group) && node.assignedState !== 'dropped',
  );
}

/** Standbys that could be promoted now, the preferred ones first. */
export function candidatesOf(reading: MonitorReading, primary: MonitorNode | undefined): readonly MonitorNode[] {
  return standbysOf(reading, primary)
    .filter(node => node.candidatePriority > 0 && node.health === 'good' && isSecondary(node))
    .sort((a, b) => b.candidatePriority - a.candidatePriority);
}

export function isSecondary(node: MonitorNode): boolean {
  return node.reportedState === 'secondary' && node.assignedState === 'secondary';
}

export function isStablePrimary(node: MonitorNode): boolean {
  return node.reportedState === 'primary' && node.assignedState === 'primary';
}

export function isInMaintenance(node: MonitorNode): boolean {
  return [node.reportedState, node.assignedState].some(state => state.includes('maintenance'));
}

/** A node in one of these states may be writing, or be the one that last did (R20). */
export function isPrimaryLike(node: MonitorNode): boolean {
  const states = [
    'single',
    'primary',
    'wait_primary',
    'join_primary',
    'apply_settings',
    'draining',
    'demote_timeout',
    'prepare_promotion',
    'stop_replication',
  ];
  return [node.reportedState, node.assignedState].some(state => states.includes(state));
}

/** Where the container of a node, or of the monitor, is. */
export type Place = {host: HostSnapshot; container: string; port: number; inspected: Container | undefined};

/** The container behind a name: of a node as the monitor or the configuration calls it, or of the monitor. */
export function placeOf(situation: Situation, name: string | undefined): Place | undefined {
  if (name === undefined) return undefined;
  const node = situation.assessment.nodes.find(each => each.name === name);
  for (const host of situation.snapshot.hosts) {
    if (host.node !== undefined && (host.node.container === name || (node !== undefined && isOn(host, node))))
      return place(host, host.node);
    if (host.monitor !== undefined && host.monitor.container === name) return place(host, host.monitor);
  }
  return undefined;
}

export function monitorPlace(situation: Situation): Place | undefined {
  const host = monitorHost(situation);
  return host?.monitor === undefined ? undefined : place(host, host.monitor);
}

export function isMonitor(situation: Situation, name: string | undefined): boolean {
  return monitorPlace(situation)?.container === name;
}

/** What psql in the container of a node says now. */
export function postgresOf(situation: Situation, name: string | undefined): PostgresReading | undefined {
  return current(placeOf(situation, name)?.host.postgres);
}

/** Whether a node streams from the primary, as the primary itself says; undefined when that cannot be asked. */
export function streams(
  situation: Situation,
  primary: MonitorNode | undefined,
  node: MonitorNode,
): boolean | undefined {
  return postgresOf(situation, primary?.name)?.replication.some(
    row => row.nodeId === node.id && row.state === 'streaming',
  );
}

/** The keeper has reported within the last seconds, and the monitor was read just now. */
export function reportsNow(situation: Situation, node: MonitorNode): boolean {
  return node.reportAgeSeconds + monitorAge(situation) <= freshReportSeconds;
}

/**
 * The keeper has reported since a moment. What the monitor remembers of the time before a stop looks the same as what is: a primary that
 * was stopped a second ago reports nothing, and is still the healthy one (R57).
 */
export function reportsAnew(before: Situation, now: Situation, node: MonitorNode): boolean {
  const reportedAt = clusterClock(now.snapshot, now.now) - (node.reportAgeSeconds + monitorAge(now)) * 1000;
  return reportedAt > clusterClock(before.snapshot, before.now) && reportsNow(now, node);
}

/** A standby that acknowledges commits as far as anyone can tell: reported, reached and streaming. */
export function isHealthyStandby(situation: Situation, primary: MonitorNode | undefined, node: MonitorNode): boolean {
  return (
    isSecondary(node) &&
    node.health === 'good' &&
    node.postgresRunning &&
    reportsNow(situation, node) &&
    streams(situation, primary, node) !== false
  );
}

/** True when the host of a place is connected now. */
export function isReachable({host}: Place): boolean {
  return current(host.link) !== undefined;
}

function isOn(host: HostSnapshot, node: {host: string | null; container: string | null}): boolean {
  return node.host === host.name && (node.container === null || node.container === host.node?.container);
}

function place(host: HostSnapshot, {container, port}: {container: string; port: number}): Place {
  return {host, container, port, inspected: current(host.containers)?.find(each => each.name === container)};
}
