import type {ActionKind, Check, Request, Situation} from '../../source/actions/action.ts';
import {assess} from '../../source/cluster/assess.ts';
import type {HostSnapshot, MonitorNode, PostgresReading, Snapshot} from '../../source/cluster/snapshot.ts';
import {
  at,
  host,
  monitorNode,
  monitorReading,
  postgresReading,
  replicationRow,
  snapshot,
} from '../snapshots/snapshot.ts';

/** What an action sees of a snapshot. */
export function situationOf(of: Snapshot, now = at): Situation {
  return {snapshot: of, assessment: assess(of, now), now, docker: new Map()};
}

export type Changes = {
  nodes?: {[id: number]: Partial<MonitorNode>};
  /** Nodes that stream from pg_node1, as it says itself; 2 and 3 unless given, null: it cannot be asked. */
  streaming?: readonly number[] | null;
  numberSyncStandbys?: number;
  hosts?: {[id: number]: Partial<HostSnapshot>};
  postgres?: Partial<PostgresReading>;
};

/** The healthy cluster of three with these changes. */
export function cluster({nodes = {}, streaming = [2, 3], numberSyncStandbys = 1, hosts = {}, postgres}: Changes = {}) {
  const rows = [1, 2, 3].map(id => monitorNode(id, nodes[id]));
  const reading = monitorReading(rows, {
    formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys},
  });
  const replication = streaming?.map(id => replicationRow(id)) ?? [];
  const own =
    streaming === null ? undefined : {value: postgresReading(1, {replication, ...postgres}), at: at - 400, source: 'p'};
  return snapshot({
    monitor: {value: reading, at: at - 200, source: 'monitor'},
    hosts: [1, 2, 3].map(id => host(id, {...(id === 1 ? {postgres: own} : {}), ...hosts[id]})),
  });
}

/** A standby whose machine has lost its power so many seconds ago, as the monitor sees it. */
export function dead(secondsAgo: number): Partial<MonitorNode> {
  return {
    reportAgeSeconds: secondsAgo,
    health: secondsAgo > 8 ? 'bad' : 'good',
    ...(secondsAgo > 20 ? {assignedState: 'catchingup'} : {}),
  };
}

/** The checks that an action fails, or warns of. */
export function checksOf(kind: ActionKind, request: Request, of: Snapshot): {failed: string[]; warned: string[]} {
  const checks = kind.of(request).preflight(situationOf(of));
  return {failed: idsOf(checks, 'fail'), warned: idsOf(checks, 'warn')};
}

/** What is said beside a check. */
export function evidenceOf(kind: ActionKind, request: Request, of: Snapshot, id: string): string {
  return (
    kind
      .of(request)
      .preflight(situationOf(of))
      .find(check => check.id === id)?.evidence ?? `there is no check ${id}`
  );
}

function idsOf(checks: readonly Check[], result: Check['result']): string[] {
  return checks.filter(check => check.result === result).map(check => check.id);
}
