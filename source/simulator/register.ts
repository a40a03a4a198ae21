import type {DatabaseError} from './answer.ts';
import type {Database} from './database.ts';
import {othersOf, primaryOf} from './find-nodes.ts';
import {isBeingPromoted, isCurrent} from './node-predicates.ts';
import {proceedGroup} from './rules.ts';
import {type NodeRow, nodeText} from './tables.ts';

/** A node that wants to join. */
export type Joining = {
  formation: string;
  group: number;
  name: string;
  host: string;
  port: number;
  systemIdentifier: string;
  /** What it was before it was dropped; it gets the same again. */
  nodeId?: number;
};

/** `pgautofailover.register_node`: the new row, or why not. The first node of a group becomes its primary. */
export function registerNode(
  database: Database,
  joining: Joining,
): {ok: true; row: NodeRow} | {ok: false; error: DatabaseError} {
  const formation = database.formation(joining.formation);
  if (formation === undefined) return failed('42704', `formation "${joining.formation}" does not exist`);
  const duplicate = duplicateOf(database, joining);
  if (duplicate !== undefined) return failed('23505', `duplicate key value violates unique constraint "${duplicate}"`);
  const rows = database.group(joining.formation, joining.group);
  const primary = primaryOf(rows);
  const upstream = primary ?? rows.find(isBeingPromoted);
  const electing = rows.some(row => row.candidatepriority === 0 && isCurrent(row, 'report_lsn'));
  if (rows.length > 0 && upstream === undefined && !electing) {
    const where = `in formation "${joining.formation}", group ${joining.group}`;
    const message = `JoinAutoFailoverFormation couldn't find the  primary node ${where}`;
    return {ok: false, error: {code: '55006', message, hint: 'Retry registering in a moment'}};
  }
  const goal = rows.length === 0 ? 'single' : upstream === undefined ? 'report_lsn' : 'wait_standby';
  const row = newRow(database, joining, goal);
  database.add(row);
  database.say(
    `Registering ${nodeText(row)} to formation "${row.formationid}" with replication quorum true ` +
      `and candidate priority ${row.candidatepriority} [${row.candidatepriority}]`,
  );
  const standbys = othersOf(database.group(joining.formation, joining.group), primary);
  const quorum = standbys.filter(other => other.replicationquorum).length;
  if (goal === 'wait_standby' && formation.number_sync_standbys === 0 && quorum === 2) {
    formation.number_sync_standbys = 1;
    database.say(
      `Setting number_sync_standbys to 1 for formation ${formation.formationid} ` +
        `now that we have ${quorum}/${standbys.length} standby nodes set with replication-quorum.`,
    );
  }
  proceedGroup(database, row);
  database.commit();
  return {ok: true, row};
}

function newRow(database: Database, joining: Joining, goalstate: NodeRow['goalstate']): NodeRow {
  if (joining.nodeId === undefined) database.lastNodeId += 1;
  const now = database.now();
  return {
    formationid: joining.formation,
    nodeid: joining.nodeId ?? database.lastNodeId,
    groupid: joining.group,
    nodename: joining.name,
    nodehost: joining.host,
    nodeport: joining.port,
    sysidentifier: joining.systemIdentifier,
    goalstate,
    reportedstate: 'init',
    reportedpgisrunning: true,
    reportedrepstate: 'async',
    reporttime: now,
    reportedtli: 1,
    reportedlsn: 0,
    walreporttime: now,
    health: -1,
    healthchecktime: now,
    statechangetime: now,
    candidatepriority: 50,
    replicationquorum: true,
    nodecluster: 'default',
  };
}

function duplicateOf(database: Database, {formation, name, host, port}: Joining): string | undefined {
  if (database.nodes.some(row => row.formationid === formation && row.nodename === name)) {
    return 'node_formationid_nodename_key';
  }
  return database.nodes.some(row => row.nodehost === host && row.nodeport === port)
    ? 'node_nodehost_nodeport_key'
    : undefined;
}

function failed(code: string, message: string): {ok: false; error: DatabaseError} {
  return {ok: false, error: {code, message}};
}
