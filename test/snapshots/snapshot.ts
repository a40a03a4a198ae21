import {parseLsn} from '../../source/cluster/lsn.ts';
import {
  type Container,
  type DiskReading,
  defaultMonitorSettings,
  type HostSnapshot,
  type MonitorNode,
  type MonitorReading,
  type PostgresReading,
  type ReplicationRow,
  type Snapshot,
} from '../../source/cluster/snapshot.ts';

/** A healthy cluster of three at one moment, and small changes to it. */
export const at = Date.UTC(2026, 0, 15, 3, 12, 47);

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
    timeline: 5,
    lsn: parseLsn('1A/7F0010'),
    health: 'good',
    candidatePriority: 50,
    replicationQuorum: true,
    systemIdentifier: '7277694203142172922',
    nodeCluster: 'default',
    reportAgeSeconds: 0.6,
    healthAgeSeconds: 2,
    stateAgeSeconds: 3600,
    ...more,
  };
}

export function monitorReading(
  nodes: readonly MonitorNode[] = [1, 2, 3].map(id => monitorNode(id)),
  more: Partial<MonitorReading> = {},
): MonitorReading {
  return {
    version: '2.0',
    serverTime: at,
    uptimeSeconds: 86_400,
    formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 1},
    synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)',
    settings: defaultMonitorSettings,
    nodes,
    ...more,
  };
}

export function replicationRow(id: number, more: Partial<ReplicationRow> = {}): ReplicationRow {
  return {
    applicationName: `pgautofailover_standby_${id}`,
    clientAddress: `10.0.0.1${id}`,
    nodeId: id,
    state: 'streaming',
    syncState: 'quorum',
    sentLagBytes: 0,
    writeLagBytes: 0,
    flushLagBytes: 0,
    replayLagBytes: 0,
    writeLagSeconds: 0.0004,
    flushLagSeconds: 0.0011,
    replayLagSeconds: 0.0012,
    ...more,
  };
}

export function postgresReading(id: number, more: Partial<PostgresReading> = {}): PostgresReading {
  const primary = id === 1;
  return {
    inRecovery: !primary,
    readOnly: false,
    timeline: 5,
    systemIdentifier: '7277694203142172922',
    currentLsn: primary ? parseLsn('1A/7F0010') : undefined,
    flushLsn: primary ? parseLsn('1A/7F0010') : undefined,
    receiveLsn: primary ? undefined : parseLsn('1A/7F0010'),
    replayLsn: primary ? undefined : parseLsn('1A/7F0010'),
    replayAgeSeconds: primary ? undefined : 1,
    replayPaused: false,
    receiverStatus: primary ? undefined : 'streaming',
    receiverHost: primary ? undefined : '10.0.0.11',
    synchronousStandbyNames: primary ? 'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)' : '',
    replication: primary ? [replicationRow(2), replicationRow(3)] : [],
    slots: [],
    waitingForSyncRep: 0,
    serverTime: at,
    startedAt: at - 86_400_000,
    ...more,
  };
}

export function diskReading(): DiskReading {
  const gigabyte = 1024 ** 3;
  return {
    filesystems: [
      {
        holds: 'data',
        device: '/dev/vda1',
        mount: '/var/lib/postgres',
        totalBytes: 100 * gigabyte,
        usedBytes: 38 * gigabyte,
        freeBytes: 57 * gigabyte,
      },
    ],
    walBytes: 8 * gigabyte,
    logBytes: 12_288,
    leftovers: [],
  };
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    id: `${name}0123456789abcdef`,
    name,
    image: 'citusdata/pg_auto_failover:15',
    state: 'running',
    exitCode: undefined,
    restarts: 0,
    startedAt: at - 86_400_000,
    finishedAt: undefined,
    outOfMemory: false,
    health: undefined,
    ...more,
  };
}

export function host(id: number, more: Partial<HostSnapshot> = {}): HostSnapshot {
  const containers = id === 3 ? [container('pg_node3'), container('pg_monitor')] : [container(`pg_node${id}`)];
  return {
    name: `vm${id}`,
    address: `10.0.0.1${id}`,
    node: {container: `pg_node${id}`, port: 5432},
    monitor: id === 3 ? {container: 'pg_monitor', port: 6000} : undefined,
    link: {value: {connectedAt: at - 60_000, roundTripMs: 1.2}, at: at - 300, source: `ssh vm${id}`},
    containers: {value: containers, at: at - 800, source: `docker vm${id}`},
    postgres: {value: postgresReading(id), at: at - 400, source: `psql pg_node${id}@vm${id}`},
    nodeDisk: {value: diskReading(), at: at - 12_000, source: `df pg_node${id}@vm${id}`},
    monitorDisk: id === 3 ? {value: diskReading(), at: at - 12_000, source: 'df pg_monitor@vm3'} : undefined,
    ...more,
  };
}

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    cluster: {name: 'orders', environment: 'production', formation: 'default', readOnly: false},
    hosts: [1, 2, 3].map(id => host(id)),
    monitor: {value: monitorReading(), at: at - 200, source: 'monitor vm3:6000'},
    events: [],
    monitorMessages: [],
    ...more,
  };
}

/** The snapshot with these nodes on the monitor. */
export function withNodes(nodes: readonly MonitorNode[], more: Partial<MonitorReading> = {}): Snapshot {
  return snapshot({monitor: {value: monitorReading(nodes, more), at: at - 200, source: 'monitor vm3:6000'}});
}
