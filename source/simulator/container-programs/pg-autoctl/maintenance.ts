import type {NodeRow} from '../../tables.ts';
import {type AutoctlCommand, exitCode} from './autoctl-command.ts';
import {callAndFollow, type FollowedCall} from './call-and-follow.ts';
import {monitorReached} from './monitor-link.ts';

/** What pg_autoctl always waits here; there is no --wait. */
const waitMs = 60_000;

/** `enable maintenance`, on the node itself. */
export async function enableMaintenance(command: AutoctlCommand): Promise<number> {
  const row = await ownRow(command, 'enable');
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
  return callAndFollow(command, {
    group: row.groupid,
    call: {call: 'start_maintenance', nodeId: row.nodeid},
    ...refused('enable', row),
    reached: change =>
      change.nodeId === row.nodeid && change.reported === 'maintenance' && change.assigned === 'maintenance',
    waitMs,
    missed: 'Failed to wait until the node reached the maintenance state',
  });
}

/** `disable maintenance`, on the node itself. */
export async function disableMaintenance(command: AutoctlCommand): Promise<number> {
  const row = await ownRow(command, 'disable');
  if (typeof row === 'number') return row;
  return callAndFollow(command, {
    group: row.groupid,
    call: {call: 'stop_maintenance', nodeId: row.nodeid},
    ...refused('disable', row),
    reached: ({nodeId, reported, assigned}) =>
      nodeId === row.nodeid && reported === assigned && (reported === 'secondary' || reported === 'primary'),
    waitMs,
    missed: 'Failed to wait until a node reached the secondary or primary state',
  });
}

function refused(verb: Verb, {nodeid}: NodeRow): Pick<FollowedCall, 'print' | 'refused' | 'refusedStatus'> {
  const name = verb === 'enable' ? 'start_maintenance' : 'stop_maintenance';
  return {
    print: 'table',
    refused: [
      ['ERROR', `Failed to ${name} of node ${nodeid} from the monitor`],
      ['FATAL', `Failed to ${verb} maintenance of node ${nodeid} on the monitor, see above for details`],
    ],
    refusedStatus: exitCode.monitor,
  };
}

type Verb = 'enable' | 'disable';

async function ownRow(command: AutoctlCommand, verb: Verb) {
  const {world, host, container} = command.place;
  const keeper = world.keeper(host, container);
  if (keeper === undefined) {
    await command.log('FATAL', `The command \`pg_autoctl ${verb} maintenance\` does not apply to a monitor node.`);
    return exitCode.badConfig;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const row = world.monitor.nodes().find(each => each.nodeid === keeper.nodeId);
  if (row !== undefined) return row;
  await command.log('FATAL', `Failed to find node ${keeper.nodeId ?? '?'} on the monitor`);
  return exitCode.monitor;
}
