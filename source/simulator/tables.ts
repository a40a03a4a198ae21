import type {ReplicationState} from '../cluster/replication-state.ts';

/**
 * A row of `pgautofailover.node`, named as its columns. Times are milliseconds since 1970, positions are bytes (0: `0/0`).
 * `sysidentifier` is text because it exceeds what a number holds.
 */
export type NodeRow = {
  formationid: string;
  nodeid: number;
  groupid: number;
  nodename: string;
  nodehost: string;
  nodeport: number;
  sysidentifier: string | null;
  goalstate: ReplicationState;
  reportedstate: ReplicationState;
  reportedpgisrunning: boolean;
  reportedrepstate: string;
  reporttime: number;
  reportedtli: number;
  reportedlsn: number;
  walreporttime: number;
  health: -1 | 0 | 1;
  healthchecktime: number;
  statechangetime: number;
  candidatepriority: number;
  replicationquorum: boolean;
  nodecluster: string;
};

/** A row of `pgautofailover.event`; ids increase and have gaps. */
export type EventRow = {
  eventid: number;
  eventtime: number;
  formationid: string;
  nodeid: number;
  groupid: number;
  nodename: string;
  nodehost: string;
  nodeport: number;
  reportedstate: ReplicationState;
  goalstate: ReplicationState;
  reportedrepstate: string;
  reportedtli: number;
  reportedlsn: number;
  candidatepriority: number;
  replicationquorum: boolean;
  description: string;
};

/** A row of `pgautofailover.formation`. */
export type FormationRow = {
  formationid: string;
  kind: string;
  dbname: string;
  opt_secondary: boolean;
  number_sync_standbys: number;
};

/** A node as the monitor's messages name it (NODE_FORMAT, node_metadata.h). */
export function nodeText(row: {nodeid: number; nodename: string; nodehost: string; nodeport: number}): string {
  return `node ${row.nodeid} "${row.nodename}" (${row.nodehost}:${row.nodeport})`;
}

/** A position in bytes as PostgreSQL prints it: `0/405B688`. */
export function lsnText(bytes: number): string {
  const high = Math.floor(bytes / 0x1_0000_0000);
  return `${high.toString(16).toUpperCase()}/${(bytes % 0x1_0000_0000).toString(16).toUpperCase()}`;
}
