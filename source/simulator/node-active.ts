import type {ReplicationState} from '../cluster/replication-state.ts';
import type {DatabaseError} from './answer.ts';
import {sqlState} from './answer.ts';
import type {Database} from './database.ts';
import {said} from './election.ts';
import {proceedGroup} from './rules.ts';
import {lsnText, nodeText} from './tables.ts';

/** What a keeper says of its node. `lsn` and `timeline` are 0 while Postgres does not run. */
export type Report = {
  nodeId: number;
  state: ReplicationState;
  postgresRunning: boolean;
  timeline: number;
  lsn: number;
  syncState: string;
};

/** `pgautofailover.node_active`: stores the report, lets the rules decide, and answers the state that is assigned. */
export function nodeActive(
  database: Database,
  report: Report,
): {ok: true; assigned: ReplicationState} | {ok: false; error: DatabaseError} {
  const row = database.node(report.nodeId);
  if (row === undefined) {
    const message = `couldn't find node with nodeid ${report.nodeId}`;
    return {ok: false, error: {code: sqlState.undefinedObject, message}};
  }
  // The rules judge the reporting node by what was stored before, except for its state.
  const active = {...row};
  const before = {...row};
  const now = database.now();
  if (row.reportedstate !== report.state) {
    const position = `with LSN ${lsnText(row.reportedlsn)}: ${report.state}`;
    const message = row.goalstate === 'report_lsn' ? position : `"${report.state}"`;
    const separator = row.goalstate === 'report_lsn' ? ' ' : ': ';
    active.reportedstate = report.state;
    active.reportedrepstate = report.syncState;
    active.reportedlsn = report.lsn;
    database.record(active, said(database, `New state is reported by ${nodeText(row)}${separator}${message}`));
    row.reportedstate = report.state;
    row.statechangetime = now;
  }
  row.reporttime = now;
  row.reportedpgisrunning = report.postgresRunning;
  row.reportedrepstate = report.syncState;
  if (report.timeline !== 0) row.reportedtli = report.timeline;
  if (report.lsn !== 0) {
    row.reportedlsn = report.lsn;
    row.walreporttime = now;
  }
  const error = proceedGroup(database, active);
  if (error !== undefined) {
    Object.assign(row, before);
    database.commit();
    return {ok: false, error};
  }
  database.commit();
  return {ok: true, assigned: database.node(report.nodeId)?.goalstate ?? 'dropped'};
}
