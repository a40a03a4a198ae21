import type {EdgeClock} from '../cluster/back-off.ts';
import type {ClusterTime} from '../cluster/cluster-time.ts';
import {bad, type ProblemKind} from '../cluster/problem.ts';
import {current, failed, problemOf, type Sample} from '../cluster/sample.ts';
import type {
  ClusterEvent,
  HostSnapshot,
  MonitorMessage,
  MonitorReading,
  PostgresReading,
  Snapshot,
} from '../cluster/snapshot.ts';
import type {ClusterConfiguration, HostConfiguration} from '../config/configuration.ts';
import {watchDisk} from '../docker/container-disk.ts';
import {watchContainers} from '../docker/docker.ts';
import type {MonitorOptions} from '../monitor/connect.ts';
import {lockFormation} from '../monitor/formation-lock.ts';
import {type KeptLock, keepLock} from '../monitor/kept-lock.ts';
import {watchMonitor} from '../monitor/monitor.ts';
import {monitorPassword} from '../monitor/password.ts';
import {watchPostgres} from '../postgres/postgres.ts';
import type {Ask} from '../ssh/ask.ts';
import {type HostConnection, openHost} from '../ssh/host-connection.ts';
import {Turns} from '../ssh/turns.ts';

/** All watchers of one cluster, and the snapshot that they keep up to date. */
export type Collector = {
  snapshot(): Snapshot;
  host(name: string): HostConnection | undefined;
  /** Called after every change, `urgent` when the monitor said something. Coalesced within one turn of the event loop. */
  subscribe(listener: (urgent: boolean) => void): () => void;
  /** Resolves when every source has answered or failed once, or when the deadline is over. */
  settled(deadlineMs: number): Promise<void>;
  /** Attempts that wait for their back-off are made now; `asking` includes those that would ask the person again. */
  retryNow(asking: boolean): void;
  /** Reads the monitor and the containers at once. */
  refresh(): void;
  /** Says in the snapshot whether anything may be changed from here. */
  setReadOnly(readOnly: boolean): void;
  /**
   * Keeps other consoles from acting on this formation, until it is released or this program ends; they read the operator's name. `tell`:
   * somebody else has it since the monitor was away.
   */
  lock(operator: string, tell?: (by: string) => void): Promise<KeptLock>;
  close(): Promise<void>;
};

export type CollectorEnvironment = EdgeClock & {
  ask: Ask;
  readOnly: boolean;
  /** The time of an embedded cluster. */
  time?: () => ClusterTime | undefined;
};

const needsAnswer: readonly ProblemKind[] = ['authentication', 'key-file', 'host-key-unknown'];
/** So many hosts are connected to at a time; one that is not reached within so long lets the next one begin. */
const connectingHosts = 12;
const connectingMs = 500;
const maximumEvents = 2000;
const maximumMessages = 500;

