import type {MonitorCall} from '../../answer.ts';
import {type AutoctlCommand, exitCode, printJson, targetNode} from './autoctl-command.ts';
import {followStates} from './follow-states.ts';
import {callMonitor, failToGetNodes, monitorReached} from './monitor-link.ts';

const waitMs = 60_000;

/** `get node candidate-priority`, `get node replication-quorum`. */
export async function getNodeSetting(command: AutoctlCommand, setting: NodeSetting): Promise<number> {
  if (!(await monitorReached(command))) return exitCode.monitor;
  const row = targetNode(command);
  if (row === undefined) {
    await command.log('ERROR', 'Query returned 0 rows, expected 1');
    await command.log('ERROR', `Unable to get ${setting.replace('-', ' ')} value from monitor`);
    return exitCode.monitor;
  }
  const value = setting === 'candidate-priority' ? row.candidatepriority : row.replicationquorum;
  if (command.json) await printJson(command, {name: row.nodename, [setting]: value});
  else await command.print(`${String(value)}\n`);
  return exitCode.ok;
}

/** `get formation number-sync-standbys`. */
export async function getNumberSyncStandbys(command: AutoctlCommand): Promise<number> {
  if (!(await monitorReached(command))) return exitCode.monitor;
  const formation = command.place.world.monitor.formations().find(row => row.formationid === command.formation);
  await printSetting(command, 'number-sync-standbys', formation?.number_sync_standbys ?? 0);
  return exitCode.ok;
}

/** `set node candidate-priority N`. */
export async function setCandidatePriority(command: AutoctlCommand): Promise<number> {
  const text = command.argument ?? '';
  const priority = Number(text);
  if (!/^\d+$/.test(text) || priority > 100 || misreadsNumbers(command)) {
    await command.log(
      'ERROR',
      `candidate-priority value ${text} is not valid. Valid values are integers from 0 to 100. `,
    );
    return exitCode.badArguments;
  }
  const {formation} = command;
  return changeNode(command, 'candidate-priority', 'candidate_priority', priority, node => ({
    call: 'set_node_candidate_priority',
    formation,
    node,
    priority,
  }));
}

/** `set node replication-quorum true|false`. */
export async function setReplicationQuorum(command: AutoctlCommand): Promise<number> {
  const text = command.argument ?? '';
  if (text !== 'true' && text !== 'false') {
    await command.log('ERROR', `replication-quorum value ${text} is not valid. Valid values are "true" or "false.`);
    return exitCode.badArguments;
  }
  const {formation} = command;
  const quorum = text === 'true';
  return changeNode(command, 'replication-quorum', 'replication_quorum', quorum, node => ({
    call: 'set_node_replication_quorum',
    formation,
    node,
    quorum,
  }));
}

/** `set formation number-sync-standbys N`. */
export async function setNumberSyncStandbys(command: AutoctlCommand): Promise<number> {
  const text = command.argument ?? '';
  const {formation, place} = command;
  const {monitor} = place.world;
  const known = !monitor.answers() || monitor.formations().some(row => row.formationid === formation);
  if (!/^\d+$/.test(text) || misreadsNumbers(command) || !known) {
    await command.log(
      'ERROR',
      `number-sync-standbys value ${text} is not valid. Expected a non-negative integer value. `,
    );
    return exitCode.badArguments;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const standbys = Number(text);
  await failToGetNodes(command, 0);
  const answer = await callMonitor(command, {call: 'set_formation_number_sync_standbys', formation, standbys});
  if (!answer.ok) {
    await command.log('ERROR', `Failed to update number-sync-standbys for formation "${formation}".`);
    await command.log('ERROR', `Failed to set "number-sync-standbys" to "${standbys}".`);
    return exitCode.monitor;
  }
  // It knows no node, so it waits for none.
  const names = monitor.synchronousStandbyNames(formation, 0);
  await command.log('INFO', `primary node has now set synchronous_standby_names = '${names}'`);
  if (command.json) {
    await printJson(command, {'number-sync-standbys': standbys, synchronous_standby_names: names});
  } else await command.print(`${standbys}\n`);
  return exitCode.ok;
}

type NodeSetting = 'candidate-priority' | 'replication-quorum';

/** pg_autoctl 2.0 on the monitor looks at an error that came before, and takes every number for a bad one (cli_get_set_properties.c). */
function misreadsNumbers({container, line}: AutoctlCommand): boolean {
  return container.role === 'monitor' && !line.options.has('monitor');
}

async function changeNode(
  command: AutoctlCommand,
  setting: NodeSetting,
  column: string,
  value: number | boolean,
  callFor: (node: string) => MonitorCall,
): Promise<number> {
  const {world} = command.place;
  if (!(await monitorReached(command))) return exitCode.monitor;
  const name = command.line.options.get('name') ?? targetNode(command)?.nodename;
  if (name === undefined) {
    await command.log('FATAL', 'Please use --name to target a node');
    return exitCode.badArguments;
  }
  const answer = await callMonitor(command, callFor(name));
  if (!answer.ok) {
    const words = setting.replace('-', ' ');
    const where = `on node "${name}"in formation "${command.formation}"`;
    await command.log('ERROR', `Failed to update node ${words} ${where} for ${column}: "${String(value)}"`);
    await command.log('ERROR', `Failed to set "${setting}" to "${String(value)}".`);
    return exitCode.monitor;
  }
  const rows = world.monitor.nodes(command.formation);
  const group = rows.find(row => row.nodename === name)?.groupid ?? 0;
  const primary = rows.find(row => row.groupid === group && row.goalstate === 'apply_settings');
  const follower = followStates(command, group, 'log');
  try {
    if (primary !== undefined) {
      await command.log('INFO', 'Waiting for the settings to have been applied to the monitor and primary node');
      const end = await follower.until(
        ({nodeId, reported, assigned}) =>
          nodeId === primary.nodeid && reported === assigned && (reported === 'primary' || reported === 'wait_primary'),
        waitMs,
      );
      if (end !== 'reached') {
        if (end === 'timeout') {
          const what = 'that the settings have been applied';
          await command.log('ERROR', `Failed to receive monitor's notifications ${what}`);
        }
        if (end !== 'aborted') await command.log('ERROR', 'Failed to wait until the new setting has been applied');
        return exitCode.internal;
      }
    }
    await printSetting(command, setting, value);
    return exitCode.ok;
  } finally {
    follower.close();
  }
}

function printSetting(command: AutoctlCommand, setting: string, value: number | boolean): Promise<void> {
  return command.json ? printJson(command, {[setting]: value}) : command.print(`${String(value)}\n`);
}
