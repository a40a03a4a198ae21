import {sqlState} from './answer.ts';
import type {Database} from './database.ts';
import {priorityIncrement, said} from './election.ts';
import {othersOf} from './find-nodes.ts';
import {type Notify, type Result, refusal} from './functions.ts';
import {canInitiateFailover, isCurrent} from './node-predicates.ts';
import {proceedGroup} from './rules.ts';
import {lsnText, type NodeRow, nodeText} from './tables.ts';

/** `perform_failover`: with three nodes or more it checks nothing but that there is a primary. */
export function failOver(database: Database, formation: string, group: number): Result {
  const rows = database.group(formation, group);
  if (rows.length < 2) {
    return refusal(
      `cannot fail over: group ${group} in formation ${formation} currently has ${rows.length} node registered`,
      {detail: 'At least 2 nodes are required to implement a failover'},
    );
  }
  const primary = rows.find(row => canInitiateFailover(row.goalstate) && row.reportedstate === row.goalstate);
  if (primary === undefined) {
    return refusal(`couldn't find the primary node in formation "${formation}", group ${group}`);
  }
  const [standby] = othersOf(rows, primary);
  if (standby === undefined) {
    const where = `in formation "${formation}", group ${group} with primary node ${nodeText(primary)}`;
    return refusal(`couldn't find the standby node ${where}`);
  }
  if (rows.length === 2) return failOverTo(database, primary, standby);
  const where = `${nodeText(primary)}at LSN ${lsnText(primary.reportedlsn)}`;
  const message = `Setting goal state of ${where} to draining after a user-initiated failover.`;
  database.assign(primary, 'draining', said(database, message));
  changePriority(database, primary, -priorityIncrement);
  const error = proceedGroup(database, standby);
  return error === undefined ? {value: null} : {error};
}

/** `perform_promotion`: false when the node already is the primary. */
export function promoteNode(database: Database, formation: string, node: string, notify: Notify): Result {
  const row = database.nodes.find(each => each.formationid === formation && each.nodename === node);
  if (row === undefined) {
    const message = `node "${node}" is not registered in formation "${formation}"`;
    return refusal(message, {code: sqlState.undefinedObject});
  }
  if (isCurrent(row, 'single', 'primary')) {
    const message = `cannot perform promotion: node ${node} in formation ${formation} is already a primary.`;
    notify({severity: 'NOTICE', message});
    return {value: false};
  }
  if (!isCurrent(row, 'secondary', 'report_lsn')) {
    const states = `has reported state "${row.reportedstate}" and is assigned state "${row.goalstate}"`;
    const only = 'promotion can only be performed when in state "secondary".';
    const message = `cannot perform promotion: node ${node} in formation ${formation} ${states}, ${only}`;
    return refusal(message, {code: sqlState.objectNotInPrerequisiteState});
  }
  if (database.group(formation, row.groupid).length > 2) changePriority(database, row, priorityIncrement);
  const result = failOver(database, formation, row.groupid);
  return 'error' in result ? result : {value: true};
}

function failOverTo(database: Database, primary: NodeRow, standby: NodeRow): Result {
  if (standby.goalstate !== 'secondary') {
    const why = 'which prevents the node for being a failover candidate';
    return refusal(`standby ${nodeText(standby)} is in state "${standby.goalstate}", ${why}`);
  }
  if (!isCurrent(primary, 'primary') || !isCurrent(standby, 'secondary')) {
    const states = (row: NodeRow) =>
      `${nodeText(row)} has reported state "${row.reportedstate}" and is assigned state "${row.goalstate}"`;
    return refusal('cannot fail over: primary node is not in a stable state', {
      detail: `${states(primary)}, and ${states(standby)}`,
      hint: 'a stable state must be observed to perform a manual failover',
    });
  }
  const both = `${nodeText(primary)} to draining and ${nodeText(standby)} to prepare_promotion`;
  const message = said(database, `Setting goal state of ${both} after a user-initiated failover.`);
  database.assign(primary, 'draining', message);
  database.assign(standby, 'prepare_promotion', message);
  return {value: null};
}

function changePriority(database: Database, row: NodeRow, by: number): void {
  row.candidatepriority += by;
  database.record(row, said(database, `Updating candidate priority to ${row.candidatepriority} for ${nodeText(row)}`));
}
