import {exitContainer} from './container.ts';
import {synchronousStandbyNames} from './find-nodes.ts';
import {beginRound} from './health-checks.ts';
import {writeComposeFile} from './host-files.ts';
import {resumeLoop} from './keeper.ts';
import {writesPossible} from './measure-truth.ts';
import {newContainer, newNode} from './new-container.ts';
import {givePast} from './past.ts';
import {setStandbyNames} from './postgres.ts';
import {insidePids} from './service-lines.ts';
import type {ContainerState, DataNode, Host, Simulation} from './simulation.ts';
import {connectStream} from './streaming.ts';
import {type NodeRow, nodeText} from './tables.ts';

/** A cluster that has run for more than a day, so that its first times of day are not those of now: the first node of every group is its primary. */
const ranFor = 100_000_000;

type SettledOptions = {
  nodesPerGroup: number;
  groups: number;
  monitorPort: number;
  seed: number;
  lastEventId: number | undefined;
  nodeCommand: 'create' | 'run';
};

/** Sets up hosts, containers, the monitor's rows and the nodes as they are when all is well. */
export function settleCluster(
  simulation: Simulation,
  {nodesPerGroup, groups, monitorPort, seed, lastEventId, nodeCommand}: SettledOptions,
): void {
  const {monitor, engine} = simulation;
  const {database} = monitor;
  const since = engine.now() - ranFor;
  const container = add(monitor.host, {name: 'pg_monitor', port: monitorPort, role: {kind: 'monitor'}}, since);
  simulation.lastPid += 1;
  container.pid = simulation.lastPid;
  monitor.container = container;
  monitor.answers = true;
  database.startedAt = since;
  database.formations.push({
    formationid: 'default',
    kind: groups > 1 ? 'citus' : 'pgsql',
    dbname: 'postgres',
    opt_secondary: true,
    number_sync_standbys: nodesPerGroup > 2 ? 1 : 0,
  });
  database.lastEventId = lastEventId ?? 20;
  for (let group = 0; group < groups; group += 1) {
    const nodes: DataNode[] = [];
    for (let index = 1; index <= nodesPerGroup; index += 1) {
      const number = group * nodesPerGroup + index;
      const host = simulation.hosts.get(`vm${number}`);
      const place = {number, group, primary: index === 1, nodeCommand};
      if (host !== undefined) nodes.push(addNode(simulation, host, place, since));
    }
    joinNodes(simulation, nodes, since);
  }
  for (const host of simulation.hosts.values()) writeComposeFile(host);
  database.commit();
  givePast(simulation, {seed, since});
  // Whoever has read the other's events has no use for older ones.
  if (lastEventId !== undefined) database.forget(lastEventId);
  monitor.round = engine.after(engine.random.between(0, 5000), () => beginRound(simulation));
}

function add(host: Host, settings: Parameters<typeof newContainer>[1], since: number): ContainerState {
  const container = newContainer(host, settings);
  container.state = 'running';
  container.startedAt = since;
  container.life = 1;
  host.containers.set(container.name, container);
  return container;
}

function addNode(
  simulation: Simulation,
  host: Host,
  {
    number,
    group,
    primary,
    nodeCommand,
  }: {
    number: number;
    group: number;
    primary: boolean;
    nodeCommand: SettledOptions['nodeCommand'];
  },
  since: number,
): DataNode {
  const {engine, monitor} = simulation;
  const name = `pg_node${number}`;
  const role = {kind: 'node', nodeName: name, group, command: nodeCommand} as const;
  const container = add(host, {name, port: 5432, role}, since);
  simulation.lastPid += 2;
  container.pid = simulation.lastPid;
  const node = newNode(simulation, container, role);
  const row = newRow(node, number, primary, engine.now(), since);
  monitor.database.add(row);
  monitor.database.lastNodeId = number;
  const state = primary ? 'primary' : 'secondary';
  node.state = {
    nodeId: number,
    role: state,
    assigned: state,
    lastMonitorContact: engine.now(),
    lastSecondaryContact: engine.now(),
  };
  node.keeper.pid = insidePids.service;
  Object.assign(node.postgres, {
    running: true,
    hasData: true,
    startedAt: since,
    standby: !primary,
    lastCommitAt: engine.now(),
  });
  return node;
}

function joinNodes(simulation: Simulation, nodes: readonly DataNode[], since: number): void {
  const [first] = nodes;
  const {engine, monitor} = simulation;
  const {database} = monitor;
  if (first?.state === undefined) return;
  const {group} = first;
  // Two promotions and a good deal of WAL lie behind it.
  const position = 0x3_0000_0000 + Math.floor(engine.random.between(0, 0x1000_0000)) * 8;
  Object.assign(group.main, {timeline: 3, fork: position, acknowledged: position});
  const names = synchronousStandbyNames(database, group.formation, group.number);
  setStandbyNames(first.postgres, names);
  for (const node of nodes) {
    Object.assign(node.postgres, {branch: group.main, lsn: position, replayed: position});
    const row = database.node(node.state?.nodeId ?? 0);
    if (row !== undefined) Object.assign(row, {reportedtli: 3, reportedlsn: position});
    if (node !== first) {
      node.postgres.upstream = first.state.nodeId;
      connectStream(simulation, node);
    }
    if (row !== undefined && group.number < 5) {
      database.lastEventId += 1;
      database.record(row, `New state is reported by ${nodeText(row)}: "${row.reportedstate}"`);
      const event = database.events.at(-1);
      if (event !== undefined) event.eventtime = since + event.eventid * 800;
    }
    engine.after(engine.random.between(0, 1000), () => {
      if (node.container.life === 1) resumeLoop(simulation, node, () => exitContainer(simulation, node.container, 0));
    });
    node.keeper.running = true;
  }
  group.writesPossible = writesPossible(simulation, group);
  group.since = since;
}

function newRow(node: DataNode, nodeid: number, primary: boolean, now: number, since: number): NodeRow {
  const state = primary ? 'primary' : 'secondary';
  return {
    formationid: node.formation,
    nodeid,
    groupid: node.group.number,
    nodename: node.name,
    nodehost: node.host.address,
    nodeport: node.port,
    sysidentifier: node.postgres.systemIdentifier,
    goalstate: state,
    reportedstate: state,
    reportedpgisrunning: true,
    reportedrepstate: primary ? 'quorum' : 'unknown',
    reporttime: now,
    reportedtli: 3,
    reportedlsn: node.postgres.lsn,
    walreporttime: now,
    health: 1,
    healthchecktime: now - 1,
    statechangetime: since,
    candidatepriority: 50,
    replicationquorum: true,
    nodecluster: 'default',
  };
}
