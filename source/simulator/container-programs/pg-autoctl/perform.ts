import {type AutoctlCommand, exitCode, groupOf, targetNode, waitOf} from './autoctl-command.ts';
import {callAndFollow, type FollowedCall} from './call-and-follow.ts';
import {monitorReached} from './monitor-link.ts';

/** `perform failover` and its synonym `perform switchover`: returns when some node is the primary. */
export async function performFailover(command: AutoctlCommand): Promise<number> {
  if (!(await monitorReached(command))) {
    await command.log('ERROR', `Failed to get how many groups are in formation ${command.formation}`);
    return exitCode.monitor;
  }
  const {formation, place} = command;
  const given = groupOf(command);
  if (given === undefined && place.world.monitor.nodes(formation).length === 0) {
    await command.log('FATAL', `The monitor currently has no Postgres nodes registered in formation "${formation}"`);
    return exitCode.badState;
  }
  const group = given ?? 0;
  return perform(command, {
    group,
    call: {call: 'perform_failover', formation, group},
    print: 'table',
    refused: [
      ['ERROR', `Failed to perform failover for formation ${formation} and group ${group}`],
      ['FATAL', 'Failed to perform failover/switchover, see above for details'],
    ],
    refusedStatus: exitCode.monitor,
  });
}

/** `perform promotion`: of the node named, or of this one. pg_autoctl 2.0 ends well even when the monitor refuses. */
export async function performPromotion(command: AutoctlCommand): Promise<number> {
  const name = command.line.options.get('name') ?? targetNode(command)?.nodename;
  if (name === undefined) {
    await command.log('FATAL', 'Please use --name to target a specific node');
    return exitCode.badArguments;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const group = command.place.world.monitor.nodes(command.formation).find(row => row.nodename === name)?.groupid ?? 0;
  return perform(command, {
    group,
    call: {call: 'perform_promotion', formation: command.formation, node: name},
    print: 'table with groups',
    refused: [['ERROR', `Failed to perform failover for node ${name} in formation ${command.formation}`]],
    refusedStatus: exitCode.ok,
  });
}

function perform(
  command: AutoctlCommand,
  about: Pick<FollowedCall, 'group' | 'call' | 'print' | 'refused' | 'refusedStatus'>,
): Promise<number> {
  const where = `formation "${command.formation}" and group ${about.group}`;
  const wait = waitOf(command);
  const until = `${wait / 1000} secs for a notification with state "primary" in ${where}`;
  return callAndFollow(command, {
    ...about,
    ...(wait === 0 ? {} : {waiting: `Waiting ${until}`}),
    reached: change => change.reported === 'primary' && change.assigned === 'primary',
    // A real one, too, waits twice as long as it says, and for ever with 0.
    waitMs: wait === 0 ? forEver : 2 * wait,
    missed: 'Failed to wait until a new primary has been notified',
  });
}

/** A year. */
const forEver = 365 * 86_400_000;