export function collect(cluster: ClusterConfiguration, environment: CollectorEnvironment): Collector {
  const listeners = new Set<(urgent: boolean) => void>();
  let snapshot = firstSnapshot(cluster, environment.readOnly);
  let scheduled = false;
  let urgency = false;

  const change = (more: Partial<Snapshot>, urgent = false) => {
    snapshot = {...snapshot, ...more};
    urgency ||= urgent;
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const urgentNow = urgency;
      urgency = false;
      for (const listener of listeners) listener(urgentNow);
    });
  };
  const changeHost = (name: string, more: Partial<HostSnapshot>) => {
    change({hosts: snapshot.hosts.map(host => (host.name === name ? {...host, ...more} : host))});
  };

  const withTime = () => {
    const time = environment.time?.();
    if (time !== undefined && time !== snapshot.time) snapshot = {...snapshot, time};
    return snapshot;
  };

  const monitorFirst = new HeadStart();
  const turns = new Turns(connectingHosts, connectingMs);
  const hosts = cluster.hosts.map(configuration =>
    watchHost(configuration, {...environment, turns}, monitorFirst, more => changeHost(configuration.name, more)),
  );
  const monitorHost = hosts.find(host => host.configuration.monitor !== undefined);
  const monitor =
    monitorHost &&
    watchTheMonitor(monitorHost, cluster, environment, (reading, events, messages) => {
      monitorFirst.monitorSpoke();
      const urgent =
        events.length > 0 || messages.length > 0 || 'error' in reading !== 'error' in (snapshot.monitor ?? reading);
      change(
        {
          monitor: reading,
          events: events.length === 0 ? snapshot.events : [...snapshot.events, ...events].slice(-maximumEvents),
          monitorMessages:
            messages.length === 0
              ? snapshot.monitorMessages
              : [...snapshot.monitorMessages, ...messages].slice(-maximumMessages),
        },
        urgent,
      );
    });
  if (monitorHost === undefined) {
    monitorFirst.monitorSpoke();
    change({monitor: withoutMonitor(environment.now())});
  }

  /** Resolves when the monitor has answered anew. */
  const nextReading = () => {
    const {promise, resolve} = Promise.withResolvers<void>();
    const before = snapshot.monitor;
    const look = () => {
      if (snapshot.monitor === before || current(snapshot.monitor) === undefined) return;
      listeners.delete(look);
      resolve();
    };
    listeners.add(look);
    return promise;
  };

  return {
    snapshot: withTime,
    host: name => hosts.find(host => host.configuration.name === name)?.connection,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settled: deadlineMs => untilSettled(deadlineMs, () => snapshot, listeners),
    retryNow(asking) {
      for (const {connection} of hosts) {
        const problem = problemOf(connection.link());
        if (problem !== undefined && (asking || !needsAnswer.includes(problem.kind))) connection.retryNow();
      }
      if (snapshot.monitor !== undefined && 'error' in snapshot.monitor) monitor?.refresh();
    },
    refresh() {
      for (const host of hosts) host.refresh();
      monitor?.refresh();
    },
    setReadOnly: readOnly => change({cluster: {...snapshot.cluster, readOnly}}),
    lock(operator, tell = () => undefined) {
      const options = monitorHost && monitorOptions(monitorHost, cluster, environment);
      if (options === undefined) return Promise.resolve({kind: 'unknown', release: () => undefined});
      return keepLock(() => lockFormation(options, operator), nextReading, tell);
    },
    async close() {
      monitorFirst.close();
      for (const host of hosts) host.stop();
      await monitor?.close();
      await Promise.all(hosts.map(host => host.connection.close()));
      listeners.clear();
    },
  };
}

type WatchedHost = {
  configuration: HostConfiguration;
  connection: HostConnection;
  refresh(): void;
  stop(): void;
};

function watchHost(
  configuration: HostConfiguration,
  environment: CollectorEnvironment & {turns: Turns},
  monitorFirst: HeadStart,
  change: (more: Partial<HostSnapshot>) => void,
): WatchedHost {
  const connection = openHost(configuration.ssh, {
    ...environment,
    ...(configuration.monitor === undefined ? {begin: monitorFirst.forConnections} : {}),
  });
  const answered = Promise.withResolvers<void>();
  const unsubscribe = connection.subscribe(() => {
    const link = connection.link();
    if (link !== undefined) answered.resolve();
    if (configuration.monitor !== undefined && link !== undefined)
      monitorFirst.hostAnswered(current(link) !== undefined);
    change({link});
  });
  const watches: {refresh(): void; close(): void}[] = [];
  const {docker, node, monitor} = configuration;
  const onDisk = (container: string, listener: Parameters<typeof watchDisk>[1]) =>
    watches.push(watchDisk({host: connection, docker, container, clock: environment}, listener));
  const watchMonitorDisk = () => {
    if (monitor !== undefined) onDisk(monitor.container, sample => change({monitorDisk: sample}));
  };
  let closed = false;
  const watch = () => {
    watches.push(watchContainers(connection, docker, sample => change({containers: sample}), environment));
    if (node === undefined) return watchMonitorDisk();
    const {container, port} = node;
    const options = {host: connection, docker, container, port, clock: environment};
    let isFirst = true;
    const onPostgres = (sample: Sample<PostgresReading>) => {
      change({postgres: sample});
      if (!isFirst || closed) return;
      isFirst = false;
      // What fills the table comes first.
      onDisk(container, each => change({nodeDisk: each}));
      watchMonitorDisk();
    };
    watches.push(watchPostgres(options, onPostgres));
  };
  // A command has its deadline, and the turn of a host among hundreds may come after it.
  void Promise.all([monitorFirst.forCommands, answered.promise]).then(([isOver]) => {
    if (!isOver && !closed) watch();
  });
  return {
    configuration,
    connection,
    refresh() {
      for (const each of watches) each.refresh();
    },
    stop() {
      closed = true;
      unsubscribe();
      for (const each of watches) each.close();
    },
  };
}

/** Time in which the other hosts are left alone, and time in which nothing but the monitor is asked, unless it has answered before. */
const connectionsMs = 100;
const commandsMs = 500;

