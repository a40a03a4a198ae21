import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Check, Plan, Progress, Request, Situation, Step} from './action.ts';
import {allOf, mayChange, monitorAnswers, nodeIsKnown} from './availability.ts';
import {
  isHealthyStandby,
  isInMaintenance,
  isReachable,
  isSecondary,
  monitorHost,
  monitorOf,
  nodeNamed,
  placeOf,
  primaryOf,
  standbysOf,
} from './cluster-facts.ts';
import {docker} from './commands.ts';
import {
  check,
  monitorIsFresh,
  nobodyInMaintenance,
  nothingUnderWay,
  primaryIsStable,
  warning,
  withNode,
} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {hasPrimaryToFollow} from './joining.ts';
import {maintenanceOff} from './maintenance.ts';
import {both, nothingMoves, stepsOf} from './procedure.ts';
import {setQuorum} from './set-quorum.ts';
import {setSyncStandbys} from './set-sync-standbys.ts';
import {isRegistered} from './stopping-guards.ts';

/**
 * Prepares a long absence of a standby, so that the others can still fail over meanwhile: number-sync-standbys 0, the node out of the
 * quorum, then it may be stopped (R54). Maintenance alone does not give this (R06, R07).
 */
export const outageBegin: ActionKind = {
  id: 'outage-begin',
  usage: 'outage begin NODE',
  title: 'Begin outage',
  help: 'let a standby be away for long, while the others can still fail over',
  tier: 'service',
  of: request => ({
    kind: outageBegin,
    request,
    title: `Planned outage of ${request.node ?? 'a node'}`,
    tier: 'service',
    available: situation => known(situation, request),
    preflight: situation => withNode(situation, request.node, (reading, node) => beginGuards(situation, reading, node)),
    plan: situation => beginPlan(situation, request.node),
    verify: (_before, now) => isBegun(now, request.node),
    identity: situation => nodeIdentity(situation, request.node),
    undo: () => ({kind: 'outage-end', request}),
  }),
};

/** Takes the node back: started, secondary, in the quorum, and number-sync-standbys as it was before. */
export const outageEnd: ActionKind = {
  id: 'outage-end',
  usage: 'outage end NODE',
  title: 'End outage',
  help: 'take a standby back after a planned outage',
  tier: 'reversible',
  of: request => ({
    kind: outageEnd,
    request,
    title: `End of the outage of ${request.node ?? 'a node'}`,
    tier: 'reversible',
    available: situation => known(situation, request),
    preflight: situation => withNode(situation, request.node, (reading, node) => endGuards(situation, reading, node)),
    plan: situation => endPlan(situation, request.node),
    verify: (_before, now) => isEnded(now, request.node),
    identity: situation => nodeIdentity(situation, request.node),
  }),
};

/** What pg_auto_failover itself sets when a second standby joins. */
const usualSyncStandbys = 1;

function known(situation: Situation, {node}: Request) {
  return allOf(mayChange(situation), monitorAnswers(situation), nodeIsKnown(situation, node));
}

function beginGuards(situation: Situation, reading: MonitorReading, node: MonitorNode): readonly Check[] {
  const primary = primaryOf(reading, node.group);
  const others = standbysOf(reading, primary).filter(each => each !== node && each.group === node.group);
  const successors = others.filter(
    each => each.replicationQuorum && each.candidatePriority > 0 && isHealthyStandby(situation, primary, each),
  );
  const withMonitor = placeOf(situation, node.name)?.host === monitorHost(situation);
  return [
    monitorIsFresh(situation),
    primaryIsStable(situation, primary),
    check(
      'standby',
      node !== primary,
      `${node.name} is a standby`,
      node === primary ? 'it is the primary: make another one first (:switchover)' : node.reportedState,
    ),
    check(
      'successor',
      successors.length > 0,
      'another standby of the quorum could take over meanwhile',
      successors.length > 0
        ? successors.map(each => each.name).join(', ')
        : `no other is healthy and may be promoted: without ${node.name} there would be no failover`,
    ),
    nothingUnderWay(reading, node),
    nobodyInMaintenance(reading, node),
    ...(withMonitor
      ? [
          warning(
            'machine',
            false,
            `the monitor runs on another machine than ${node.name}`,
            'R19: when its whole machine is stopped there is no failover, and a primary that loses its last standby stops itself',
          ),
        ]
      : []),
    warning(
      'asynchronous',
      false,
      'every commit is acknowledged by a standby',
      'while the outage lasts commits may not be, and a failover can lose the newest (number-sync-standbys 0)',
    ),
  ];
}

function beginPlan(situation: Situation, name = ''): Plan {
  const zero = setSyncStandbys.of({value: '0'});
  const off = setQuorum.of({node: name, value: 'off'});
  return {
    meaning: [
      `commits and elections do not wait for ${name} any more; the others can still fail over`,
      `then its container or machine may be stopped, for as long as you like; :outage end ${name} takes it back`,
    ],
    steps: [
      ...stepsOf(situation, zero, now => monitorOf(now)?.formation.numberSyncStandbys === 0 && settled(now)),
      ...stepsOf(situation, off, now => nodeNamed(now, name)?.replicationQuorum === false && settled(now)),
    ],
    confirmation: name,
    usualSeconds: 5,
    budgetSeconds: 90,
  };
}

