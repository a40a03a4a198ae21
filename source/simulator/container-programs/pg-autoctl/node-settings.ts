import type {MonitorCall} from '../../answer.ts';
import type {NodeRow} from '../../tables.ts';
import {type AutoctlCommand, exitCode, printJson, targetNode} from './autoctl-command.ts';
import {followStates} from './follow-states.ts';
import {callMonitor, monitorReached} from './monitor-link.ts';

const waitMs = 60_000;

/** `get node candidate-priority`, `get node replication-quorum`. */
export async function getNodeSetting(command: AutoctlCommand, setting: NodeSetting): Promise<number> {
  const row = await targetOf(command);
  if (typeof row === 'number') return row;
  await printSetting(
    command,
    setting,
    setting === 'candidate-priority' ? row.candidatepriority : row.replicationquorum,
  );
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
export async function setCandidatePriority(command: AutoctlCommand, text: string | undefined): Promise<number> {
  const priority = Number(text);
  if (text === undefined || !/^-?\d+$/.test(text) || priority < 0 || priority > 100) {
    await command.log(
      'ERROR',
      `candidate-priority value ${text ?? ''} is not valid. Valid values are integers from 0 to 100. `,
    );
    return exitCode.badArguments;
  }
  const {formation} = command;
  return changeNode(command, 'candidate-priority', priority, node => ({
    call: 'set_node_candidate_priority',
    formation,
    node,
    priority,
  }));
}

/** `set node replication-quorum true|false`. */
export async function setReplicationQuorum(command: AutoctlCommand, text: string | undefined): Promise<number> {
  if (text !== 'true' && text !== 'false') {
    await command.log(
      'ERROR',
      `replication-quorum value ${text ?? ''} is not valid. Valid values are "true" or "false".`,
    );
    return exitCode.badArguments;
  }
  const {formation} = command;
  const quorum = text === 'true';
  return changeNode(command, 'replication-quorum', quorum, node => ({
    call: 'set_node_replication_quorum',
    formation,
    node,
    quorum,
  }));
}

/** `set formation number-sync-standbys N`. */
export async function setNumberSyncStandbys(command: AutoctlCommand, text: string | undefined): Promise<number> {
  if (text === undefined || !/^\d+$/.test(text)) {
    await command.log(
      'ERROR',
      `number-sync-standbys value ${text ?? ''} is not valid. Expected a non-negative integer value.`,
    );
    return exitCode.badArguments;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  const {formation, place} = command;
  const standbys = Number(text);
  const call: MonitorCall = {call: 'set_formation_number_sync_standbys', formation, standbys};
  return change(command, call, 0, 'number-sync-standbys', standbys, async () => {
    const names = place.world.monitor.synchronousStandbyNames(formation, 0);
    await command.log('INFO', `primary node has now set synchronous_standby_names = '${names}'`);
  });
}

type NodeSetting = 'candidate-priority' | 'replication-quorum';

async function changeNode(
  command: AutoctlCommand,
  setting: NodeSetting,
  value: number | boolean,
  callFor: (node: string) => MonitorCall,
): Promise<number> {
  const row = await targetOf(command);
  if (typeof row === 'number') return row;
  return change(command, callFor(row.nodename), row.groupid, setting, value);
}

async function change(
  command: AutoctlCommand,
  call: MonitorCall,
  group: number,
  setting: string,
  value: number | boolean,
  applied?: () => Promise<void>,
): Promise<number> {
  const {world} = command.place;
  const follower = followStates(command, group, 'log');
  try {
    const answer = await callMonitor(command, call);
    if (!answer.ok) {
      await command.log('ERROR', `Failed to set "${setting}" to "${String(value)}".`);
      return exitCode.monitor;
    }
    const primary = world.monitor
      .nodes(command.formation)
      .find(row => row.groupid === group && row.goalstate === 'apply_settings');
    if (primary !== undefined) {
      await command.log('INFO', 'Waiting for the settings to have been applied to the monitor and primary node');
      const end = await follower.until(
        ({nodeId, reported, assigned}) =>
          nodeId === primary.nodeid && reported === assigned && (reported === 'primary' || reported === 'wait_primary'),
        waitMs,
      );
      if (end !== 'reached') {
        if (end !== 'aborted') await command.log('ERROR', 'Failed to wait until the new setting has been applied');
        return exitCode.internal;
      }
      await applied?.();
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

/** The node that the command is about, or the exit status when there is none or no monitor. */
async function targetOf(command: AutoctlCommand): Promise<NodeRow | number> {
  if (!(await monitorReached(command))) return exitCode.monitor;
  const row = targetNode(command);
  if (row !== undefined) return row;
  const name = command.line.options.get('name');
  const text = name === undefined ? 'Please use --name to target a node' : `No node named "${name}" on the monitor`;
  await command.log('FATAL', text);
  return exitCode.badArguments;
}
