import type {ReplicationState} from '../cluster/replication-state.ts';
import type {Engine} from './engine.ts';
import type {EventRow, FormationRow, NodeRow} from './tables.ts';

/** `pgautofailover.*` by name without the prefix: milliseconds and bytes (pg_auto_failover.c). */
export const defaultSettings: Readonly<Record<string, number>> = {
  health_check_period: 5000,
  health_check_timeout: 5000,
  health_check_max_retries: 2,
  health_check_retry_delay: 2000,
  node_considered_unhealthy_timeout: 20_000,
  primary_demote_timeout: 30_000,
  startup_grace_period: 10_000,
  enable_sync_wal_log_threshold: 16_777_216,
  promote_wal_log_threshold: 16_777_216,
};

/** How many events are kept; the real monitor keeps all. */
const keptEvents = 20_000;

/** The monitor's tables and what it says. Everything between two commits is one transaction. */
export type Database = {
  settings: Record<string, number>;
  formations: FormationRow[];
  nodes: NodeRow[];
  events: EventRow[];
  lastEventId: number;
  lastNodeId: number;
  /** When its Postgres started. */
  startedAt: number;
  now(): number;
  setting(name: string): number;
  formation(id: string): FormationRow | undefined;
  node(id: number): NodeRow | undefined;
  /** The nodes of a group that are not being dropped, by id (AutoFailoverNodeGroup). */
  group(formation: string, group: number): readonly NodeRow[];
  /** The rows stay in the order of their ids: the first of equals wins an election. */
  add(row: NodeRow): void;
  remove(row: NodeRow): void;
  /** NOTIFY log. */
  say(message: string): void;
  /** The event row and NOTIFY state (NotifyStateChange). */
  record(row: NodeRow, description: string): void;
  /** An event row of the past, which nobody hears of. */
  recall(row: NodeRow, at: number, description: string): void;
  /** Drops all events; the ids go on behind this one. */
  forget(lastEventId: number): void;
  /** Assigns a state, with its event (SetNodeGoalState). */
  assign(row: NodeRow, state: ReplicationState, description: string): void;
  commit(): void;
  /** Undoes everything since `savepoint` was taken, except that event ids are used up. */
  savepoint(): () => void;
};

export function createDatabase(
  engine: Engine,
  settings: Readonly<Record<string, number>>,
  changed: (row: NodeRow) => void,
): Database {
  const groups = new Map<string, NodeRow[]>();
  const byId = new Map<number, NodeRow>();
  let pending: {channel: 'state' | 'log'; payload: string}[] = [];
  let touched = new Set<NodeRow>();
  const database: Database = {
    settings: {...defaultSettings, ...settings},
    formations: [],
    nodes: [],
    events: [],
    lastEventId: 0,
    lastNodeId: 0,
    startedAt: engine.now(),
    now: engine.now,
    setting: name => database.settings[name] ?? 0,
    formation: id => database.formations.find(row => row.formationid === id),
    node: id => byId.get(id),
    group(formation, group) {
      const key = `${formation} ${group}`;
      const known = groups.get(key);
      if (known !== undefined) return known;
      const rows = database.nodes.filter(
        row => row.formationid === formation && row.groupid === group && row.goalstate !== 'dropped',
      );
      groups.set(key, rows);
      return rows;
    },
    add(row) {
      database.nodes = [...database.nodes, row].sort((a, b) => a.nodeid - b.nodeid);
      byId.set(row.nodeid, row);
      groups.clear();
    },
    remove(row) {
      database.nodes = database.nodes.filter(other => other !== row);
      byId.delete(row.nodeid);
      groups.clear();
    },
    say(message) {
      pending.push({channel: 'log', payload: message});
    },
    record(row, description) {
      database.lastEventId += 1;
      database.events.push(eventOf(row, database.lastEventId, engine.now(), description));
      if (database.events.length > keptEvents * 1.25) database.events.splice(0, database.events.length - keptEvents);
      pending.push({channel: 'state', payload: statePayload(row)});
      touched.add(row);
    },
    recall(row, at, description) {
      database.lastEventId += 1;
      database.events.push(eventOf(row, database.lastEventId, at, description));
    },
    forget(lastEventId) {
      database.events = [];
      database.lastEventId = lastEventId;
    },
    assign(row, state, description) {
      // A maintenance overtakes a drop that nobody has carried out: the node belongs to its group again.
      if (state === 'dropped' || row.goalstate === 'dropped') groups.clear();
      row.goalstate = state;
      row.statechangetime = engine.now();
      database.record(row, description);
    },
    commit() {
      const [said, rows] = [pending, touched];
      pending = [];
      touched = new Set();
      const seen = new Set<string>();
      for (const {channel, payload} of said) {
        // PostgreSQL delivers what is said twice in one transaction once.
        if (seen.has(channel + payload)) continue;
        seen.add(channel + payload);
        engine.emit({kind: 'notification', at: engine.now(), channel, payload});
      }
      for (const row of rows) changed(row);
    },
    savepoint() {
      const rows = database.nodes.map(row => [row, {...row}] as const);
      const formations = database.formations.map(row => [row, {...row}] as const);
      const newest = database.events.at(-1);
      const said = pending.length;
      return () => {
        database.nodes = rows.map(([row, before]) => Object.assign(row, before));
        byId.clear();
        for (const row of database.nodes) byId.set(row.nodeid, row);
        database.formations = formations.map(([row, before]) => Object.assign(row, before));
        while (database.events.length > 0 && database.events.at(-1) !== newest) database.events.pop();
        pending.length = said;
        touched = new Set();
        groups.clear();
      };
    },
  };
  return database;
}

function eventOf(row: NodeRow, eventid: number, eventtime: number, description: string): EventRow {
  return {
    eventid,
    eventtime,
    formationid: row.formationid,
    nodeid: row.nodeid,
    groupid: row.groupid,
    nodename: row.nodename,
    nodehost: row.nodehost,
    nodeport: row.nodeport,
    reportedstate: row.reportedstate,
    goalstate: row.goalstate,
    reportedrepstate: row.reportedrepstate,
    reportedtli: row.reportedtli,
    reportedlsn: row.reportedlsn,
    candidatepriority: row.candidatepriority,
    replicationquorum: row.replicationquorum,
    description,
  };
}

/** The payload of NOTIFY state; the missing blank is the monitor's own (notifications.c). */
function statePayload(row: NodeRow): string {
  const health = row.health === 1 ? 'good' : row.health === 0 ? 'bad' : 'unknown';
  return (
    `{"type": "state", "formation": ${JSON.stringify(row.formationid)}, "groupId": ${row.groupid}, "nodeId": ${row.nodeid}, ` +
    `"name": ${JSON.stringify(row.nodename)}, "host": ${JSON.stringify(row.nodehost)}, "port": ${row.nodeport}, ` +
    `"reportedState": "${row.reportedstate}", "goalState": "${row.goalstate}", "health":"${health}"}`
  );
}
