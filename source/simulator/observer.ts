import {withCommitStall} from '../cluster/commit-stall.ts';
import {withTrend} from '../cluster/disk-trend.ts';
import {parseLsn} from '../cluster/lsn.ts';
import type {Problem} from '../cluster/problem.ts';
import {failed, type Sample} from '../cluster/sample.ts';
import type {
  ClusterEvent,
  DiskReading,
  HostSnapshot,
  MonitorMessage,
  MonitorNode,
  MonitorReading,
  PostgresReading,
  Snapshot,
} from '../cluster/snapshot.ts';
import {diskReading} from './disk-reading.ts';
import {type EventRow, lsnText, type NodeRow} from './tables.ts';
import {type HostView, outside, type World} from './world.ts';

/** A console without wires: it looks at a world as the real one does through SSH, Docker, psql and the monitor's database. */
export type Observer = {look(): Snapshot; close(): void};

/** As many of the newest events and messages are kept. */
const kept = 500;

/** A disk is looked at less often than all else. */
const diskMs = 10_000;

/** What the console would see now, with no memory of before. */
export function readingOf(world: World): Snapshot {
  const observer = createObserver(world);
  const snapshot = observer.look();
  observer.close();
  return snapshot;
}

/** Watches a world from now on; `look` is one look at everything, and remembers what was last seen of what is gone. */
export function createObserver(world: World): Observer {
  const messages: MonitorMessage[] = [];
  const last = new Map<string, HostSnapshot>();
  let monitor: Sample<MonitorReading> | undefined;
  let events: ClusterEvent[] = [];
  const close = world.listen(happening => {
    if (happening.kind !== 'notification' || happening.channel !== 'log') return;
    messages.push({at: happening.at, text: happening.payload});
    if (messages.length > kept * 2) messages.splice(0, kept);
  });
  return {
    close,
    look() {
      const hosts = world.hosts().map(host => lookAtHost(world, host, last.get(host.name)));
      for (const host of hosts) last.set(host.name, host);
      const source = `monitor ${world.monitor.host}:${world.monitor.port}`;
      const problem = monitorProblem(world);
      monitor =
        problem === undefined
          ? {value: readMonitor(world), at: world.now(), source}
          : failed(monitor, problem, world.now(), source);
      if (problem === undefined) {
        const fresh = world.monitor.events(events.at(-1)?.id ?? 0).map(eventOf);
        if (fresh.length > 0) events = [...events, ...fresh].slice(-kept);
      }
      return {
        cluster: {name: 'simulated', environment: undefined, formation: 'default', readOnly: false},
        hosts,
        monitor,
        events,
        monitorMessages: messages.slice(-kept),
      };
    },
  };
}

function lookAtHost(world: World, host: HostView, before: HostSnapshot | undefined): HostSnapshot {
  const now = world.now();
  const containers = world.containers(host.name);
  const node = containers.find(container => container.role === 'node');
  const monitor = containers.find(container => container.role === 'monitor');
  const place = {
    name: host.name,
    address: host.address,
    node: node === undefined ? before?.node : {container: node.name, port: node.port},
    monitor: monitor === undefined ? before?.monitor : {container: monitor.name, port: monitor.port},
  };
  const source = (what: string) => `${what} ${host.name}`;
  const disks = (problem: Problem | undefined) => ({
    nodeDisk: place.node && readDisk(world, host.name, place.node.container, before?.nodeDisk, problem),
    monitorDisk: place.monitor && readDisk(world, host.name, place.monitor.container, before?.monitorDisk, problem),
  });
  const unreachable = linkProblem(world, host);
  if (unreachable !== undefined) {
    const lost: Problem = {kind: 'not-connected', message: `no connection to ${host.name}`};
    return {
      ...place,
      link: failed(before?.link, unreachable, now, source('ssh')),
      containers: failed(before?.containers, lost, now, source('docker')),
      postgres: place.node === undefined ? undefined : failed(before?.postgres, lost, now, source('psql')),
      ...disks(lost),
    };
  }
  const link = {
    value: {connectedAt: now, roundTripMs: world.path(outside, host.name).roundTripMs},
    at: now,
    source: source('ssh'),
  };
  if (host.frozen.dockerd) {
    const silent: Problem = {kind: 'docker-down', message: `Docker on ${host.name} does not answer`};
    return {
      ...place,
      link,
      containers: failed(before?.containers, silent, now, source('docker')),
      postgres: place.node === undefined ? undefined : failed(before?.postgres, silent, now, source('psql')),
      ...disks(silent),
    };
  }
  return {
    ...place,
    link,
    containers: {value: containers, at: now, source: source('docker')},
    postgres: node === undefined ? undefined : readPostgres(world, host.name, node.name, before?.postgres),
    ...disks(undefined),
  };
}

