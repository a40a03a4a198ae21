import type {Change, ChangeKind} from './assessment.ts';
import {demoteTimeout} from './countdown.ts';
import {wholeSeconds} from './duration.ts';
import type {Election} from './election.ts';
import {inMaintenance, isChosen} from './election.ts';
import type {MonitorEvidence} from './evidence.ts';
import type {Group, GroupNode} from './group.ts';
import type {History} from './history.ts';
import type {ReplicationState} from './replication-state.ts';
import {canTakeWrites} from './replication-state.ts';
import {reports} from './tolerance.ts';

/** How long each kind of change may take before it is called overdue, in seconds (twice what was measured, and more). */
const budgets: Record<ChangeKind, number> = {
  switchover: 30,
  failover: 60,
  maintenance: 20,
  settings: 10,
  join: 60,
  drop: 60,
};

/** A failover that has just ended still explains the last steps of its nodes for this long. */
const aftermathSeconds = 60;

/** What is under way in a group, from the states of its nodes, with its beginning from the events. */
export function changeOf(
  group: Group,
  election: Election | undefined,
  history: History,
  monitor: MonitorEvidence | undefined,
): Change | undefined {
  if (monitor?.current !== true) return undefined;
  return (
    electionChange(group, election, history, monitor) ??
    followChange(group, history, monitor) ??
    maintenanceChange(group) ??
    settingsChange(group) ??
    dropChange(group) ??
    joinChange(group)
  );
}

function electionChange(
  group: Group,
  election: Election | undefined,
  history: History,
  monitor: MonitorEvidence,
): Change | undefined {
  if (election === undefined) return undefined;
  const outage = history.outage;
  const old = group.nodes.find(node => givesUp(node));
  const kind = electionKind(group, history);
  const sinceSeconds =
    outage === undefined ? longestState(group.nodes.filter(isMoving)) : secondsSince(outage.beganAt, monitor);
  // The old primary's fence may take all of the demote timeout; a failover always has to count with it.
  const fenced = kind === 'failover' || group.nodes.some(node => isIn(node, ['demote_timeout', 'stop_replication']));
  const wait = fenced ? group.settings.primaryDemoteTimeout / 1000 : 0;
  // As long as nodes change their states it goes on, however slowly.
  const idle = Math.min(...group.nodes.map(node => node.stateAge ?? 0));
  return {
    kind,
    from: outage?.from ?? old?.name ?? null,
    to: election.candidate?.name ?? null,
    sinceSeconds,
    step: electionStep(group, election),
    overdue: sinceSeconds !== null && sinceSeconds > budgets[kind] + wait && idle > 10,
  };
}

function electionKind(group: Group, history: History): 'switchover' | 'failover' | 'maintenance' {
  if (group.nodes.some(node => node.row?.assignedState === 'prepare_maintenance')) return 'maintenance';
  const cause = history.outage?.cause;
  if (cause !== undefined) return cause === 'drop' ? 'failover' : cause;
  const steered = group.nodes.some(node => isElectionPriority(node.row?.candidatePriority));
  return steered ? 'switchover' : 'failover';
}

/** The monitor moves priorities out of 0 to 100 while it carries out an operator's switchover. */
export function isElectionPriority(priority: number | undefined): boolean {
  return priority !== undefined && (priority < 0 || priority > 100);
}

function electionStep(group: Group, election: Election): string {
  const {candidate, awaited} = election;
  if (candidate === undefined) {
    if (awaited.length > 0) return `waiting for the position of ${names(awaited)}`;
    return group.nodes.some(node => node.row?.reportedState === 'report_lsn')
      ? 'the monitor chooses the next primary'
      : `${group.nodes.find(node => givesUp(node))?.name ?? 'the old primary'} stops taking writes`;
  }
  const row = candidate.row;
  const countdown = demoteTimeout(group);
  if (countdown !== undefined && row?.reportedState === 'stop_replication') return countdown.text;
  if (row?.assignedState === 'fast_forward') return `${candidate.name} fetches the WAL it misses`;
  return `${candidate.name} is being promoted`;
}

const rejoiningStates: readonly ReplicationState[] = [
  'draining',
  'demote_timeout',
  'demoted',
  'report_lsn',
  'join_secondary',
  'catchingup',
];

/** The new primary is there; the others are on their way to it. */
function followChange(group: Group, history: History, monitor: MonitorEvidence): Change | undefined {
  const {primary} = group;
  const last = history.lastOutage;
  if (primary?.row === undefined || last === undefined || secondsSince(last.endedAt, monitor) > aftermathSeconds) {
    return undefined;
  }
  const followers = group.nodes.filter(
    node => node !== primary && isMoving(node) && reports(node) && isIn(node, rejoiningStates) && !inMaintenance(node),
  );
  const settling = primary.row.reportedState === 'wait_primary' || primary.row.assignedState === 'wait_primary';
  if (followers.length === 0 && !settling) return undefined;
  const sinceSeconds = secondsSince(last.beganAt, monitor);
  const kind = last.cause === 'drop' ? 'failover' : last.cause;
  return {
    kind,
    from: last.from,
    to: primary.name,
    sinceSeconds,
    step: followStep(primary, followers),
    overdue: false,
  };
}

