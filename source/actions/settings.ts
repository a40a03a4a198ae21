import type {MonitorNode} from '../cluster/snapshot.ts';
import type {Check, Progress, Situation, Step} from './action.ts';
import {
  isHealthyStandby,
  isSecondary,
  monitorAge,
  monitorOf,
  postgresOf,
  primaryOf,
  reportsNow,
  streams,
} from './cluster-facts.ts';
import {check, describe} from './guards.ts';
import {movingNodes} from './new-primary.ts';

/** The step that calls a setting's function; pg_autoctl 2.0 to 2.2 can take a valid value for an invalid one (cli_get_set_properties.c). */
export function byFunction(step: Step | undefined): readonly Step[] {
  return step === undefined ? [] : [{...step, title: "by the monitor's function: pg_autoctl may refuse a valid value"}];
}

/** A setting goes through apply_settings in a moment; this long in it, nothing there acknowledges (R04). */
const stuckSeconds = 10;

/** R04: the primary has been told to apply a setting, and to be primary again, and does not get there. */
export function isStuckApplying(primary: MonitorNode | undefined): boolean {
  return (
    primary?.reportedState === 'apply_settings' &&
    primary.assignedState !== 'apply_settings' &&
    primary.stateAgeSeconds >= stuckSeconds
  );
}

/** R13, R04: the monitor takes a setting only while the primary is where it is wanted, and its keeper has to apply it. */
export function primaryTakesSettings(situation: Situation, primary: MonitorNode | undefined): Check {
  const title = 'the primary can apply a setting';
  if (primary === undefined)
    return check('primary', false, title, 'no node is primary now: a change is under way or the cluster is down');
  const stable = primary.reportedState === primary.assignedState;
  const sound = stable && primary.health === 'good' && primary.postgresRunning && reportsNow(situation, primary);
  const words = describe(primary, monitorAge(situation));
  const stuck = isStuckApplying(primary)
    ? `; it is stuck (R04): start a quorum standby, or :set ${primary.name} priority ${primary.candidatePriority} once more`
    : '';
  return check('primary', sound, title, `${primary.name}: ${words}${stuck}`);
}

/**
 * R04: while it applies a setting the primary waits for a synchronous standby, for ever if none streams that the monitor counts.
 * `standbys` and `numberSyncStandbys` as they will be.
 */
export function appliesWithoutWaiting(
  situation: Situation,
  primary: MonitorNode | undefined,
  standbys: readonly MonitorNode[],
  numberSyncStandbys: number,
): Check {
  const quorum = standbys.filter(node => node.replicationQuorum);
  const streaming = quorum.filter(node => isHealthyStandby(situation, primary, node));
  const counted = quorum.filter(isSecondary);
  const waits = quorum.length > 0 && streaming.length === 0 && (numberSyncStandbys > 0 || counted.length > 0);
  const name = primary?.name ?? 'the primary';
  return check(
    'acknowledged',
    !waits,
    `${name} will finish applying it`,
    waits
      ? `R04: no quorum standby streams (${quorum.map(node => `${node.name} ${whereItIs(situation, primary, node)}`).join(', ')}); ${name} would wait in apply_settings for ever: start one first`
      : streaming.length > 0
        ? `${streaming.map(node => node.name).join(', ')} in the quorum and streaming`
        : 'no standby has to acknowledge',
  );
}

/** R03, R04: a standby that is dead or cut off, and still counted; what to do about it. */
export function countedButAway(
  situation: Situation,
  primary: MonitorNode | undefined,
  standbys: readonly MonitorNode[],
): readonly MonitorNode[] {
  return standbys.filter(
    node => node.replicationQuorum && isSecondary(node) && !isHealthyStandby(situation, primary, node),
  );
}

function whereItIs(situation: Situation, primary: MonitorNode | undefined, node: MonitorNode): string {
  return streams(situation, primary, node) === false
    ? 'does not stream'
    : `is ${describe(node, monitorAge(situation))}`;
}

/** Done when the value is on the monitor and the primary has applied it; both change in one transaction. */
export function settingApplied(
  now: Situation,
  group: number | undefined,
  {holds, message, otherwise}: {holds: boolean; message: string; otherwise: string},
): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  if (!holds) return {state: 'unchanged', message: otherwise};
  const primary = primaryOf(reading, group);
  if (primary === undefined || primary.reportedState !== primary.assignedState)
    return {state: 'pending', waitingFor: movingNodes(reading)};
  const names = postgresOf(now, primary.name)?.synchronousStandbyNames;
  // The monitor's value is that of group 0 only.
  if (primary.group === 0 && names !== undefined && names !== reading.synchronousStandbyNames)
    return {state: 'pending', waitingFor: `${primary.name} to set synchronous_standby_names`};
  return {state: 'done', message: `${message}, and ${primary.name} is ${primary.reportedState} with it`};
}
