import {current} from '../cluster/sample.ts';
import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Check, Plan, Progress, Request, Situation} from './action.ts';
import {allOf, mayChange, monitorAnswers, nodeIsKnown} from './availability.ts';
import {isReachable, monitorAge, monitorOf, nodeNamed, type Place, placeOf} from './cluster-facts.ts';
import {check, monitorIsFresh, nobodyInMaintenance, nothingUnderWay, warning, withNode} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {
  containerAt,
  forgetSteps,
  groupHasPrimary,
  isSilent,
  isStopped,
  leavingGuards,
  leavingSteps,
  silence,
} from './leaving.ts';

/** A node that is lost for good has not reported for so long (R38). */
const lostSeconds = 60;

/**
 * Takes a node out of the cluster: `pg_autoctl drop node` on the monitor, and its container stays down (R15). The data stays where it
 * is. Without a word from its keeper the row stays too, marked as dropped; `--lost` deletes it (R38).
 */
export const drop: ActionKind = {
  id: 'drop',
  key: 'D',
  usage: 'drop NODE [--lost]',
  title: 'Drop',
  help: 'take the selected node out of the cluster; its data stays. --lost: it will never come back',
  tier: 'destructive',
  of: request => ({
    kind: drop,
    request,
    title: `Drop ${request.node ?? 'a node'}`,
    tier: 'destructive',
    available: situation =>
      allOf(mayChange(situation), monitorAnswers(situation), nodeIsKnown(situation, request.node)),
    preflight: situation =>
      withNode(situation, request.node, (reading, node) => guards(situation, reading, node, isLost(request))),
    plan: situation => plan(situation, request),
    verify: (before, now) => verify(before, now, request),
    identity: situation => nodeIdentity(situation, request.node),
    undo(situation) {
      const place = placeOf(situation, request.node);
      if (isLost(request) || place === undefined || !isReachable(place)) return undefined;
      return {kind: 'rejoin', request: {node: place.container}};
    },
  }),
};

function isLost({options = []}: Request): boolean {
  return options.includes('lost');
}

function guards(situation: Situation, reading: MonitorReading, node: MonitorNode, lost: boolean): readonly Check[] {
  const place = placeOf(situation, node.name);
  // R20: the row of a dropped node may go only when nobody needs it for an election.
  const leaves =
    node.assignedState === 'dropped'
      ? [{...groupHasPrimary(situation, node), absolute: true as const}]
      : leavingGuards(situation, reading, node);
  return [
    monitorIsFresh(situation),
    ...leaves,
    nothingUnderWay(reading, node),
    nobodyElseInMaintenance(reading, node),
    ...(lost ? lostForGood(situation, node, place) : staysDown(situation, node, place)),
  ];
}

/** R06: with one node fewer, one in maintenance is missed sooner. */
function nobodyElseInMaintenance(reading: MonitorReading, node: MonitorNode): Check {
  const passes = nobodyInMaintenance(reading, node);
  return passes.result === 'fail' ? {...passes, result: 'warn'} : passes;
}

/** R38: forgetting a node that is only away would let it come back as a stranger. */
function lostForGood(situation: Situation, node: MonitorNode, place: Place | undefined): readonly Check[] {
  const away = place === undefined || !isReachable(place) || isStopped(situation, place) || hasNoContainer(place);
  return [
    check(
      'silent',
      node.reportAgeSeconds + monitorAge(situation) > lostSeconds,
      `${node.name} has not reported for ${lostSeconds} s`,
      silence(situation, node),
    ),
    check(
      'lost',
      away || node.assignedState === 'dropped',
      `${node.name} was dropped before, or its machine or container is gone`,
      away
        ? (place?.host.name ?? 'no host of the configuration has it')
        : `${place.container} runs on ${place.host.name}: drop it without --lost, so that it takes note`,
    ),
  ];
}

/** Docker was asked, and has none: its disk was wiped, or another machine took the place of its own. */
function hasNoContainer({host, inspected}: Place): boolean {
  return inspected === undefined && current(host.containers) !== undefined;
}

