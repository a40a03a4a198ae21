import type {MonitorCall} from '../../answer.ts';
import {type AutoctlCommand, exitCode, groupOf, targetNode, waitOf} from './autoctl-command.ts';
import {callAndFollow, type FollowedCall} from './call-and-follow.ts';
import {monitorReached} from './monitor-link.ts';

/** `perform failover` and its synonym `perform switchover`: returns when some node is the primary. */
export async function performFailover(command: AutoctlCommand): Promise<number> {
  if (!(await monitorReached(command))) return exitCode.monitor;
  const group = groupOf(command) ?? 0;
  const where = `formation ${command.formation} and group ${group}`;
  return perform(command, group, {call: 'perform_failover', formation: command.formation, group}, [
    ['ERROR', `Failed to perform failover for ${where}`],
    ['FATAL', 'Failed to perform failover/switchover, see above for details'],
  ]);
}

/** `perform promotion`: of the node named, or of this one. */
export async function performPromotion(command: AutoctlCommand): Promise<number> {
  const name = command.line.options.get('name') ?? targetNode(command)?.nodename;
  if (name === undefined) {
    await command.log('FATAL', 'Please use --name to target a node');
    return exitCode.badArguments;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const group = command.place.world.monitor.nodes(command.formation).find(row => row.nodename === name)?.groupid ?? 0;
  return perform(command, group, {call: 'perform_promotion', formation: command.formation, node: name}, [
    ['FATAL', 'Failed to perform promotion, see above for details'],
  ]);
}

function perform(
  command: AutoctlCommand,
  group: number,
  call: MonitorCall,
  refused: FollowedCall['refused'],
): Promise<number> {
  return callAndFollow(command, {
    group,
    call,
    refused,
    reached: change => change.reported === 'primary' && change.assigned === 'primary',
    waitMs: waitOf(command),
    missed: 'Failed to wait until a new primary has been notified',
  });
}