/**
 * The monitor alone can fill the table, and is asked first: three handshakes and a dozen `docker` commands at once take more of this
 * machine and of the hosts than its answer does.
 */
class HeadStart {
  readonly forConnections: Promise<void>;
  /** Resolves with true when the collector was closed meanwhile. */
  readonly forCommands: Promise<boolean>;
  readonly #connect = Promise.withResolvers<void>();
  readonly #command = Promise.withResolvers<boolean>();
  readonly #timers: readonly NodeJS.Timeout[];

  constructor() {
    this.forConnections = this.#connect.promise;
    this.forCommands = this.#command.promise;
    this.#timers = [
      setTimeout(() => this.#connect.resolve(), connectionsMs),
      setTimeout(() => this.monitorSpoke(), commandsMs),
    ];
  }

  /** The monitor's host is connected to, or its first attempt has failed: then there is nothing to wait for. */
  hostAnswered(isConnected: boolean): void {
    if (isConnected) this.#connect.resolve();
    else this.#end(false);
  }

  monitorSpoke(): void {
    this.#end(false);
  }

  close(): void {
    this.#end(true);
  }

  #end(isOver: boolean): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#connect.resolve();
    this.#command.resolve(isOver);
  }
}

function watchTheMonitor(
  {configuration, connection}: WatchedHost,
  cluster: ClusterConfiguration,
  environment: CollectorEnvironment,
  listener: (
    reading: Sample<MonitorReading>,
    events: readonly ClusterEvent[],
    messages: readonly MonitorMessage[],
  ) => void,
) {
  const options = monitorOptions({configuration, connection}, cluster, environment);
  return options && watchMonitor(options, update => listener(update.reading, update.newEvents, update.newMessages));
}

function monitorOptions(
  {configuration, connection}: Pick<WatchedHost, 'configuration' | 'connection'>,
  cluster: ClusterConfiguration,
  clock: EdgeClock,
): MonitorOptions | undefined {
  const {monitor, docker, ssh} = configuration;
  if (monitor === undefined) return undefined;
  const {user, database, sslMode, password, container, port} = monitor;
  return {
    host: connection,
    ...{docker, address: ssh.address, container, port, formation: cluster.formation, clock, database},
    ...(user === undefined ? {} : {user}),
    ...(sslMode === undefined ? {} : {sslMode}),
    ...(password === undefined ? {} : {password: monitorPassword(password)}),
  };
}

function firstSnapshot(cluster: ClusterConfiguration, readOnly: boolean): Snapshot {
  return {
    cluster: {
      name: cluster.name,
      environment: cluster.environment,
      formation: cluster.formation,
      readOnly: readOnly || cluster.readOnly,
    },
    hosts: cluster.hosts.map(host => ({
      name: host.name,
      address: host.ssh.address,
      node: host.node,
      monitor: host.monitor && {container: host.monitor.container, port: host.monitor.port},
      link: undefined,
      containers: undefined,
      postgres: undefined,
      nodeDisk: undefined,
      monitorDisk: undefined,
    })),
    monitor: undefined,
    events: [],
    monitorMessages: [],
  };
}

function withoutMonitor(at: number): Sample<MonitorReading> {
  const {problem} = bad('monitor-unknown', 'no host of this cluster has a monitor in the configuration', {
    remedy: 'add `monitor: {container: …, port: …}` to the host that runs it',
  });
  return failed(undefined, problem, at, 'configuration');
}

/** Whether each source has said something, good or bad, for a first look. */
export function isSettled(snapshot: Snapshot): boolean {
  const hosts = snapshot.hosts.every(host => {
    if (host.link === undefined) return false;
    if (current(host.link) === undefined) return true;
    const hasDisks =
      (host.node === undefined || host.nodeDisk !== undefined) &&
      (host.monitor === undefined || host.monitorDisk !== undefined);
    return host.containers !== undefined && (host.node === undefined || host.postgres !== undefined) && hasDisks;
  });
  const monitorHost = snapshot.hosts.find(host => host.monitor !== undefined);
  const monitorAway = monitorHost?.link !== undefined && 'error' in monitorHost.link;
  return hosts && (snapshot.monitor !== undefined || monitorAway);
}

function untilSettled(
  deadlineMs: number,
  snapshot: () => Snapshot,
  listeners: Set<(urgent: boolean) => void>,
): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>();
  const look = () => {
    if (isSettled(snapshot())) resolve();
  };
  listeners.add(look);
  const timer = setTimeout(resolve, deadlineMs);
  look();
  return promise.finally(() => {
    clearTimeout(timer);
    listeners.delete(look);
  });
}
