import type {Group, GroupNode} from './group.ts';
import type {ReplicationState} from './replication-state.ts';
import type {MonitorMessage} from './snapshot.ts';
import {canBePromoted, reports} from './tolerance.ts';

/** An election: the monitor looks for the standby to promote. */
export type Election = {
  /** The node that was chosen, once it is. */
  candidate: GroupNode | undefined;
  /** Quorum nodes whose report is awaited. */
  awaited: readonly GroupNode[];
  /** Those of them that are silent: the monitor waits for them for ever. */
  missing: readonly GroupNode[];
  /** Quorum candidates that report, and how many there have to be. */
  candidates: number;
  required: number;
  /** Candidate priority 0 on every node that could be chosen. */
  nobodyMayWin: boolean;
  /** Why it cannot complete by itself (reference rule); undefined as long as it may. */
  stuck: 'R05' | 'R06' | 'R08' | 'R09' | 'R10' | undefined;
  /** The monitor's latest words about it. */
  message: string | undefined;
};

const electionStates: readonly ReplicationState[] = [
  'draining',
  'demote_timeout',
  'report_lsn',
  'fast_forward',
  'prepare_promotion',
  'stop_replication',
  'join_secondary',
];
const chosenStates: readonly ReplicationState[] = ['fast_forward', 'prepare_promotion', 'stop_replication'];

/** How long a message of the monitor still explains the present; it repeats them about once a second. */
const messageSeconds = 60;

export function electionOf(group: Group, messages: readonly MonitorMessage[], now: number): Election | undefined {
  const nodes = group.nodes.filter(node => node.rowCurrent && node.row !== undefined);
  const running = nodes.some(node => isIn(node, electionStates));
  const candidate = nodes.find(node => isChosen(node));
  const settled = group.primary !== undefined && candidate === undefined;
  if (!running || settled) return undefined;
  const voters = nodes.filter(isVoter);
  const asked = candidate === undefined && nodes.some(node => isIn(node, ['report_lsn']));
  const awaited = asked ? voters.filter(node => node.row?.reportedState !== 'report_lsn') : [];
  const missing = awaited.filter(node => !reports(node));
  const candidates = voters.filter(node => reports(node) && !inMaintenance(node)).length;
  const required = nodes.length > 2 ? group.numberSyncStandbys + 1 : 1;
  const able = nodes.filter(node => reports(node) && !inMaintenance(node) && !isGivenUp(node));
  const part = {candidate, awaited, missing, candidates, required, nobodyMayWin: !able.some(canBePromoted)};
  return {...part, stuck: stuckRule(part, group), message: lastMessage(messages, now)};
}

/** The node is being promoted: chosen, not yet reported as the primary. */
export function isChosen(node: GroupNode): boolean {
  const row = node.row;
  if (row === undefined || !node.rowCurrent) return false;
  return (
    chosenStates.includes(row.assignedState) ||
    (chosenStates.includes(row.reportedState) && ['wait_primary', 'primary', 'single'].includes(row.assignedState))
  );
}

export function inMaintenance(node: GroupNode): boolean {
  return [node.row?.reportedState, node.row?.assignedState].some(
    state => state === 'maintenance' || state === 'wait_maintenance' || state === 'prepare_maintenance',
  );
}

/** Counted by the election: in the quorum, not in maintenance, and not an old primary that the monitor has given up. */
function isVoter(node: GroupNode): boolean {
  return node.row?.replicationQuorum === true && !inMaintenance(node) && !isGivenUp(node);
}

function isGivenUp(node: GroupNode): boolean {
  return isIn(node, ['dropped']) || ['draining', 'demote_timeout', 'demoted'].includes(node.row?.assignedState ?? '');
}

function isIn(node: GroupNode, states: readonly ReplicationState[]): boolean {
  const row = node.row;
  return row !== undefined && (states.includes(row.reportedState) || states.includes(row.assignedState));
}

function stuckRule(
  election: Pick<Election, 'candidate' | 'awaited' | 'missing' | 'candidates' | 'required' | 'nobodyMayWin'>,
  group: Group,
): Election['stuck'] {
  const {candidate, awaited, missing} = election;
  if (candidate !== undefined) {
    const age = candidate.stateAge ?? 0;
    const row = candidate.row;
    if (row?.assignedState === 'fast_forward' && age > 60) return 'R09';
    const limit = row?.assignedState === 'stop_replication' ? group.settings.primaryDemoteTimeout / 1000 + 10 : 60;
    return age > limit ? 'R10' : undefined;
  }
  if (missing.length > 0) return 'R05';
  if (awaited.length > 0 || !allHaveReported(group)) return undefined;
  if (election.candidates < election.required) return 'R06';
  const reported = group.nodes.filter(node => node.row?.reportedState === 'report_lsn');
  const waited = Math.min(...reported.map(node => node.stateAge ?? 0));
  if (reported.length > 0 && (election.nobodyMayWin || waited > 10)) return 'R08';
  return undefined;
}

/** At least one node has reported its position, and none is still on its way there. */
function allHaveReported(group: Group): boolean {
  const states = group.nodes.map(node => node.row);
  return (
    states.some(row => row?.reportedState === 'report_lsn') &&
    !states.some(row => row?.assignedState === 'report_lsn' && row.reportedState !== 'report_lsn')
  );
}

function lastMessage(messages: readonly MonitorMessage[], now: number): string | undefined {
  return messages.findLast(message => now - message.at <= messageSeconds * 1000 && aboutElections.test(message.text))
    ?.text;
}

const aboutElections =
  /Failover still in progress|failover candidate|most advanced|needs to fetch missing WAL|failed to select one of them/i;
