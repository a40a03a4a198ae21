import {bad, good, type Outcome, type Problem} from '../../source/cluster/problem.ts';
import {
  type Container,
  defaultMonitorSettings,
  type MonitorReading,
  type PostgresReading,
} from '../../source/cluster/snapshot.ts';
import type {ConnectionEdges} from '../../source/commands/connection-edges.ts';
import type {ContainerRole} from '../../source/commands/container-role.ts';
import type {HostConnection} from '../../source/ssh/host-connection.ts';
import type {HostSettings} from '../../source/ssh/host-settings.ts';

/** One VM as the fake edges show it; what is missing works. */
export type FakeHost = {
  ssh?: Problem;
  /** By the docker command; default: `docker` has the containers. */
  docker?: Record<string, Outcome<readonly Container[]>>;
  containers?: readonly Container[];
  roles?: Record<string, ContainerRole>;
  postgres?: Problem;
  monitor?: Problem;
  registeredNodes?: number;
  /** Where the monitor's database was found. */
  monitorPort?: number;
};

/** Edges to VMs that exist only here, by address; `opened` and `closed` count. An address that is not listed does not resolve. */
export function fakeEdges(hosts: Record<string, FakeHost>): {
  edges: ConnectionEdges;
  opened: string[];
  closed: string[];
} {
  const opened: string[] = [];
  const closed: string[] = [];
  const of = (name: string): FakeHost =>
    hosts[name] ?? {ssh: {kind: 'name-unknown', message: `${name} is not a known name`, remedy: 'check the name'}};
  return {
    opened,
    closed,
    edges: {
      open(settings) {
        opened.push(settings.address);
        return fakeConnection(settings, of(settings.address).ssh, () => closed.push(settings.address));
      },
      containers({name}, docker) {
        const host = of(name);
        const command = docker.join(' ');
        const fallback =
          command === 'docker'
            ? good(host.containers ?? [])
            : bad('docker-missing', `${command} is not installed on ${name}`);
        return Promise.resolve(host.docker?.[command] ?? fallback);
      },
      role: ({name}, _docker, container) => Promise.resolve(of(name).roles?.[container]),
      postgres({name}) {
        const problem = of(name).postgres;
        return Promise.resolve(problem === undefined ? good(standby) : {ok: false, problem});
      },
      monitor({name}, _host, formation) {
        const {monitor: problem, registeredNodes = 3, monitorPort} = of(name);
        return Promise.resolve(
          problem === undefined
            ? good({reading: reading(formation, registeredNodes), port: monitorPort})
            : {ok: false, problem},
        );
      },
    },
  };
}

/** A container that runs, unless said otherwise. */
export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    id: name,
    name,
    image: 'citusdata/pg_auto_failover:15',
    state: 'running',
    exitCode: undefined,
    restarts: 0,
    startedAt: 0,
    finishedAt: undefined,
    outOfMemory: false,
    health: undefined,
    ...more,
  };
}

/** What resolving a host gives, without any ssh_config. */
export function hostSettings(name: string, more: Partial<HostSettings> = {}): HostSettings {
  return {
    name,
    address: name,
    port: 22,
    user: 'ubuntu',
    identityFiles: [],
    identitiesOnly: false,
    agentSocket: undefined,
    knownHostsFiles: [],
    jump: [],
    ...more,
  };
}

function fakeConnection(settings: HostSettings, problem: Problem | undefined, closed: () => void): HostConnection {
  const nothing = () => Promise.resolve(bad('internal', 'the fake edges run nothing'));
  return {
    name: settings.address,
    link: () =>
      problem === undefined
        ? {value: {connectedAt: 0, roundTripMs: 12.3}, at: 0, source: 'ssh'}
        : {error: problem, at: 0, source: 'ssh'},
    subscribe: () => () => undefined,
    retryNow: () => undefined,
    run: nothing,
    stream: nothing,
    session: nothing,
    forward: nothing,
    close() {
      closed();
      return Promise.resolve();
    },
  };
}

const standby: PostgresReading = {
  inRecovery: true,
  readOnly: false,
  timeline: 3,
  systemIdentifier: '1',
  currentLsn: undefined,
  flushLsn: undefined,
  receiveLsn: undefined,
  replayLsn: undefined,
  replayAgeSeconds: undefined,
  replayPaused: false,
  receiverStatus: 'streaming',
  receiverHost: undefined,
  synchronousStandbyNames: '',
  replication: [],
  slots: [],
  waitingForSyncRep: 0,
  serverTime: 0,
  startedAt: 0,
};

function reading(formation: string, count: number): MonitorReading {
  return {
    version: '2.0',
    serverTime: 0,
    uptimeSeconds: 1000,
    formation: {name: formation, kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 1},
    synchronousStandbyNames: '',
    settings: defaultMonitorSettings,
    nodes: Array.from({length: count}, (_, index) => ({
      id: index + 1,
      name: `pg_node${index + 1}`,
      host: `10.0.0.1${index + 1}`,
      port: 5432,
      group: 0,
      reportedState: 'secondary',
      assignedState: 'secondary',
      postgresRunning: true,
      replicationState: 'quorum',
      timeline: 3,
      lsn: undefined,
      health: 'good',
      candidatePriority: 50,
      replicationQuorum: true,
      systemIdentifier: '1',
      nodeCluster: 'default',
      reportAgeSeconds: 0,
      healthAgeSeconds: 0,
      stateAgeSeconds: 0,
    })),
  };
}
