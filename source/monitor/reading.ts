import {parseLsn} from '../cluster/lsn.ts';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {parseReplicationState} from '../cluster/replication-state.ts';
import {
  type ClusterEvent,
  defaultMonitorSettings,
  type MonitorNode,
  type MonitorReading,
  type MonitorSettings,
} from '../cluster/snapshot.ts';

/** What the reading query returned: the state, and the next events, oldest first. */
export type ParsedReading = {
  reading: MonitorReading;
  events: readonly ClusterEvent[];
  /** The newest event id of any formation; 0 when there is none. Smaller than before: this is another monitor. */
  lastEventId: number;
};

/** Parses the JSON of `readingQuery`. A formation that does not exist is a problem that names those that do. */
export function parseReading(json: unknown, formation: string): Outcome<ParsedReading> {
  const row = record(json);
  const version = text(row.version);
  if (version === undefined) {
    return bad('monitor-schema', 'the extension pgautofailover is not installed in this database', {
      remedy: 'check the port and the database of the monitor in the configuration',
    });
  }
  const known = record(row.formation);
  if (text(known.formationid) === undefined) {
    const names = list(row.formations).map(name => String(name));
    return bad('formation-unknown', `the monitor has no formation "${formation}"`, {
      remedy: names.length === 0 ? 'no formation exists yet' : `set formation to one of: ${names.join(', ')}`,
    });
  }
  return good({
    reading: {
      version,
      serverTime: number(row.server_time) ?? Number.NaN,
      uptimeSeconds: number(row.uptime) ?? Number.NaN,
      formation: {
        name: formation,
        kind: text(known.kind) ?? 'pgsql',
        databaseName: text(known.dbname) ?? 'postgres',
        numberSyncStandbys: number(known.number_sync_standbys) ?? 0,
      },
      synchronousStandbyNames: text(row.synchronous_standby_names) ?? '',
      settings: parseSettings(record(row.settings)),
      nodes: list(row.nodes).map(node => parseNode(record(node))),
    },
    events: list(row.events).map(event => parseEvent(record(event))),
    lastEventId: number(row.last_event) ?? 0,
  });
}

function parseNode(row: Row): MonitorNode {
  return {
    id: number(row.nodeid) ?? 0,
    name: text(row.nodename) ?? '?',
    host: text(row.nodehost) ?? '?',
    port: number(row.nodeport) ?? 0,
    group: number(row.groupid) ?? 0,
    reportedState: parseReplicationState(text(row.reportedstate) ?? ''),
    assignedState: parseReplicationState(text(row.goalstate) ?? ''),
    postgresRunning: row.reportedpgisrunning === true,
    replicationState: text(row.reportedrepstate) ?? 'unknown',
    timeline: number(row.reportedtli) ?? 0,
    lsn: parseLsn(text(row.reportedlsn)),
    health: parseHealth(number(row.health)),
    candidatePriority: number(row.candidatepriority) ?? 0,
    replicationQuorum: row.replicationquorum === true,
    systemIdentifier: text(row.sysidentifier),
    nodeCluster: text(row.nodecluster) ?? 'default',
    reportAgeSeconds: age(row.report_age) ?? Number.POSITIVE_INFINITY,
    healthAgeSeconds: age(row.health_age),
    stateAgeSeconds: age(row.state_age) ?? 0,
  };
}

function parseEvent(row: Row): ClusterEvent {
  return {
    id: number(row.eventid) ?? 0,
    at: Math.round(number(row.at) ?? Number.NaN),
    group: number(row.groupid) ?? 0,
    nodeId: number(row.nodeid) ?? 0,
    nodeName: text(row.nodename) ?? '?',
    reportedState: parseReplicationState(text(row.reportedstate) ?? ''),
    assignedState: parseReplicationState(text(row.goalstate) ?? ''),
    timeline: number(row.reportedtli) ?? 0,
    lsn: parseLsn(text(row.reportedlsn)),
    candidatePriority: number(row.candidatepriority) ?? 0,
    replicationQuorum: row.replicationquorum === true,
    description: text(row.description) ?? '',
  };
}

function parseHealth(health: number | undefined): MonitorNode['health'] {
  if (health === 1) return 'good';
  return health === 0 ? 'bad' : 'unknown';
}

function parseSettings(row: Row): MonitorSettings {
  const setting = (name: string, otherwise: number) => parseSetting(text(row[name])) ?? otherwise;
  const defaults = defaultMonitorSettings;
  return {
    healthCheckPeriod: setting('health_check_period', defaults.healthCheckPeriod),
    healthCheckTimeout: setting('health_check_timeout', defaults.healthCheckTimeout),
    healthCheckMaxRetries: setting('health_check_max_retries', defaults.healthCheckMaxRetries),
    healthCheckRetryDelay: setting('health_check_retry_delay', defaults.healthCheckRetryDelay),
    nodeConsideredUnhealthyTimeout: setting(
      'node_considered_unhealthy_timeout',
      defaults.nodeConsideredUnhealthyTimeout,
    ),
    primaryDemoteTimeout: setting('primary_demote_timeout', defaults.primaryDemoteTimeout),
    startupGracePeriod: setting('startup_grace_period', defaults.startupGracePeriod),
    enableSyncWalLogThreshold: setting('enable_sync_wal_log_threshold', defaults.enableSyncWalLogThreshold),
    promoteWalLogThreshold: setting('promote_wal_log_threshold', defaults.promoteWalLogThreshold),
  };
}

const units: Record<string, number> = {
  '': 1,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
};

/** A setting as SHOW prints it, in milliseconds or bytes: `20s`, `1min`, `16MB`, `5000`. */
export function parseSetting(value: string | undefined): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(value ?? '');
  const unit = units[match?.[2] ?? '?'];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

type Row = Record<string, unknown>;

function record(value: unknown): Row {
  return isRow(value) ? value : {};
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Clocks of one machine may step: an age is never negative. A node that never reported has none. */
function age(value: unknown): number | undefined {
  const seconds = number(value);
  return seconds === undefined ? undefined : Math.max(0, seconds);
}