function followStep(primary: GroupNode, followers: readonly GroupNode[]): string {
  if (followers.length > 0) return `${names(followers)} follow${followers.length === 1 ? 's' : ''} the new primary`;
  return primary.row?.assignedState === 'wait_primary'
    ? `${primary.name} waits for a standby`
    : `${primary.name} turns synchronous replication on`;
}

function maintenanceChange(group: Group): Change | undefined {
  const node = group.nodes.find(each => isMoving(each) && inMaintenance(each) && each.row?.assignedState !== 'dropped');
  if (node?.row === undefined) return undefined;
  const leaving = node.row.reportedState === 'maintenance';
  return change('maintenance', node, leaving ? `${node.name} leaves maintenance` : `${node.name} enters maintenance`);
}

function settingsChange(group: Group): Change | undefined {
  const node = group.nodes.find(each => isIn(each, ['apply_settings']));
  if (node === undefined) return undefined;
  return change('settings', node, `${node.name} applies new settings`);
}

function dropChange(group: Group): Change | undefined {
  const node = group.nodes.find(each => each.row?.assignedState === 'dropped' && reports(each));
  return node === undefined ? undefined : change('drop', node, `${node.name} is being dropped`);
}

function joinChange(group: Group): Change | undefined {
  const joining: readonly ReplicationState[] = [
    'init',
    'wait_standby',
    'catchingup',
    'join_secondary',
    'demoted',
    'report_lsn',
  ];
  const node = group.nodes.find(each => reports(each) && isIn(each, joining));
  const settling = group.primary?.row;
  const unchecked = group.nodes.find(each => each !== group.primary && awaitsHealthCheck(each));
  if (node !== undefined) return change('join', node, `${node.name} joins: ${stateWords(node)}`);
  if (settling !== undefined && group.primary !== undefined && settling.reportedState !== settling.assignedState) {
    return change('join', group.primary, `${group.primary.name}: ${stateWords(group.primary)}`);
  }
  if (unchecked !== undefined)
    return change('join', unchecked, `${unchecked.name} joins: its health is yet to be checked`);
  return undefined;
}

/** A standby that has just come back: the monitor's next health check comes within one period. */
function awaitsHealthCheck(node: GroupNode): boolean {
  const row = node.row;
  const fresh = node.rowCurrent && reports(node) && (node.stateAge ?? 0) < 10;
  return fresh && row?.reportedState === 'secondary' && row.assignedState === 'secondary' && row.health !== 'good';
}

function change(kind: ChangeKind, node: GroupNode, step: string): Change {
  const sinceSeconds = node.stateAge;
  return {kind, from: null, to: node.name, sinceSeconds, step, overdue: (sinceSeconds ?? 0) > budgets[kind]};
}

/** `secondary -> catchingup`, or the one state when both are the same. */
export function stateWords(node: GroupNode): string {
  const row = node.row;
  if (row === undefined) return 'not registered';
  return row.reportedState === row.assignedState ? row.reportedState : `${row.reportedState} -> ${row.assignedState}`;
}

/** `switchover pg_node1 -> pg_node2, 2.4 s`: the header's words for a change; 70 columns at most with usual names. */
export function changeWords(of: Change, age: (seconds: number) => string = wholeSeconds): string {
  const time = of.sinceSeconds === null ? '' : `, ${age(of.sinceSeconds)}`;
  switch (of.kind) {
    case 'switchover':
    case 'failover':
      return `${of.kind}${wayWords(of)}${time}`;
    case 'maintenance':
      return of.from === null
        ? `${of.step}${time}`
        : `maintenance of ${of.from}${of.to === null ? '' : ` -> ${of.to}`}${time}`;
    default:
      return `${of.step}${time}`;
  }
}

function wayWords({from, to}: Change): string {
  if (to === null) return from === null ? '' : ` from ${from}`;
  if (from === to) return ` back to ${to}`;
  return from === null ? ` to ${to}` : ` ${from} -> ${to}`;
}

function isMoving(node: GroupNode): boolean {
  return node.rowCurrent && node.row !== undefined && node.row.reportedState !== node.row.assignedState;
}

function isIn(node: GroupNode, states: readonly ReplicationState[]): boolean {
  const row = node.row;
  return (
    node.rowCurrent && row !== undefined && (states.includes(row.reportedState) || states.includes(row.assignedState))
  );
}

/** The old primary: still reported as one, or further on its way down, while the monitor wants it down. */
function givesUp(node: GroupNode): boolean {
  const row = node.row;
  if (row === undefined || isChosen(node)) return false;
  return canTakeWrites(row.reportedState) || ['draining', 'demote_timeout', 'demoted'].includes(row.assignedState);
}

function longestState(nodes: readonly GroupNode[]): number | null {
  const ages = nodes.map(node => node.stateAge).filter(age => age !== null);
  return ages.length === 0 ? null : Math.max(...ages);
}

function secondsSince(at: number, monitor: MonitorEvidence): number {
  return Math.max(0, (monitor.time - at) / 1000);
}

function names(nodes: readonly GroupNode[]): string {
  return nodes.map(node => node.name).join(', ');
}
