import {sqlState} from './answer.ts';
import type {Database} from './database.ts';
import {said} from './election.ts';
import {isFailoverInProgress, othersOf, primaryOf, primaryOrDemotedOf} from './find-nodes.ts';
import {type Notify, type Result, refusal} from './functions.ts';
import {countHealthyCandidates, isHealthySyncStandby} from './healthy.ts';
import {isCurrent} from './node-predicates.ts';
import {proceedGroup} from './rules.ts';
import {type NodeRow, nodeText} from './tables.ts';

const code = sqlState.objectNotInPrerequisiteState;
const byPerson = 'after a user-initiated start_maintenance call.';

/** `start_maintenance`: that writes will be blocked is only a WARNING. */
export function startMaintenance(database: Database, nodeId: number, notify: Notify): Result {
  const row = database.node(nodeId);
  if (row === undefined) return {value: false};
  if (row.reportedstate === 'maintenance' || row.goalstate === 'maintenance') return {value: true};
  const rows = database.group(row.formationid, row.groupid);
  const isPrimary = isCurrent(row, 'primary');
  const isStandby = row.reportedstate === 'secondary' || row.reportedstate === 'catchingup';
  if (!isPrimary && !isStandby) {
    const states = `has reported state "${row.reportedstate}" and is assigned state "${row.goalstate}"`;
    const expected = 'expected either "primary", "secondary" or "catchingup"';
    const message = `cannot start maintenance: node ${row.nodehost}:${row.nodeport} ${states}, ${expected}`;
    return refusal(message, {code});
  }
  const primary = isPrimary ? row : primaryOf(rows);
  if (primary === undefined) return noPrimary(row);
  const secondaries = othersOf(rows, primary).filter(other => other.goalstate === 'secondary');
  const healthy = secondaries.filter(other => isHealthySyncStandby(database, other)).length;
  const synchronous = database.formation(row.formationid)?.number_sync_standbys ?? 0;
  if (synchronous > 0 && healthy <= synchronous && isHealthySyncStandby(database, row)) {
    notify({
      severity: 'WARNING',
      message: `Starting maintenance on ${nodeText(row)} will block writes on the primary ${nodeText(primary)}`,
      detail:
        `we now have ${healthy - 1} healthy node(s) left in the "secondary" state and formation "${row.formationid}" ` +
        `number-sync-standbys requires ${synchronous} sync standbys`,
    });
  }
  if (isPrimary) return startOnPrimary(database, row, rows, countHealthyCandidates(database, secondaries));
  if (!isCurrent(primary, 'primary')) {
    const states = `is "${primary.reportedstate}" ➜ "${primary.goalstate}" `;
    const current = `current state for ${nodeText(row)} is "${row.reportedstate}", expected "secondary" or "catchingup"`;
    const message = `cannot start maintenance: ${current}, and current state for primary ${nodeText(primary)} ${states}`;
    return refusal(message, {code});
  }
  if (synchronous === 0 && healthy === 1 && isHealthySyncStandby(database, row)) {
    const both = `${nodeText(primary)} to wait_primary and ${nodeText(row)} to wait_maintenance`;
    const message = said(database, `Setting goal state of ${both} ${byPerson}`);
    database.assign(primary, 'wait_primary', message);
    database.assign(row, 'wait_maintenance', message);
  } else {
    const message = `Setting goal state of ${nodeText(row)} to maintenance ${byPerson}`;
    database.assign(row, 'maintenance', said(database, message));
  }
  return {value: true};
}

/** `stop_maintenance`. */
export function stopMaintenance(database: Database, nodeId: number): Result {
  const row = database.node(nodeId);
  if (row === undefined) return {value: false};
  const rows = database.group(row.formationid, row.groupid);
  const early = rows.length > 2 && isCurrent(row, 'prepare_maintenance');
  if (!isCurrent(row, 'maintenance') && !early) {
    const message = `cannot stop maintenance when current state for ${nodeText(row)} is not "maintenance"`;
    const detail = `Current reported state is "${row.reportedstate}" and assigned state is "${row.goalstate}"`;
    return refusal(message, {code, detail});
  }
  if (rows.length === 1) {
    const error = proceedGroup(database, row);
    return error === undefined ? {value: true} : {error};
  }
  const primary = primaryOrDemotedOf(rows);
  if (primary === undefined && rows.length === 2) return noPrimary(row);
  const call = 'after a user-initiated stop_maintenance call.';
  if (primary === undefined) {
    const message = `Setting goal state of ${nodeText(row)} to report_lsn  ${call}`;
    database.assign(row, 'report_lsn', said(database, message));
    return {value: true};
  }
  // The text says catchingup in either case.
  const state = isFailoverInProgress(rows) ? 'report_lsn' : 'catchingup';
  database.assign(row, state, said(database, `Setting goal state of ${nodeText(row)} to catchingup  ${call}`));
  return {value: true};
}

function startOnPrimary(database: Database, row: NodeRow, rows: readonly NodeRow[], candidates: number): Result {
  const [standby] = othersOf(rows, row);
  if (candidates < 1 || standby === undefined) {
    const where = `${nodeText(row)} in state "${row.reportedstate}"`;
    return refusal(`Starting maintenance on ${where} is not currently possible`, {
      code,
      detail: `there is currently ${candidates} candidate nodes available`,
    });
  }
  if (rows.length === 2) {
    const first = `Setting goal state of ${nodeText(row)} to prepare_maintenance`;
    database.assign(row, 'prepare_maintenance', said(database, `${first} ${byPerson}`));
    const second = `${first} and ${nodeText(standby)} to prepare_promotion ${byPerson}`;
    database.assign(standby, 'prepare_promotion', said(database, second));
    return {value: true};
  }
  const message = `Setting goal state of ${nodeText(row)} to maintenance ${byPerson}`;
  database.assign(row, 'prepare_maintenance', said(database, message));
  const error = proceedGroup(database, standby);
  return error === undefined ? {value: true} : {error};
}

function noPrimary(row: NodeRow): Result {
  return refusal(`couldn't find the primary node in formation "${row.formationid}", group ${row.groupid}`);
}
