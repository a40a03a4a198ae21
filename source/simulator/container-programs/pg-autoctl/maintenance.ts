import {type AutoctlCommand, exitCode} from './autoctl-command.ts';
import {followStates} from './follow-states.ts';
import {callMonitor, monitorReached} from './monitor-link.ts';

/** What pg_autoctl always waits here; there is no --wait. */
const waitMs = 60_000;

/** `enable maintenance`, on the node itself. */
export async function enableMaintenance(command: AutoctlCommand): Promise<number> {
  const row = await ownRow(command);
  if (typeof row === 'number') return row;
  if (row.reportedstate === 'maintenance' && row.goalstate === 'maintenance') {
    await command.log('INFO', 'This node is already in the "maintenance" state.');
    return exitCode.ok;
  }
  if (row.reportedstate === 'primary' && !command.line.options.has('allow-failover')) {
    await command.log('WARN', 'Enabling maintenance on a primary causes a failover');
    await command.log('FATAL', 'Please use --allow-failover to allow the command proceed');
    return exitCode.badArguments;
  }
  const follower = followStates(command, row.groupid, 'table');
  try {
    const answer = await callMonitor(command, {call: 'start_maintenance', nodeId: row.nodeid});
    if (!answer.ok) {
      await command.log('FATAL', 'Failed to enable maintenance of node on the monitor, see above for details');
      return exitCode.monitor;
    }
    const end = await follower.until(
      change => change.nodeId === row.nodeid && change.reported === 'maintenance' && change.assigned === 'maintenance',
      waitMs,
    );
    if (end === 'reached') return exitCode.ok;
    if (end !== 'aborted') await command.log('ERROR', 'Failed to wait until the node reached the maintenance state');
    return exitCode.internal;
  } finally {
    follower.close();
  }
}

/** `disable maintenance`, on the node itself. */
export async function disableMaintenance(command: AutoctlCommand): Promise<number> {
  const row = await ownRow(command);
  if (typeof row === 'number') return row;
  const follower = followStates(command, row.groupid, 'table');
  try {
    const answer = await callMonitor(command, {call: 'stop_maintenance', nodeId: row.nodeid});
    if (!answer.ok) {
      await command.log('FATAL', 'Failed to disable maintenance of node on the monitor, see above for details');
      return exitCode.monitor;
    }
    const end = await follower.until(
      ({nodeId, reported, assigned}) =>
        nodeId === row.nodeid && reported === assigned && (reported === 'secondary' || reported === 'primary'),
      waitMs,
    );
    if (end === 'reached') return exitCode.ok;
    if (end !== 'aborted')
      await command.log('ERROR', 'Failed to wait until a node reached the secondary or primary state');
    return exitCode.internal;
  } finally {
    follower.close();
  }
}

async function ownRow(command: AutoctlCommand) {
  const {world, host, container} = command.place;
  const keeper = world.keeper(host, container);
  if (keeper === undefined) {
    await command.log('FATAL', 'This command is not supported on a monitor: run it on the node itself');
    return exitCode.badArguments;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const row = world.monitor.nodes().find(each => each.nodeid === keeper.nodeId);
  if (row !== undefined) return row;
  await command.log('FATAL', `Failed to find node ${keeper.nodeId ?? '?'} on the monitor`);
  return exitCode.monitor;
}