function readPostgres(
  world: World,
  host: string,
  container: string,
  before: Sample<PostgresReading> | undefined,
): Sample<PostgresReading> {
  const source = `psql ${container}@${host}`;
  const now = world.now();
  const running = world.containers(host).find(each => each.name === container)?.state === 'running';
  if (!running) {
    return failed(before, {kind: 'container-not-running', message: `${container} is not running`}, now, source);
  }
  const answer = world.postgres(host, container);
  if (!answer.ok) return failed(before, {kind: 'postgres-down', message: answer.error}, now, source);
  return withCommitStall(before, {value: answer.value, at: now, source});
}

function readDisk(
  world: World,
  host: string,
  container: string,
  before: Sample<DiskReading> | undefined,
  problem: Problem | undefined,
): Sample<DiskReading> {
  const source = `df ${container}@${host}`;
  const at = world.now();
  if (problem !== undefined) return failed(before, problem, at, source);
  const running = world.containers(host).find(each => each.name === container)?.state === 'running';
  if (!running) {
    return failed(before, {kind: 'container-not-running', message: `${container} is not running`}, at, source);
  }
  if (before !== undefined && 'value' in before && at - before.at < diskMs) return before;
  return withTrend(before, {value: diskReading(world, host, container), at, source});
}

function linkProblem(world: World, host: HostView): Problem | undefined {
  const {state} = world.path(outside, host.name);
  if (state === 'unreachable') return {kind: 'unreachable', message: `no route to ${host.name}`};
  if (state === 'lost' || host.frozen.sshd) return {kind: 'timeout', message: `${host.name} does not answer`};
  return undefined;
}

function monitorProblem(world: World): Problem | undefined {
  const host = world.host(world.monitor.host);
  const unreachable = host === undefined ? undefined : linkProblem(world, host);
  if (unreachable !== undefined) return {kind: 'not-connected', message: unreachable.message};
  return world.monitor.answers()
    ? undefined
    : {kind: 'monitor-refused', message: `connection to ${world.monitor.host}:${world.monitor.port} refused`};
}

function readMonitor(world: World): MonitorReading {
  const {monitor} = world;
  const now = world.now();
  const settings = monitor.settings();
  const setting = (name: string) => settings[name] ?? 0;
  const formation = monitor.formations()[0];
  return {
    version: monitor.version,
    serverTime: now,
    uptimeSeconds: (now - monitor.startedAt()) / 1000,
    formation: {
      name: formation?.formationid ?? 'default',
      kind: formation?.kind ?? 'pgsql',
      databaseName: formation?.dbname ?? 'postgres',
      numberSyncStandbys: formation?.number_sync_standbys ?? 0,
    },
    synchronousStandbyNames: monitor.synchronousStandbyNames('default', 0),
    settings: {
      healthCheckPeriod: setting('health_check_period'),
      healthCheckTimeout: setting('health_check_timeout'),
      healthCheckMaxRetries: setting('health_check_max_retries'),
      healthCheckRetryDelay: setting('health_check_retry_delay'),
      nodeConsideredUnhealthyTimeout: setting('node_considered_unhealthy_timeout'),
      primaryDemoteTimeout: setting('primary_demote_timeout'),
      startupGracePeriod: setting('startup_grace_period'),
      enableSyncWalLogThreshold: setting('enable_sync_wal_log_threshold'),
      promoteWalLogThreshold: setting('promote_wal_log_threshold'),
    },
    nodes: monitor.nodes('default').map(row => nodeOfRow(row, now)),
  };
}

function nodeOfRow(row: NodeRow, now: number): MonitorNode {
  return {
    id: row.nodeid,
    name: row.nodename,
    host: row.nodehost,
    port: row.nodeport,
    group: row.groupid,
    reportedState: row.reportedstate,
    assignedState: row.goalstate,
    postgresRunning: row.reportedpgisrunning,
    replicationState: row.reportedrepstate,
    timeline: row.reportedtli,
    lsn: parseLsn(lsnText(row.reportedlsn)),
    health: row.health === 1 ? 'good' : row.health === 0 ? 'bad' : 'unknown',
    candidatePriority: row.candidatepriority,
    replicationQuorum: row.replicationquorum,
    systemIdentifier: row.sysidentifier ?? undefined,
    nodeCluster: row.nodecluster,
    reportAgeSeconds: (now - row.reporttime) / 1000,
    healthAgeSeconds: (now - row.healthchecktime) / 1000,
    stateAgeSeconds: (now - row.statechangetime) / 1000,
  };
}

function eventOf(row: EventRow): ClusterEvent {
  return {
    id: row.eventid,
    at: row.eventtime,
    group: row.groupid,
    nodeId: row.nodeid,
    nodeName: row.nodename,
    reportedState: row.reportedstate,
    assignedState: row.goalstate,
    timeline: row.reportedtli,
    lsn: parseLsn(lsnText(row.reportedlsn)),
    candidatePriority: row.candidatepriority,
    replicationQuorum: row.replicationquorum,
    description: row.description,
  };
}
