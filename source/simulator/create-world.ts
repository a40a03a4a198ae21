import {logAnnouncements} from './announcements.ts';
import {nodeOf} from './container.ts';
import {createDatabase} from './database.ts';
import {diskUsed} from './disk.ts';
import {createDocker} from './docker-commands.ts';
import {createEngine} from './engine.ts';
import {createFiles} from './files.ts';
import {synchronousStandbyNames} from './find-nodes.ts';
import {callFunction} from './functions.ts';
import {hostFiles} from './host-files.ts';
import {wakeKeeper} from './keeper.ts';
import {noteWrites, truthOf} from './measure-truth.ts';
import {roundTrip, routeBetween} from './network.ts';
import {postgresView, psqlError} from './postgres-view.ts';
import {settleCluster} from './settled-cluster.ts';
import type {ContainerState, DataNode, Host, Monitor, Simulation} from './simulation.ts';
import {createSupervisor} from './supervisor.ts';
import {settle} from './wal.ts';
import {type ContainerView, type HostView, type KeeperView, outside, type World, type WorldOptions} from './world.ts';
import {createFaults, hostNamed} from './world-faults.ts';

/** The version that the simulated monitor is. */
const version = '2.0';

/** The port of the monitor, which shares its host with a data node. */
const monitorPort = 6000;

/** Makes a world. */
export function createWorld(options: WorldOptions): World {
  const simulation = createSimulation(options);
  if ((options.begin ?? 'settled') === 'settled') {
    settleCluster(simulation, {
      nodesPerGroup: options.nodesPerGroup ?? 3,
      groups: options.groups ?? 1,
      monitorPort,
      seed: options.seed,
      lastEventId: options.lastEventId,
      nodeCommand: options.nodeCommand ?? 'run',
    });
  }
  logAnnouncements(simulation);
  const {engine, monitor} = simulation;
  const {faults, inPlace} = createFaults(simulation);
  const find = (host: string, name: string) => {
    const container = hostNamed(simulation, host).containers.get(name);
    return container === undefined ? undefined : nodeOf(simulation, container);
  };
  return {
    now: engine.now,
    advance: engine.advance,
    schedule(milliseconds, run) {
      const timer = engine.after(milliseconds, run);
      return () => {
        timer.cancelled = true;
      };
    },
    listen: engine.listen,
    hosts: () => [...simulation.hosts.values()].map(host => hostView(simulation, host)),
    files: name => hostNamed(simulation, name).files,
    host(name) {
      const host = simulation.hosts.get(name);
      return host === undefined ? undefined : hostView(simulation, host);
    },
    path(from, to) {
      const [one, other] = [from, to].map(name => (name === outside ? undefined : hostNamed(simulation, name)));
      return {state: routeBetween(simulation, one, other), roundTripMs: roundTrip(one, other)};
    },
    containers(name) {
      const host = hostNamed(simulation, name);
      if (!host.powered) return [];
      return [...host.containers.values()].sort((a, b) => a.name.localeCompare(b.name)).map(containerView);
    },
    lines: (host, name) => hostNamed(simulation, host).containers.get(name)?.lines ?? [],
    monitor: monitorView(simulation, monitor),
    postgres(host, name) {
      const node = find(host, name);
      if (node === undefined) return {ok: false, error: 'psql: error: no Postgres in this container'};
      return node.postgres.running
        ? {ok: true, value: postgresView(simulation, node)}
        : {ok: false, error: psqlError(node)};
    },
    keeper(host, name) {
      const node = find(host, name);
      if (node === undefined) return undefined;
      settle(simulation, node.group);
      return keeperView(node);
    },
    docker: createDocker(simulation),
    supervisor: createSupervisor(simulation),
    faults,
    truth: () => ({
      at: engine.now(),
      groups: simulation.groups.map(group => truthOf(simulation, group)),
      faults: inPlace(),
    }),
  };
}