/** R15: what comes back by itself has to be reachable to be kept from it. */
function staysDown(situation: Situation, node: MonitorNode, place: Place | undefined): readonly Check[] {
  const reachable = place !== undefined && isReachable(place) && place.inspected !== undefined;
  const where = place === undefined ? 'on its host' : `on ${place.host.name}`;
  const name = place?.container ?? 'its container';
  return [
    warning(
      'stays-down',
      reachable,
      `the container of ${node.name} can be kept down`,
      reachable
        ? `${name} ${where}`
        : `it can not be reached: run docker update --restart=no ${name} and docker stop ${name} ${where} before it comes back (R15)`,
    ),
    warning(
      'takes-note',
      !isSilent(situation, node),
      `${node.name} takes note of it`,
      isSilent(situation, node)
        ? `${silence(situation, node)}: its row stays, marked as dropped, until it does (R38)`
        : silence(situation, node),
    ),
  ];
}

function plan(situation: Situation, request: Request): Plan {
  const node = nodeNamed(situation, request.node);
  const standbys = monitorOf(situation)?.formation.numberSyncStandbys ?? 0;
  const steps =
    node === undefined
      ? []
      : [
          ...leavingSteps(situation, node, placeOf(situation, node.name)),
          ...(isLost(request) ? forgetSteps(situation, node) : []),
        ];
  return {
    meaning: [
      `the monitor counts on ${request.node} no more; its container stays down and its data where it is`,
      standbys > 0
        ? `number-sync-standbys, now ${standbys}, is lowered when too few standbys are left for it (R49)`
        : 'the primary lets go of the WAL that it keeps for it',
    ],
    steps,
    confirmation: request.node ?? '',
    usualSeconds: 5,
    budgetSeconds: 120,
  };
}

function verify(before: Situation, now: Situation, request: Request): Progress {
  const name = request.node ?? '';
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const row = nodeNamed(now, name);
  const lowered = loweredStandbys(before, now);
  if (row === undefined) {
    const left = unfinished(before, now, name);
    return left === undefined
      ? {state: 'done', message: `the monitor knows ${name} no more${lowered}`}
      : {state: 'pending', waitingFor: left};
  }
  if (row.assignedState !== 'dropped') {
    return row.reportedState === 'init' || row.assignedState === 'wait_standby'
      ? {state: 'unchanged', message: `${name} has come back: its container registered it again (R15)`}
      : {state: 'unchanged', message: `${name} is still ${row.assignedState}`};
  }
  if (!isLost(request) && isSilent(now, row)) {
    const later = `its row goes when it reports once more, or with :drop ${name} --lost (R38)`;
    return {state: 'done', message: `${name} is dropped${lowered}; ${later}`};
  }
  return {state: 'pending', waitingFor: `${name} to take note that it is dropped`};
}

/** What still goes on when the row is gone: the primary takes note of it, and the container ends. */
function unfinished(before: Situation, now: Situation, name: string): string | undefined {
  const node = nodeNamed(before, name);
  const place = placeOf(before, name);
  const moving = monitorOf(now)?.nodes.find(
    each => each.group === node?.group && (each.reportedState !== each.assignedState || isApplying(each)),
  );
  if (moving !== undefined) return `${moving.name}: ${moving.reportedState} -> ${moving.assignedState}`;
  const reachable = place !== undefined && isReachable(place) && containerAt(now, place) !== undefined;
  return reachable && !isStopped(now, place) ? `${place.container} to stop` : undefined;
}

function isApplying(node: MonitorNode): boolean {
  return node.assignedState === 'apply_settings';
}

/** R49: it does not rise again by itself before two standbys are there. */
function loweredStandbys(before: Situation, now: Situation): string {
  const was = monitorOf(before)?.formation.numberSyncStandbys;
  const is = monitorOf(now)?.formation.numberSyncStandbys;
  if (was === undefined || is === undefined || is >= was) return '';
  return `; number-sync-standbys was ${was} and is ${is} now${is === 0 ? ': a failover may lose the newest commits' : ''}`;
}
