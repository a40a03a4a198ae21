import {sqlState} from './answer.ts';
import type {Database} from './database.ts';
import {highestPriority, said} from './election.ts';
import {othersOf, primaryOf} from './find-nodes.ts';
import {type Notify, type Result, refusal} from './functions.ts';
import {isCurrent} from './node-predicates.ts';
import {type NodeRow, nodeText} from './tables.ts';

/** `set_node_candidate_priority`: also without a primary, where it helps a stuck election. */
export function setPriority(
  database: Database,
  formation: string,
  node: string,
  priority: number,
  notify: Notify,
): Result {
  const row = find(database, formation, node);
  if (row === undefined) return unknownNode(formation, node);
  if (priority < 0 || priority > highestPriority) {
    const expected = `expected an integer value between 0 and ${highestPriority}`;
    const message = `invalid value for candidate_priority "${priority}" ${expected}`;
    return refusal(message, {code: sqlState.invalidParameterValue});
  }
  const rows = database.group(formation, row.groupid);
  if (priority === 0 && row.candidatepriority !== 0) {
    const left = rows.filter(other => other.candidatepriority > 0).length - 1;
    if (left < 2) {
      notify({
        severity: 'NOTICE',
        message: 'setting candidate priority to zero, preventing automated failover',
        detail: `Group ${row.groupid} in formation "${formation}" have no failover candidate.`,
      });
    }
  }
  row.candidatepriority = priority;
  if (rows.length === 1) {
    database.record(row, said(database, `Updating candidate priority to ${priority} for ${nodeText(row)}`));
    return {value: true};
  }
  return applySettings(database, row, `candidate priority to ${priority}`, 'candidate priority');
}

/** `set_node_replication_quorum`. */
export function setQuorum(database: Database, formation: string, node: string, quorum: boolean): Result {
  const row = find(database, formation, node);
  if (row === undefined) return unknownNode(formation, node);
  const rows = database.group(formation, row.groupid);
  row.replicationquorum = quorum;
  if (!quorum) {
    const primary = primaryOf(rows);
    if (primary === undefined) return noPrimary(formation, row.groupid);
    const synchronous = database.formation(formation)?.number_sync_standbys ?? 0;
    const count = othersOf(rows, primary).filter(other => other.replicationquorum).length;
    if (synchronous > 0 && synchronous + 1 > count) {
      return refusal("can't set replication quorum to false", {
        code: sqlState.invalidParameterValue,
        detail:
          `At least ${synchronous + 1} standby nodes are required in formation ${formation} with number_sync_standbys = ${synchronous}, ` +
          `and only ${count} would be participating in the replication quorum`,
      });
    }
  }
  if (rows.length === 1) {
    database.record(row, said(database, `Updating replicationQuorum to ${quorum} for ${nodeText(row)}`));
    return {value: true};
  }
  return applySettings(database, row, `replication quorum to ${quorum}`, 'replication quorum');
}

/** `set_formation_number_sync_standbys`: dead standbys count as well. */
export function setNumberSyncStandbys(database: Database, formation: string, standbys: number): Result {
  const settings = database.formation(formation);
  const invalid = `invalid value for number_sync_standbys: "${standbys}"`;
  const code = sqlState.invalidParameterValue;
  if (settings === undefined) return refusal(`unknown formation "${formation}"`, {code});
  if (standbys < 0) return refusal(invalid, {code, detail: 'A non-negative integer is expected'});
  const rows = database.group(formation, 0);
  const primary = primaryOf(rows);
  if (primary === undefined) return noPrimary(formation, 0);
  if (!isCurrent(primary, 'primary', 'wait_primary')) {
    const states = `is "${primary.goalstate}", and current reported state is "${primary.reportedstate}"`;
    const message = `cannot set number_sync_standbys when current goal state for primary ${nodeText(primary)} ${states}`;
    return refusal(message, {
      code: sqlState.objectNotInPrerequisiteState,
      detail:
        'The primary node so must be in state "primary" or "wait_primary" to be able to apply configuration changes to ' +
        'its synchronous_standby_names setting',
    });
  }
  const count = othersOf(rows, primary).filter(row => row.replicationquorum).length;
  if (standbys > 0 && standbys + 1 > count) {
    const only = `and only ${count} are currently participating in the replication quorum`;
    return refusal(invalid, {code, detail: `At least ${standbys + 1} standby nodes are required, ${only}`});
  }
  settings.number_sync_standbys = standbys;
  const why = `after updating number_sync_standbys to ${standbys} for formation ${formation}.`;
  const message = `Setting goal state of ${nodeText(primary)} to apply_settings ${why}`;
  database.assign(primary, 'apply_settings', said(database, message));
  return {value: true};
}

function applySettings(database: Database, row: NodeRow, change: string, setting: string): Result {
  const primary = primaryOf(database.group(row.formationid, row.groupid));
  if (primary === undefined) return {value: true};
  if (isCurrent(primary, 'apply_settings')) {
    const when = `when current state for primary ${nodeText(primary)} is "${primary.reportedstate}"`;
    return refusal(`cannot set ${setting} ${when}`, {code: sqlState.objectNotInPrerequisiteState});
  }
  const message = `Setting goal state of ${nodeText(primary)} to apply_settings after updating ${nodeText(row)} ${change}.`;
  database.assign(primary, 'apply_settings', said(database, message));
  return {value: true};
}

function find(database: Database, formation: string, node: string): NodeRow | undefined {
  return database.nodes.find(row => row.formationid === formation && row.nodename === node);
}

function unknownNode(formation: string, node: string): Result {
  const message = `node "${node}" is not registered in formation "${formation}"`;
  return refusal(message, {code: sqlState.undefinedObject});
}

function noPrimary(formation: string, group: number): Result {
  return refusal(`Couldn't find the primary node in formation "${formation}", group ${group}`);
}
