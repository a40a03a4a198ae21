import {parseLsn} from '../../source/cluster/lsn.ts';
import {bad, type Problem, type ProblemKind} from '../../source/cluster/problem.ts';
import type {Sample} from '../../source/cluster/sample.ts';
import {
  type Container,
  defaultMonitorSettings,
  type HostSnapshot,
  type MonitorNode,
  type MonitorReading,
  type PostgresReading,
  type ReplicationRow,
  type Snapshot,
} from '../../source/cluster/snapshot.ts';

/** This machine's clock in the examples; the servers' clocks are far from it on purpose. */
export const now = 1_000_000_000;
export const serverTime = 1_800_000_000_000;

const lsn = parseLsn('0/5000060');

export function monitorNode(id: number, more: Partial<MonitorNode> = {}): MonitorNode {
  const state = id === 1 ? 'primary' : 'secondary';
  return {
    id,
    name: `pg_node${id}`,
    host: `10.0.0.1${id}`,
    port: 5432,
    group: 0,
    reportedState: state,
    assignedState: state,
    postgresRunning: true,
    replicationState: id === 1 ? 'quorum' : 'unknown',
    timeline: 3,
    lsn,
    health: 'good',
    candidatePriority: 50,
    replicationQuorum: true,
    systemIdentifier: '7000000000000000001',
    nodeCluster: 'default',
    reportAgeSeconds: 0.6,
    healthAgeSeconds: 2,
    stateAgeSeconds: 3600,
    ...more,
  };
}

export function monitorReading(nodes: readonly MonitorNode[], more: Partial<MonitorReading> = {}): MonitorReading {
  return {
    version: '2.0',
    serverTime,
    uptimeSeconds: 86_400,
    formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 1},
    synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)',
    settings: defaultMonitorSettings,
    nodes,
    ...more,
  };
}

export function replicationRow(nodeId: number, more: Partial<ReplicationRow> = {}): ReplicationRow {
  return {
    applicationName: `pgautofailover_standby_${nodeId}`,
    clientAddress: `10.0.0.1${nodeId}`,
    nodeId,
    state: 'streaming',
    syncState: 'quorum',
    sentLagBytes: 0,
    writeLagBytes: 0,
    flushLagBytes: 0,
    replayLagBytes: 0,
    writeLagSeconds: undefined,
    flushLagSeconds: undefined,
    replayLagSeconds: undefined,
    ...more,
  };
}

export function primaryReading(more: Partial<PostgresReading> = {}): PostgresReading {
  return {
    inRecovery: false,
    readOnly: false,
    timeline: 3,
    systemIdentifier: '7000000000000000001',
    currentLsn: lsn,
    flushLsn: lsn,
    receiveLsn: undefined,
    replayLsn: undefined,
    replayAgeSeconds: undefined,
    replayPaused: false,
    receiverStatus: undefined,
    receiverHost: undefined,
    synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)',
    replication: [replicationRow(2), replicationRow(3)],
    slots: [],
    waitingForSyncRep: 0,
    serverTime,
    startedAt: serverTime - 86_400_000,
    ...more,
  };
}

export function standbyReading(more: Partial<PostgresReading> = {}): PostgresReading {
  return primaryReading({
    inRecovery: true,
    currentLsn: undefined,
    flushLsn: undefined,
    receiveLsn: lsn,
    replayLsn: lsn,
    replayAgeSeconds: 1,
    receiverStatus: 'streaming',
    receiverHost: '10.0.0.11',
    replication: [],
    ...more,
  });
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    id: `id-of-${name}`,
    name,
    image: 'citusdata/pg_auto_failover:15',
    state: 'running',
    exitCode: undefined,
    restarts: 0,
    startedAt: serverTime - 86_400_000,
    finishedAt: undefined,
    outOfMemory: false,
    health: undefined,
    ...more,
  };
}

export function sample<T>(value: T, more: {at?: number} = {}): Sample<T> {
  return {value, at: more.at ?? now - 300, source: 'test'};
}

export function failedSample<T>(kind: ProblemKind, message: string, last?: {value: T; at: number}): Sample<T> {
  const error: Problem = bad(kind, message).problem;
  return last === undefined ? {error, at: now - 300, source: 'test'} : {error, at: now - 300, source: 'test', last};
}

export function host(id: number, more: Partial<HostSnapshot> = {}): HostSnapshot {
  const names = id === 3 ? ['pg_node3', 'pg_monitor'] : [`pg_node${id}`];
  return {
    name: `ubuntu24.04-${id}`,
    address: `10.0.0.1${id}`,
    node: {container: `pg_node${id}`, port: 5432},
    monitor: id === 3 ? {container: 'pg_monitor', port: 6000} : undefined,
    link: sample({connectedAt: now - 60_000, roundTripMs: 1}, {at: now - 60_000}),
    containers: sample(
      names.map(name => container(name)),
      {at: now - 30_000},
    ),
    postgres: sample(id === 1 ? primaryReading() : standbyReading()),
    nodeDisk: undefined,
    monitorDisk: undefined,
    ...more,
  };
}

/** Three nodes, number_sync_standbys 1, everything in order; parts can be replaced. */
export function cluster(
  more: {
    nodes?: readonly MonitorNode[];
    hosts?: readonly HostSnapshot[];
    reading?: Partial<MonitorReading>;
    snapshot?: Partial<Snapshot>;
  } = {},
): Snapshot {
  const nodes = more.nodes ?? [monitorNode(1), monitorNode(2), monitorNode(3)];
  return {
    cluster: {name: 'orders', environment: undefined, formation: 'default', readOnly: false},
    hosts: more.hosts ?? [host(1), host(2), host(3)],
    monitor: sample(monitorReading(nodes, more.reading)),
    events: [],
    monitorMessages: [],
    ...more.snapshot,
  };
}

/** A host that answers nothing any more: the machine is off. */
export function deadHost(id: number): HostSnapshot {
  const before = host(id);
  return {
    ...before,
    link: failedSample('timeout', `no answer from ubuntu24.04-${id} within 10 s`),
    containers: failedSample('not-connected', 'not connected'),
    postgres: failedSample('not-connected', 'not connected'),
  };
}

/** A host whose Docker works and whose node's container has stopped. */
export function hostWithStoppedNode(id: number): HostSnapshot {
  const before = host(id);
  const others = id === 3 ? [container('pg_monitor')] : [];
  return {
    ...before,
    containers: sample([container(`pg_node${id}`, {state: 'exited', exitCode: 0, finishedAt: serverTime}), ...others]),
    postgres: failedSample('container-not-running', `pg_node${id} is not running`),
  };
}
