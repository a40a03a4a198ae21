import {type Answer, type DatabaseError, type MonitorCall, type Notice, sqlState} from './answer.ts';
import type {Database} from './database.ts';
import {said} from './election.ts';
import {failOver, promoteNode} from './failover-functions.ts';
import {othersOf, primaryOf} from './find-nodes.ts';
import {startMaintenance, stopMaintenance} from './maintenance-functions.ts';
import {isCurrent} from './node-predicates.ts';
import {proceedGroup, removeRow} from './rules.ts';
import {setNumberSyncStandbys, setPriority, setQuorum} from './settings-functions.ts';
import {nodeText} from './tables.ts';

/** What a function came to: its value, or an error that undoes all of it. Notices are sent as they arise. */
export type Result = {value: boolean | null} | {error: DatabaseError};

/** Says a NOTICE or WARNING to the caller. */
export type Notify = (notice: Notice) => void;

/** Calls one of the functions that the monitor offers (node_active_protocol.c), in a transaction of its own. */
export function callFunction(database: Database, call: MonitorCall, rollBack: boolean): Answer {
  const notices: Notice[] = [];
  const undo = database.savepoint();
  const result = dispatch(database, call, notice => notices.push(notice));
  if ('error' in result || rollBack) undo();
  database.commit();
  return 'error' in result ? {ok: false, error: result.error, notices} : {ok: true, value: result.value, notices};
}

/** An error with the SQLSTATE of a bare `ereport(ERROR)` unless given. */
export function refusal(message: string, more: {code?: string; detail?: string; hint?: string} = {}): Result {
  return {error: {code: more.code ?? sqlState.internal, message, ...without(more)}};
}

function without({detail, hint}: {detail?: string; hint?: string}): {detail?: string; hint?: string} {
  return {...(detail === undefined ? {} : {detail}), ...(hint === undefined ? {} : {hint})};
}

function dispatch(database: Database, call: MonitorCall, notify: Notify): Result {
  switch (call.call) {
    case 'perform_failover':
      return failOver(database, call.formation, call.group);
    case 'perform_promotion':
      return promoteNode(database, call.formation, call.node, notify);
    case 'start_maintenance':
      return startMaintenance(database, call.nodeId, notify);
    case 'stop_maintenance':
      return stopMaintenance(database, call.nodeId);
    case 'set_node_candidate_priority':
      return setPriority(database, call.formation, call.node, call.priority, notify);
    case 'set_node_replication_quorum':
      return setQuorum(database, call.formation, call.node, call.quorum);
    case 'set_formation_number_sync_standbys':
      return setNumberSyncStandbys(database, call.formation, call.standbys);
    case 'remove_node':
      return removeNode(database, call.nodeId, call.force);
  }
}

function removeNode(database: Database, nodeId: number, force: boolean): Result {
  const row = database.node(nodeId);
  if (row === undefined) {
    return refusal(`couldn't find node with nodeid ${nodeId}`, {code: sqlState.undefinedObject});
  }
  const group = database.group(row.formationid, row.groupid);
  const wasPrimary = primaryOf([row]) !== undefined;
  const others = othersOf(group, row);
  if (isCurrent(row, 'dropped') || force) {
    removeRow(database, row);
    return {value: true};
  }
  if (row.goalstate === 'dropped') return {value: true};
  if (wasPrimary) {
    for (const other of others) {
      if (['prepare_maintenance', 'wait_maintenance', 'maintenance'].includes(other.goalstate)) continue;
      const message = `Setting goal state of ${nodeText(other)} to report_lsn after primary node removal.`;
      database.assign(other, 'report_lsn', said(database, message));
    }
  }
  const from = `from formation "${row.formationid}" and group ${row.groupid}`;
  const message = `Setting goal state of ${nodeText(row)} ${from} to "dropped" to implement node removal.`;
  database.assign(row, 'dropped', said(database, message));
  lowerSyncStandbys(database, row.formationid, others.filter(other => other.replicationquorum).length - 1);
  if (wasPrimary) {
    const [first] = others;
    const error = first === undefined ? undefined : proceedGroup(database, first);
    return error === undefined ? {value: true} : {error};
  }
  const primary = primaryOf(others);
  if (primary === undefined) return {value: true};
  const goal = primary.goalstate;
  const error = proceedGroup(database, primary);
  if (error !== undefined) return {error};
  if (primary.goalstate === goal && goal !== 'apply_settings') {
    const why = `after removing standby ${nodeText(row)} from formation ${row.formationid}.`;
    database.assign(
      primary,
      'apply_settings',
      said(database, `Setting goal state of ${nodeText(primary)} to apply_settings ${why}`),
    );
  }
  return {value: true};
}

function lowerSyncStandbys(database: Database, formation: string, quorum: number): void {
  const row = database.formation(formation);
  if (row === undefined || quorum >= row.number_sync_standbys + 1) return;
  row.number_sync_standbys = Math.max(0, quorum - 1);
  database.say(
    `Setting number_sync_standbys to ${row.number_sync_standbys} for formation "${formation}" ` +
      `now that we have ${quorum} standby nodes set with replication-quorum.`,
  );
}
