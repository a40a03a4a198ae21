import type {Change, Countdown} from './assessment.ts';
import {changeOf} from './change.ts';
import {demoteTimeout, type PrimarySilence, primarySilence} from './countdown.ts';
import {type Election, electionOf} from './election.ts';
import type {Evidence} from './evidence.ts';
import {type Group, type GroupNode, groupsOf} from './group.ts';
import {type History, historiesOf} from './history.ts';
import {canTakeWrites, type ReplicationState} from './replication-state.ts';
import {commitsWait} from './synchronous.ts';
import {type Redundancy, redundancyOf, reports, toleratedFailures} from './tolerance.ts';

const noHistory: History = {outage: undefined, lastOutage: undefined};

/** A group with everything that was concluded about it: what findings and verdict are made of. */
export type Situation = {
  group: Group;
  history: History;
  election: Election | undefined;
  change: Change | undefined;
  silence: PrimarySilence | undefined;
  countdown: Countdown | undefined;
  /** The monitor has just started: that it has not heard a node yet says nothing about the node. */
  starting: boolean;
  redundancy: Redundancy;
  /** null when the monitor is away (nothing fails over then), or when what it says of the standbys is not proven. */
  tolerates: number | null;
  blocked: Blocked | undefined;
  noWritesSeconds: number | undefined;
};

/** The primary runs, but commits have nobody to acknowledge them. */
export type Blocked = {
  /** Backends that wait now; 0: the next commit will. */
  waiting: number;
  required: number;
  live: number;
  /** For how long commits have waited and nothing was acknowledged. */
  stalledSeconds: number;
  /** Nodes that the monitor does not know and that may acknowledge all the same: with one of these it is likely, not proven. */
  unless: readonly GroupNode[];
  source: 'node' | 'monitor';
};

export function situationsOf(evidence: Evidence): readonly Situation[] {
  const histories = historiesOf(evidence.snapshot.events);
  return groupsOf(evidence).map(group => {
    const {monitor} = evidence;
    const history = histories.get(group.number) ?? noHistory;
    const election = electionOf(group, evidence.snapshot.monitorMessages, evidence.now);
    const starting = isStarting(monitor);
    // Health is kept over a restart of the monitor; the age of a report then says only how long it was away.
    const excused = starting && group.primary?.row?.health !== 'bad';
    const silence = excused ? undefined : primarySilence(group, monitor);
    const redundancy = redundancyOf(group);
    return {
      group,
      history,
      election,
      change: changeOf(group, election, history, monitor),
      silence,
      countdown: demoteTimeout(group) ?? silence?.countdown,
      starting,
      redundancy,
      tolerates: group.monitorCurrent ? toleratedNow(group, redundancy) : null,
      blocked: blockedOf(group),
      noWritesSeconds: noWrites(evidence, group, history),
    };
  });
}

/** The monitor is within its start-up grace period. */
function isStarting(monitor: Evidence['monitor']): boolean {
  if (monitor?.current !== true) return false;
  const {uptimeSeconds, settings} = monitor.reading;
  return uptimeSeconds + monitor.ageSeconds < settings.startupGracePeriod / 1000;
}

function toleratedNow(group: Group, redundancy: Redundancy): number | null {
  if (group.primary?.proof.writable !== true || blockedOf(group) !== undefined) return 0;
  const tolerated = toleratedFailures(redundancy);
  // A healthy secondary need not stream, and one that streams need not keep up (reference §2.2): the primary knows, if it can be asked.
  const unasked = group.primary.configured && group.synchronous === undefined;
  return tolerated > 0 && unasked ? null : tolerated;
}

/** A state that has just changed is settled within this time; standbys reconnect meanwhile. */
const settlingSeconds = 3;

function blockedOf(group: Group): Blocked | undefined {
  const {primary, synchronous} = group;
  if (primary === undefined || primary.proof.writable !== true) return undefined;
  if (synchronous !== undefined) {
    const {required, live, waiting, stalledSeconds} = synchronous;
    const settling = primary.stateAge !== null && primary.stateAge < settlingSeconds;
    // What has stood for longer than that does not settle.
    const stands = waiting > 0 && stalledSeconds >= settlingSeconds;
    if ((settling && !stands) || !commitsWait(synchronous)) return undefined;
    return {waiting, required, live: live.length, stalledSeconds, unless: [], source: 'node'};
  }
  return blockedByMonitor(group);
}

/**
 * Without the primary's own word: its keeper reports `unknown` when no standby is connected (reference R30), and standbys that are
 * neither heard nor reached acknowledge nothing. A primary that cannot finish applying a setting (R04) is in the same place.
 */
function blockedByMonitor(group: Group): Blocked | undefined {
  const row = group.primary?.row;
  const held: readonly ReplicationState[] = ['primary', 'apply_settings'];
  if (row === undefined || !held.includes(row.reportedState) || !held.includes(row.assignedState)) return undefined;
  const standbys = group.nodes.filter(node => node !== group.primary && node.row?.replicationQuorum === true);
  const settled = group.primary?.stateAge !== null && (group.primary?.stateAge ?? 0) > 10;
  if (!settled || standbys.length === 0) return undefined;
  const lost = standbys.every(node => !reports(node) && node.row?.health === 'bad');
  const disconnected = row.replicationState === 'unknown';
  if (!disconnected && !lost) return undefined;
  const required = Math.max(1, group.numberSyncStandbys);
  const unless = disconnected ? [] : group.strangers.filter(mayFollow);
  return {waiting: 0, required, live: 0, stalledSeconds: 0, unless, source: 'monitor'};
}

/** A node that was dropped by force goes on following, and acknowledges as long as the primary still names it: only a stopped one does not. */
function mayFollow({postgres, proof}: GroupNode): boolean {
  return postgres === undefined ? proof.writable !== false : postgres.inRecovery;
}

/** From the events, and from when the old primary was last heard; both are the monitor's clock. */
function noWrites(evidence: Evidence, group: Group, history: History): number | undefined {
  const {monitor} = evidence;
  // What happened while the monitor was down is not in its events.
  if (isStarting(monitor)) return undefined;
  if (monitor?.current !== true || group.nodes.some(node => node.proof.writable === true)) return undefined;
  if (group.unfenced.length > 0) return undefined;
  if (group.primary !== undefined && group.primary.proof.writable === null && history.outage === undefined)
    return undefined;
  const old = group.nodes.find(node => node.row !== undefined && canTakeWrites(node.row.reportedState));
  const ages = [
    history.outage === undefined ? undefined : Math.max(0, (monitor.time - history.outage.writesEndedAt) / 1000),
    // A keeper that is gone reports nothing: writes may have ended with its last report.
    old === undefined || reports(old) ? undefined : (old.reportAge ?? undefined),
  ].filter(age => age !== undefined);
  return ages.length === 0 ? undefined : Math.max(...ages);
}