function isBegun(now: Situation, name = ''): Progress {
  const node = nodeNamed(now, name);
  if (node === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  if (node.replicationQuorum) return {state: 'unchanged', message: `${name} is still in the quorum`};
  return both(nothingMoves(now), () => ({
    state: 'done',
    message: `${name} may be stopped now: :container stop ${name}; take it back with :outage end ${name}`,
  }));
}

function endGuards(situation: Situation, reading: MonitorReading, node: MonitorNode): readonly Check[] {
  const place = placeOf(situation, node.name);
  const reachable = place !== undefined && isReachable(place);
  return [
    monitorIsFresh(situation),
    isRegistered(node, node.name),
    hasPrimaryToFollow(situation, node.group),
    nothingUnderWay(reading, node),
    check(
      'reachable',
      reachable || isSecondary(node),
      `${node.name} runs, or can be started`,
      reachable
        ? `${place.container} on ${place.host.name}`
        : isSecondary(node)
          ? 'it is secondary'
          : `${place?.host.name ?? 'its host'} is not reachable: start it there first`,
    ),
  ];
}

function endPlan(situation: Situation, name = ''): Plan {
  const on = setQuorum.of({node: name, value: 'on'});
  const reading = monitorOf(situation);
  const node = nodeNamed(situation, name);
  const standbys =
    reading === undefined || node === undefined
      ? []
      : standbysOf(reading, primaryOf(reading, node.group)).filter(each => each === node || each.replicationQuorum);
  const one = setSyncStandbys.of({value: String(usualSyncStandbys)});
  return {
    meaning: [
      `${name} starts, catches up with the primary, and commits and elections count on it again`,
      standbys.length > 1
        ? `number-sync-standbys is ${usualSyncStandbys} again; for more: :set sync-standbys N`
        : 'number-sync-standbys stays as it is: there is no other standby in the quorum',
    ],
    steps: [
      ...start(situation, name),
      ...leaveMaintenance(situation, name),
      ...stepsOf(situation, on, now => nodeNamed(now, name)?.replicationQuorum === true && settled(now)),
      ...(standbys.length > 1
        ? stepsOf(
            situation,
            one,
            now => (monitorOf(now)?.formation.numberSyncStandbys ?? 0) >= usualSyncStandbys && settled(now),
          )
        : []),
    ],
    confirmation: name,
    usualSeconds: 15,
    budgetSeconds: 300,
  };
}

/** docker takes it well when it runs already; then only the wait for it is needed. */
function start(situation: Situation, name: string): readonly Step[] {
  const place = placeOf(situation, name);
  if (place === undefined || !isReachable(place)) return [];
  return [
    {
      ...docker(situation, place, ['start', place.container]),
      holds: now => serves(now, name),
      until: (_before, now) =>
        serves(now, name)
          ? {state: 'done', message: `${name} is back`}
          : {state: 'pending', waitingFor: `${name} to catch up: ${statesOf(nodeNamed(now, name))}`},
    },
  ];
}

function leaveMaintenance(situation: Situation, name: string): readonly Step[] {
  const node = nodeNamed(situation, name);
  if (node === undefined || !isInMaintenance(node)) return [];
  return stepsOf(situation, maintenanceOff.of({node: name}), now => {
    const seen = nodeNamed(now, name);
    return seen !== undefined && isSecondary(seen);
  });
}

/** Secondary, or in maintenance with a keeper that reports: what is left can be said to it. */
function serves(situation: Situation, name: string): boolean {
  const node = nodeNamed(situation, name);
  const reading = monitorOf(situation);
  if (node === undefined || reading === undefined) return false;
  const reports = node.reportAgeSeconds <= 5;
  return reports && (isInMaintenance(node) || isHealthyStandby(situation, primaryOf(reading, node.group), node));
}

function isEnded(now: Situation, name = ''): Progress {
  const reading = monitorOf(now);
  const node = nodeNamed(now, name);
  if (reading === undefined || node === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  if (!isSecondary(node)) return {state: 'pending', waitingFor: `${name}: ${statesOf(node)}`};
  if (!node.replicationQuorum) return {state: 'unchanged', message: `${name} is secondary, but not in the quorum yet`};
  const quorum = standbysOf(reading, primaryOf(reading, node.group)).filter(each => each.replicationQuorum);
  if (quorum.length > 1 && reading.formation.numberSyncStandbys < usualSyncStandbys)
    return {state: 'pending', waitingFor: `number-sync-standbys ${usualSyncStandbys}`};
  return both(nothingMoves(now), () => ({
    state: 'done',
    message: `${name} is secondary and in the quorum, number-sync-standbys is ${reading.formation.numberSyncStandbys}`,
  }));
}

function statesOf(node: MonitorNode | undefined): string {
  return node === undefined ? 'not registered' : `${node.reportedState} -> ${node.assignedState}`;
}

function settled(situation: Situation): boolean {
  return nothingMoves(situation).state === 'done';
}
