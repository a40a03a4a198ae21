import type {NodeRow} from '../../tables.ts';
import {waitFor} from '../wait.ts';
import {type AutoctlCommand, exitCode, targetNode, waitOf} from './autoctl-command.ts';
import {callMonitor, monitorReached} from './monitor-link.ts';

const lookEveryMs = 250;

/** `drop node`: this node, or from the monitor another one by --name or by --hostname and --pgport. */
export async function dropNode(command: AutoctlCommand): Promise<number> {
  const {options} = command.line;
  const remote = ['name', 'hostname', 'pgport', 'monitor'].some(name => options.has(name));
  if (options.has('destroy')) {
    await command.log(
      'FATAL',
      remote
        ? 'Destroying a node is not supported from a distance'
        : 'The embedded cluster destroys no data from inside: remove the container and its volume',
    );
    return remote ? exitCode.badArguments : exitCode.internal;
  }
  if (options.has('name') && (options.has('hostname') || options.has('pgport'))) {
    await command.log(
      'FATAL',
      'Dropping a node from the monitor can either be specified using [ --formation --name ], or using [ --hostname and --pgport ], but not both.',
    );
    return exitCode.badArguments;
  }
  if (remote && command.container.role !== 'monitor' && !options.has('monitor')) {
    await command.log('FATAL', 'To drop another node, please use this command from the monitor itself.');
    return exitCode.badArguments;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const row = targetRow(command);
  if (row === undefined) {
    await command.log('FATAL', 'Failed to find the node to drop on the monitor');
    return exitCode.badArguments;
  }
  const call = {call: 'remove_node', nodeId: row.nodeid, force: options.has('force')} as const;
  if (!(await callMonitor(command, call)).ok) {
    await command.log('FATAL', `Failed to remove node ${row.nodeid} from the monitor, see above for details`);
    return exitCode.monitor;
  }
  return waitUntilGone(command, row, remote);
}

function targetRow(command: AutoctlCommand): NodeRow | undefined {
  const {options} = command.line;
  const hostname = options.get('hostname');
  if (hostname === undefined) return targetNode(command);
  const port = Number(options.get('pgport') ?? 5432);
  return command.place.world.monitor.nodes().find(row => row.nodehost === hostname && row.nodeport === port);
}

async function waitUntilGone(command: AutoctlCommand, row: NodeRow, remote: boolean): Promise<number> {
  const {world} = command.place;
  const wait = waitOf(command);
  const isGone = () => !world.monitor.nodes().some(each => each.nodeid === row.nodeid);
  if (wait > 0 && !isGone()) {
    await command.log(
      'INFO',
      `Waiting until the node with id ${row.nodeid} in group ${row.groupid} has been dropped from the monitor, ` +
        `or for ${wait / 1000}s, whichever comes first`,
    );
    for (let waited = 0; waited < wait && !isGone(); waited += lookEveryMs) {
      if (!(await waitFor(world, lookEveryMs, command.signal))) return exitCode.internal;
    }
    if (!isGone()) {
      await command.log('ERROR', 'Failed to wait until the node has been dropped');
      return exitCode.internal;
    }
  }
  if (isGone()) {
    await command.log(
      'INFO',
      `Node with id ${row.nodeid} in group ${row.groupid} has been successfully removed from the monitor`,
    );
  }
  if (!remote) {
    await command.log(
      'WARN',
      'pg_autoctl drop node keeps your data and setup safe, you can still run Postgres or re-join a pg_auto_failover cluster later',
    );
    await command.log(
      'WARN',
      'HINT: to completely remove your local Postgres instance and setup, consider `pg_autoctl drop node --destroy`',
    );
  }
  return exitCode.ok;
}
