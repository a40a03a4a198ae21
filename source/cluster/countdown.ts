import type {Countdown} from './assessment.ts';
import {wholeSeconds} from './duration.ts';
import type {MonitorEvidence} from './evidence.ts';
import type {Group, GroupNode} from './group.ts';
import type {MonitorSettings} from './snapshot.ts';
import {canBePromoted, isMissing, isSoundStandby} from './tolerance.ts';

/** A healthy keeper reports once a second; one that has not for this long is called silent. */
export const silentAfterSeconds = 4;

/** What follows from the primary's silence. */
export type PrimarySilence = {
  node: GroupNode;
  seconds: number;
  /** Present when the monitor is going to act by itself. */
  countdown: Countdown | undefined;
  /** Why it will not (reference R27), when it will not. */
  hindrance: string | undefined;
};

/** The primary does not report: when the monitor fails over, or why it does not (group_state_machine.c, IsUnhealthy). */
export function primarySilence(group: Group, monitor: MonitorEvidence | undefined): PrimarySilence | undefined {
  const node = group.primary;
  if (monitor?.current !== true || node?.row === undefined || node.reportAge === null) return undefined;
  if (node.reportAge <= silentAfterSeconds || node.row.reportedState !== node.row.assignedState) return undefined;
  const seconds = node.reportAge;
  const hindrance = hindranceOf(group, node, seconds);
  if (hindrance !== undefined) return {node, seconds, countdown: undefined, hindrance};
  const secondsLeft = secondsToFailover(group.settings, node, seconds, monitor);
  const others = group.nodes.filter(each => each !== node && each.row?.replicationQuorum === true && isMissing(each));
  const after = others.length === 0 ? '' : `, then waits for ${others.map(each => each.name).join(', ')}`;
  const when = secondsLeft < 0.5 ? 'now' : `in about ${wholeSeconds(secondsLeft)}`;
  const text = `${node.name} silent for ${wholeSeconds(seconds)}: the monitor fails over ${when}${after}`;
  return {node, seconds, countdown: {kind: 'failover', node: node.name, secondsLeft, text}, hindrance: undefined};
}

/** The candidate waits until the old primary is fenced for sure. */
export function demoteTimeout(group: Group): Countdown | undefined {
  const old = group.nodes.find(node => node.rowCurrent && node.row?.assignedState === 'demote_timeout');
  if (old?.row === undefined || old.row.reportedState === 'demote_timeout' || old.stateAge === null) return undefined;
  const secondsLeft = Math.max(0, group.settings.primaryDemoteTimeout / 1000 - old.stateAge);
  const text = secondsLeft < 0.5 ? 'demote timeout ends now' : `demote timeout ends in ${wholeSeconds(secondsLeft)}`;
  return {kind: 'demote-timeout', node: old.name, secondsLeft, text};
}

/** Longest time from a Postgres that stops answering to health "bad": every try runs into its timeout. */
export function slowestHealthCheckSeconds(settings: MonitorSettings): number {
  const tries = settings.healthCheckMaxRetries + 1;
  const round = tries * settings.healthCheckTimeout + settings.healthCheckMaxRetries * settings.healthCheckRetryDelay;
  return (settings.healthCheckPeriod + round) / 1000;
}

function hindranceOf(group: Group, node: GroupNode, silent: number): string | undefined {
  const {settings} = group;
  const standbys = group.nodes.filter(each => each !== node && each.row?.assignedState !== 'dropped');
  const candidates = standbys.filter(each => isSoundStandby(each) && canBePromoted(each));
  if (standbys.length === 0) return 'there is no standby';
  if (candidates.length === 0) return 'no standby is healthy and may be promoted';
  if (standbys.length > 1 && node.row?.assignedState === 'wait_primary') {
    return 'the primary is in wait_primary, which the monitor does not fail over';
  }
  const limit = settings.nodeConsideredUnhealthyTimeout / 1000 + slowestHealthCheckSeconds(settings);
  const answers = node.postgres !== undefined && node.row?.health === 'good' && silent > 10;
  if (node.row?.health === 'good' && (answers || silent > limit)) {
    return 'only its keeper is silent: the monitor still connects to its Postgres';
  }
  return undefined;
}

function secondsToFailover(
  settings: MonitorSettings,
  node: GroupNode,
  silent: number,
  monitor: MonitorEvidence,
): number {
  const grace = settings.startupGracePeriod / 1000 - monitor.reading.uptimeSeconds - monitor.ageSeconds;
  const silence = settings.nodeConsideredUnhealthyTimeout / 1000 - silent;
  return Math.max(0, grace, silence, node.row?.health === 'bad' ? 0 : healthLeft(settings, node));
}

/** Until the checks of a Postgres that refuses connections have all failed. */
function healthLeft(settings: MonitorSettings, node: GroupNode): number {
  const usual = (settings.healthCheckPeriod + settings.healthCheckMaxRetries * settings.healthCheckRetryDelay) / 1000;
  return usual - (node.healthAge ?? 0);
}
