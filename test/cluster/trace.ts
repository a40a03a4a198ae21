import {readFileSync} from 'node:fs';
import {parseLsn} from '../../source/cluster/lsn.ts';
import {parseReplicationState} from '../../source/cluster/replication-state.ts';
import type {ClusterEvent, MonitorNode, Snapshot} from '../../source/cluster/snapshot.ts';
import {cluster, host, monitorNode, monitorReading, now, sample} from './example-cluster.ts';

/** A node whose keeper does not report between two moments (last report, first report after), as HH:MM:SS of the trace. */
export type Silence = {node: string; from: string; to: string};

/** The events of a recorded table whose ids lie between `first` and `last`. */
export function readTrace(file: string, first = 0, last = Number.POSITIVE_INFINITY): readonly ClusterEvent[] {
  const text = readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .slice(1)
    .filter(line => line !== '')
    .map(parseRow)
    .filter(event => event.id >= first && event.id <= last);
}

/**
 * What the console would have seen after the first `count` events, `later` milliseconds after the last of them: the monitor's rows made
 * of the events. No psql, as when only the monitor can be reached.
 */
export function snapshotAt(
  events: readonly ClusterEvent[],
  count: number,
  options: {silences?: readonly Silence[]; later?: number} = {},
): Snapshot {
  const seen = events.slice(0, count);
  const time = (seen.at(-1)?.at ?? 0) + (options.later ?? 0);
  const rows = new Map<number, MonitorNode>();
  const changedAt = new Map<number, number>();
  for (const event of seen) {
    const before = rows.get(event.nodeId);
    const same = before?.reportedState === event.reportedState && before.assignedState === event.assignedState;
    if (!same) changedAt.set(event.nodeId, event.at);
    if (event.description.startsWith('Removing node')) rows.delete(event.nodeId);
    else rows.set(event.nodeId, rowAfter(before, event, (time - (changedAt.get(event.nodeId) ?? time)) / 1000));
  }
  for (const [id, row] of rows) {
    const silence = options.silences?.find(each => each.node === row.name && isWithin(time, each));
    if (silence !== undefined) rows.set(id, {...row, reportAgeSeconds: (time - onDay(time, silence.from)) / 1000});
  }
  // A row's timeline goes on with every report; the events have it only when a state changes.
  const timeline = [...rows.values()].find(row => row.assignedState === 'primary')?.timeline;
  const nodes = [...rows.values()]
    .map(row => (isSettledStandby(row) ? {...row, timeline: timeline ?? row.timeline} : row))
    .sort((a, b) => a.id - b.id);
  return cluster({
    hosts: nodes.map((_, index) => host(index + 1, {node: undefined, postgres: undefined})),
    snapshot: {monitor: sample(monitorReading(nodes, {serverTime: time}), {at: now}), events: seen},
  });
}

function rowAfter(before: MonitorNode | undefined, event: ClusterEvent, stateAgeSeconds: number): MonitorNode {
  const health = /is marked as (un)?healthy/.exec(event.description);
  const old = before?.health ?? 'good';
  return monitorNode(event.nodeId, {
    name: event.nodeName,
    host: `10.99.0.${event.nodeId}`,
    reportedState: event.reportedState,
    assignedState: event.assignedState,
    postgresRunning: event.lsn !== undefined,
    replicationState: 'quorum',
    timeline: event.timeline,
    lsn: event.lsn,
    health: health === null ? old : health[1] === 'un' ? 'bad' : 'good',
    candidatePriority: event.candidatePriority,
    stateAgeSeconds,
    reportAgeSeconds: 0.5,
  });
}

function isSettledStandby(row: MonitorNode): boolean {
  return row.reportedState === 'secondary' && row.assignedState === 'secondary';
}

function isWithin(time: number, silence: Silence): boolean {
  return time >= onDay(time, silence.from) && time < onDay(time, silence.to);
}

function onDay(time: number, clock: string): number {
  return Date.parse(`${new Date(time).toISOString().slice(0, 11)}${clock}Z`);
}

function parseRow(line: string): ClusterEvent {
  const fields = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(match =>
    (match[1] ?? '').replace(/^"|"$/g, '').replaceAll('""', '"'),
  );
  const field = (index: number) => fields[index] ?? '';
  return {
    id: Number(field(0)),
    at: Date.parse(`${field(1).slice(0, 23).replace(' ', 'T').replace('+00', '')}Z`),
    nodeId: Number(field(3)),
    group: Number(field(4)),
    nodeName: field(5),
    reportedState: parseReplicationState(field(8)),
    assignedState: parseReplicationState(field(9)),
    timeline: Number(field(11)),
    lsn: parseLsn(field(12)),
    candidatePriority: Number(field(13)),
    replicationQuorum: field(14) === 't',
    description: field(15),
  };
}
