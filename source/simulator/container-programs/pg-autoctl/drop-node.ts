import type {NodeRow} from '../../tables.ts';
import {type AutoctlCommand, exitCode, targetNode, waitOf} from './autoctl-command.ts';
import {followStates} from './follow-states.ts';
import {callMonitor, monitorReached} from './monitor-link.ts';

/** `drop node`: this node, or from the monitor another one by --name or by --hostname and --pgport. */
export async function dropNode(command: AutoctlCommand): Promise<number> {
  const {options} = command.line;
  const byName = options.has('name');
  const byAddress = options.has('hostname') || options.has('pgport');
  const remote = command.container.role === 'monitor' || options.has('monitor');
  const target = 'pg_autoctl drop node target can either be specified using [ --formation --name ]';
  if (byName && byAddress) {
    await command.log('FATAL', `${target}, or using [ --hostname and --pgport ], but not both.`);
    return exitCode.badArguments;
  }
  if (remote && !byName && !byAddress) {
    await command.log('FATAL', `${target}, or using [ --hostname and --pgport ], please use either one.`);
    return exitCode.badArguments;
  }
  if (!remote && (byName || byAddress)) {
    const only = 'Only dropping the local node is supported';
    const given = byName ? '[ --formation --name ]' : '[ --hostname --pgport ]';
    await command.log('FATAL', `${only}, ${given} are not supported when --pgdata is used.`);
    await command.log('INFO', 'To drop another node, please use this command from the monitor itself.');
    return exitCode.badArguments;
  }
  if (!remote && options.has('destroy')) {
    const how = 'remove the container and its volume';
    await command.log('FATAL', `The embedded cluster destroys no data from inside: ${how}`);
    return exitCode.internal;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const {formation} = command;
  const port = Number(options.get('pgport') ?? 5432);
  const words = byName
    ? `name "${options.get('name')}" in formation "${formation}"`
    : `hostname "${options.get('hostname')}" and port ${port} in formation "${formation}"`;
  if (remote) await command.log('INFO', `Removing node with ${words} from the monitor`);
  const row = byAddress ? nodeAt(command, options.get('hostname') ?? '', port) : targetNode(command);
  if (row === undefined) {
    const which = byName
      ? `"${options.get('name')}" in formation "${formation}"`
      : `${options.get('hostname')}:${port}`;
    await command.log('ERROR', 'Failed to find the node to remove on the monitor');
    await command.log('ERROR', `Failed to remove node ${which} from the monitor: could not parse monitor's result.`);
    return exitCode.monitor;
  }
  const call = {call: 'remove_node', nodeId: row.nodeid, force: options.has('force')} as const;
  if (!(await callMonitor(command, call)).ok) {
    await command.log('FATAL', `Failed to remove node ${row.nodeid} from the monitor, see above for details`);
    return exitCode.monitor;
  }
  return waitUntilGone(command, row, remote);
}

function nodeAt({place}: AutoctlCommand, host: string, port: number): NodeRow | undefined {
  return place.world.monitor.nodes().find(row => row.nodehost === host && row.nodeport === port);
}

async function waitUntilGone(command: AutoctlCommand, row: NodeRow, remote: boolean): Promise<number> {
  const {world} = command.place;
  const node = `node with id ${row.nodeid} in group ${row.groupid}`;
  const isGone = () => !world.monitor.nodes().some(each => each.nodeid === row.nodeid);
  const wait = waitOf(command);
  if (wait > 0 && !isGone()) {
    const orFor = `or for ${wait / 1000}s, whichever comes first`;
    await command.log('INFO', `Waiting until the ${node} has been dropped from the monitor, ${orFor}`);
    const follower = followStates(command, row.groupid, {of: row.nodeid});
    try {
      const end = await follower.until(({nodeId, reported}) => nodeId === row.nodeid && reported === 'dropped', wait);
      if (end === 'aborted') return exitCode.internal;
      if (end !== 'reached') {
        await command.log('ERROR', 'Failed to wait until the node has been dropped');
        return exitCode.internal;
      }
    } finally {
      follower.close();
    }
    await command.log(
      'INFO',
      `Node with id ${row.nodeid} in group ${row.groupid} has been successfully dropped from the monitor`,
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