function createSimulation(options: WorldOptions): Simulation {
  const engine = createEngine({
    seed: options.seed,
    startAt: options.startAt,
    afterEach() {
      if (simulation.touched.size === 0) return;
      for (const group of simulation.touched) noteWrites(simulation, group);
      simulation.touched.clear();
    },
  });
  const hosts = new Map<string, Host>();
  const nodesPerGroup = options.nodesPerGroup ?? 3;
  const count = nodesPerGroup * (options.groups ?? 1);
  const places = Array.from({length: Math.max(count, 3)}, (_none, index) => placeOf(index + 1));
  for (const place of places) hosts.set(place.name, newHost(place, options.startAt, engine.now, places));
  const monitorHost = hosts.get(`vm${Math.min(3, Math.max(count, 3))}`);
  if (monitorHost === undefined) throw new Error('a world has at least one host');
  const database = createDatabase(engine, options.settings ?? {}, row => {
    const group = simulation.groups.find(each => each.formation === row.formationid && each.number === row.groupid);
    for (const node of group?.nodes ?? []) wakeKeeper(simulation, node);
  });
  const simulation: Simulation = {
    engine,
    hosts,
    partitions: new Set(),
    monitor: {
      database,
      container: undefined,
      host: monitorHost,
      name: 'pg_monitor',
      port: monitorPort,
      answers: false,
      round: undefined,
      flapping: undefined,
    },
    groups: [],
    nodes: [],
    transactionsPerSecond: options.transactionsPerSecond ?? 25,
    touched: new Set(),
    lastPid: 1000,
  };
  return simulation;
}

function placeOf(index: number): {name: string; address: string} {
  const number = index + 10;
  return {name: `vm${index}`, address: `10.0.${Math.floor(number / 250)}.${number % 250}`};
}

function newHost(
  {name, address}: {name: string; address: string},
  startAt: number,
  now: () => number,
  all: readonly {name: string; address: string}[],
): Host {
  return {
    name,
    address,
    files: createFiles(now, hostFiles(name, all)),
    powered: true,
    bootedAt: startAt - 9 * 86_400_000,
    booting: undefined,
    frozen: {sshd: false, dockerd: false},
    delay: 0,
    clockSkew: 0,
    disk: {totalBytes: 100e9, usedBytes: 35e9, growth: 0, at: startAt},
    containers: new Map(),
    volumes: new Map(),
  };
}

function hostView(simulation: Simulation, host: Host): HostView {
  const {name, address, powered, bootedAt, frozen, delay, clockSkew} = host;
  return {
    name,
    address,
    powered,
    bootedAt,
    frozen: {...frozen},
    delay,
    clockSkew,
    disk: {totalBytes: host.disk.totalBytes, usedBytes: diskUsed(simulation, host)},
  };
}

function containerView(container: ContainerState): ContainerView {
  const {id, name, image, state, exitCode, restarts, startedAt, finishedAt, role, port, pid} = container;
  const skew = container.host.clockSkew;
  return {
    id,
    name,
    image,
    state,
    exitCode: state === 'exited' || state === 'restarting' ? exitCode : undefined,
    restarts,
    startedAt: startedAt === undefined ? undefined : startedAt + skew,
    finishedAt: finishedAt === undefined ? undefined : finishedAt + skew,
    outOfMemory: false,
    health: undefined,
    host: container.host.name,
    role,
    port,
    restartPolicy: container.restartPolicy,
    pid,
    command: container.command,
    environment: container.environment,
  };
}

function keeperView(node: DataNode): KeeperView {
  const {state, keeper, postgres} = node;
  return {
    nodeId: state?.nodeId,
    nodeName: node.name,
    formation: node.formation,
    group: node.group.number,
    currentRole: state?.role ?? 'init',
    assignedRole: state?.assigned ?? 'init',
    lastMonitorContact: state?.lastMonitorContact ?? 0,
    lastSecondaryContact: state?.lastSecondaryContact ?? 0,
    running: keeper.running,
    postgresRunning: postgres.running,
    timeline: postgres.branch.timeline,
    lsn: Math.floor(postgres.lsn),
  };
}

function monitorView(simulation: Simulation, monitor: Monitor): World['monitor'] {
  const {database} = monitor;
  return {
    get host() {
      return monitor.host.name;
    },
    get container() {
      return monitor.name;
    },
    get port() {
      return monitor.port;
    },
    version,
    answers: () => monitor.answers,
    startedAt: () => database.startedAt,
    nodes: formation =>
      formation === undefined ? database.nodes : database.nodes.filter(row => row.formationid === formation),
    formations: () => database.formations,
    events: after => eventsAfter(database.events, after),
    lastEventId: () => database.lastEventId,
    synchronousStandbyNames: (formation, group) => synchronousStandbyNames(database, formation, group),
    settings: () => database.settings,
    set(name, value) {
      database.settings[name] = value;
    },
    call: (call, options = {}) => callFunction(simulation.monitor.database, call, options.rollBack === true),
  };
}

function eventsAfter(events: Simulation['monitor']['database']['events'], after: number): typeof events {
  let index = events.length;
  while (index > 0 && (events[index - 1]?.eventid ?? 0) > after) index -= 1;
  return events.slice(index);
}
