import {beginLoop, endLoop, nextPid} from './keeper.ts';
import {type LogLevel, log} from './log-lines.ts';
import {routeBetween} from './network.ts';
import {stopPostgres} from './postgres.ts';
import {registerNode} from './register.ts';
import {insidePids, startLines} from './service-lines.ts';
import type {DataNode, Simulation} from './simulation.ts';

/** How often pg_autoctl starts its keeper before it gives up (supervisor.c), and with what it then ends. */
const attempts = 5;
const gaveUp = 12;

/**
 * pg_autoctl starts in its container. Before anything else it asks the monitor whether this node was dropped meanwhile: without an
 * answer the node does not come up. `exit` ends the container.
 */
export function startNode(simulation: Simulation, node: DataNode, exit: (code: number) => void): void {
  const {container, keeper} = node;
  keeper.pid = insidePids.service;
  for (const {pid, level, message} of startLines('node-active')) log(simulation, container, pid, level, message);
  if (node.state === undefined || (node.state.role === 'dropped' && node.command === 'create')) {
    if (node.command === 'create') join(simulation, node, exit);
    else {
      say(simulation, node, 'FATAL', 'Failed to read configuration file "pg_autoctl.cfg"');
      exit(gaveUp);
    }
    return;
  }
  askMonitor(simulation, node, exit, 1);
}

/** `pg_autoctl create postgres` without `--run`: registers the node and makes its data; `ended` gets the exit status. */
export function createNode(simulation: Simulation, node: DataNode, ended: (status: number) => void): void {
  const {engine, monitor} = simulation;
  if (node.state !== undefined && monitor.database.node(node.state.nodeId) !== undefined) {
    say(simulation, node, 'FATAL', "The state file exists and there's no init in progress");
    ended(0);
    return;
  }
  const {life} = node.container;
  let status: number | undefined;
  join(simulation, node, code => {
    status = code;
  });
  const look = () => {
    if (node.container.life !== life) return;
    if (status === undefined && node.state?.role !== 'catchingup') {
      engine.after(100, look);
      return;
    }
    endLoop(node);
    stopPostgres(simulation, node);
    ended(status ?? 0);
  };
  look();
}

function askMonitor(simulation: Simulation, node: DataNode, exit: (code: number) => void, attempt: number): void {
  const {container, state, keeper} = node;
  if (state === undefined) return;
  const route = routeBetween(simulation, node, simulation.monitor);
  if (route === 'open' && simulation.monitor.answers) {
    const row = simulation.monitor.database.node(state.nodeId);
    if (row !== undefined) {
      beginLoop(simulation, node, () => exit(0));
      return;
    }
    if (node.command === 'create') {
      join(simulation, node, exit);
      return;
    }
    const where = `in formation "${node.formation}" and group ${node.group.number}`;
    say(simulation, node, 'FATAL', `This node with id ${state.nodeId} ${where} has been dropped from the monitor`);
    exit(gaveUp);
    return;
  }
  const {host, port} = simulation.monitor;
  const uri = `postgres://autoctl_node@${host.address}:${port}/pg_auto_failover`;
  const why = route === 'open' ? 'Connection refused' : 'timeout expired';
  say(
    simulation,
    node,
    'ERROR',
    `Connection to database failed: connection to server at "${host.address}", port ${port} failed: ${why}`,
  );
  say(simulation, node, 'ERROR', `Failed to connect to monitor database at "${uri}", see above for details`);
  say(simulation, node, 'ERROR', `Failed to query monitor to see if node id ${state.nodeId} has been dropped already`);
  log(simulation, container, insidePids.autoctl, 'WARN', 'pg_autoctl service node-active exited with exit status 0');
  const {life} = container;
  const wait = route === 'open' ? 120 : 2500;
  simulation.engine.after(wait, () => {
    if (container.life !== life) return;
    if (attempt < attempts) {
      log(simulation, container, insidePids.autoctl, 'INFO', 'Restarting service node-active');
      keeper.pid = nextPid(simulation);
      askMonitor(simulation, node, exit, attempt + 1);
      return;
    }
    const stopping = `pg_autoctl service node-active has already been restarted ${attempts} times in the last 0 seconds, stopping now`;
    log(simulation, container, insidePids.autoctl, 'FATAL', stopping);
    log(simulation, container, insidePids.autoctl, 'FATAL', 'Failed to start pg_autoctl keeper service');
    exit(gaveUp);
  });
}

function join(simulation: Simulation, node: DataNode, exit: (code: number) => void): void {
  const {container, engine, monitor} = {container: node.container, ...simulation};
  if (node.state !== undefined)
    say(simulation, node, 'INFO', 'This node had been dropped previously, now trying to register it again');
  const {life} = container;
  const again = (milliseconds: number) =>
    engine.after(milliseconds, () => {
      if (container.life === life) join(simulation, node, exit);
    });
  if (routeBetween(simulation, node, monitor) !== 'open' || !monitor.answers) {
    say(
      simulation,
      node,
      'WARN',
      `Failed to connect to the monitor at ${monitor.host.address}:${monitor.port}, retrying`,
    );
    again(2000);
    return;
  }
  const answer = registerNode(monitor.database, {
    formation: node.formation,
    group: node.group.number,
    name: node.name,
    host: node.host.address,
    port: node.port,
    systemIdentifier: node.postgres.systemIdentifier,
    ...(node.state === undefined ? {} : {nodeId: node.state.nodeId}),
  });
  if (!answer.ok) {
    say(simulation, node, 'ERROR', `Monitor ERROR:  ${answer.error.message}`);
    if (answer.error.hint === undefined) exit(1);
    else again(1000);
    return;
  }
  const now = engine.now();
  const {row} = answer;
  node.state = {
    nodeId: row.nodeid,
    role: 'init',
    assigned: row.goalstate,
    lastMonitorContact: now,
    lastSecondaryContact: now,
  };
  say(simulation, node, 'INFO', `Registered node ${row.nodeid} "${node.name}" (${node.host.address}:${node.port})`);
  beginLoop(simulation, node, () => exit(0));
}

function say(simulation: Simulation, node: DataNode, level: LogLevel, message: string): void {
  log(simulation, node.container, node.keeper.pid, level, message);
}
