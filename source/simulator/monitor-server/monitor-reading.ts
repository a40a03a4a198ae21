import {eventPage} from '../../monitor/reading-query.ts';
import {type EventRow, lsnText, type NodeRow} from '../tables.ts';
import type {World} from '../world.ts';

/** How many events a first look gets. */
const firstEvents = 200;

/** The JSON that `readingQuery` gives on the simulated monitor: formation and the event id to go on from are its parameters. */
export function monitorReading(world: World, formation: string, afterEvent: number): unknown {
  const {monitor} = world;
  const now = world.now();
  const nodes = monitor.nodes(formation);
  const lastEvent = monitor.lastEventId();
  return {
    version: monitor.version,
    server_time: now,
    uptime: (now - monitor.startedAt()) / 1000,
    formation: monitor.formations().find(row => row.formationid === formation) ?? null,
    formations: monitor
      .formations()
      .map(row => row.formationid)
      .sort(),
    synchronous_standby_names: nodes.some(row => row.groupid === 0)
      ? monitor.synchronousStandbyNames(formation, 0)
      : '',
    settings: Object.fromEntries(shownSettings.map(name => [name, settingText(name, monitor.settings()[name])])),
    nodes: nodes.toSorted((a, b) => a.nodeid - b.nodeid).map(row => nodeJson(row, now)),
    last_event: lastEvent === 0 ? null : lastEvent,
    events: pageOf(world, formation, afterEvent).map(eventJson),
  };
}

/** The settings `pgautofailover.*` that pg_settings lists. */
export const shownSettings = [
  'health_check_period',
  'health_check_timeout',
  'health_check_max_retries',
  'health_check_retry_delay',
  'node_considered_unhealthy_timeout',
  'primary_demote_timeout',
  'startup_grace_period',
  'enable_sync_wal_log_threshold',
  'promote_wal_log_threshold',
];

/** A setting as SHOW prints it: times with the largest unit that fits, counts and bytes bare. Null when it is not known. */
export function settingText(name: string, value: number | undefined): string | null {
  if (value === undefined) return null;
  if (!/(_period|_timeout|_delay)$/.test(name)) return String(value);
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (value !== 0 && value % length === 0) return `${value / length}${unit}`;
  }
  return value === 0 ? '0' : `${value}ms`;
}

/** An event as to_jsonb gives it. */
export function eventJson(row: EventRow): Record<string, unknown> {
  return {...row, eventtime: isoText(row.eventtime), reportedlsn: lsnText(row.reportedlsn), at: row.eventtime};
}

/** A time as JSON has it: `2026-11-24T14:39:43.279+00:00`. */
export function isoText(at: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}+00:00`;
}

function nodeJson(row: NodeRow, now: number): Record<string, unknown> {
  return {
    ...row,
    reportedlsn: lsnText(row.reportedlsn),
    reporttime: isoText(row.reporttime),
    walreporttime: isoText(row.walreporttime),
    healthchecktime: isoText(row.healthchecktime),
    statechangetime: isoText(row.statechangetime),
    report_age: (now - row.reporttime) / 1000,
    health_age: (now - row.healthchecktime) / 1000,
    state_age: (now - row.statechangetime) / 1000,
  };
}

function pageOf(world: World, formation: string, afterEvent: number): readonly EventRow[] {
  const events = world.monitor.events(Math.max(0, afterEvent)).filter(row => row.formationid === formation);
  return afterEvent < 0 ? events.slice(-firstEvents) : events.slice(0, eventPage);
}
