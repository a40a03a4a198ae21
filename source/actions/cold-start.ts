import type {MonitorNode} from '../cluster/snapshot.ts';
import type {ActionKind, Availability, Check, Plan, Progress, Situation, Step} from './action.ts';
import {allOf, available, mayChange, unavailable} from './availability.ts';
import {
  isReachable,
  isSecondary,
  monitorOf,
  monitorPlace,
  type Place,
  postgresOf,
  primaryOf,
  reportsAnew,
  reportsNow,
} from './cluster-facts.ts';
import {docker} from './commands.ts';
import {check, warning, worstFirst} from './guards.ts';
import {containersIdentity} from './identity.ts';
import {nodeIn} from './joining.ts';
import {containerAt, isStopped, stopContainer} from './leaving.ts';
import {nodePlaces} from './procedure.ts';

/**
 * Starts a cluster that is down, without a failover: the monitor, then the node that was last the primary, and when that is the primary
 * again the others (R57). Started all together a standby may be promoted without an election. Who was the primary the monitor knows.
 */
export const coldStart: ActionKind = {
  id: 'cold-start',
  usage: 'cold start',
  title: 'Cold start',
  help: 'start a cluster that is down: the monitor, the last primary, the standbys',
  tier: 'service',
  of: request => ({
    kind: coldStart,
    request,
    title: coldStart.title,
    tier: 'service',
    available: situation => allOf(mayChange(situation), somethingIsDown(situation)),
    preflight: situation => worstFirst(guards(situation)),
    plan,
    verify: (_before, now) => verify(now),
    identity: containersIdentity,
  }),
};

function somethingIsDown(situation: Situation): Availability {
  if (monitorPlace(situation) === undefined) return unavailable('no host has a monitor in the configuration');
  const up = monitorOf(situation) !== undefined && nodePlaces(situation).every(place => serves(situation, place));
  return up ? unavailable('the monitor and every node are up') : available;
}

function guards(situation: Situation): readonly Check[] {
  const monitor = monitorPlace(situation);
  const away = nodePlaces(situation).filter(place => !isReachable(place));
  const reading = monitorOf(situation);
  const last = reading === undefined ? undefined : primaryOf(reading);
  const lastPlace = nodePlaces(situation).find(place => last !== undefined && nodeIn(situation, place) === last);
  return [
    {
      ...check(
        'monitor',
        reading !== undefined || (monitor !== undefined && isReachable(monitor) && monitor.inspected !== undefined),
        'the monitor is up, or can be started',
        reading !== undefined
          ? 'it answers'
          : `${monitor?.container ?? 'it'} on ${monitor?.host.name ?? 'no host'}: no node comes up without it (R59)`,
      ),
      absolute: true,
    },
    ...(lastPlace === undefined || serves(situation, lastPlace)
      ? []
      : [
          check(
            'primary',
            isReachable(lastPlace),
            `${lastPlace.container} was the last primary, and can be started`,
            isReachable(lastPlace)
              ? `on ${lastPlace.host.name}`
              : `${lastPlace.host.name} is not reachable; without it the others elect, and what only it had is lost (R57)`,
          ),
        ]),
    warning(
      'reachable',
      away.length === 0,
      'every node can be started',
      away.length === 0
        ? nodePlaces(situation)
            .map(place => place.container)
            .join(', ')
        : `${away.map(place => `${place.container}: ${place.host.name} is not reachable`).join(', ')}; they join when their machines are back`,
    ),
  ];
}

function plan(situation: Situation): Plan {
  const nodes = nodePlaces(situation).filter(isReachable);
  return {
    meaning: [
      'the monitor starts, then the node that it remembers as the primary, then the standbys, which catch up',
      'a node that serves is left alone; one that only waits for the monitor is stopped first, so that the order holds',
    ],
    steps: [
      ...nodes.map(place => stopWaiting(situation, place)),
      ...startMonitor(situation),
      ...nodes.map(place => startPrimary(situation, place)),
      ...nodes.map(place => startStandby(situation, place)),
    ],
    confirmation: situation.snapshot.cluster.name,
    usualSeconds: 30,
    budgetSeconds: 600,
  };
}

/** R59: without a monitor they end and are started again by docker, all at the same moment when it is back. */
function stopWaiting(situation: Situation, place: Place): Step {
  return {
    ...stopContainer(situation, place),
    title: 'it only waits for the monitor',
    holds: now =>
      monitorOf(now) !== undefined || isStopped(now, place) || postgresOf(now, place.container) !== undefined,
  };
}

function startMonitor(situation: Situation): readonly Step[] {
  const place = monitorPlace(situation);
  if (place === undefined) return [];
  return [
    {
      ...docker(situation, place, ['start', place.container]),
      holds: now => monitorOf(now) !== undefined,
      until: (_before, now) =>
        monitorOf(now) === undefined
          ? {state: 'pending', waitingFor: 'the monitor to answer'}
          : {state: 'done', message: 'the monitor answers'},
    },
  ];
}

function startPrimary(situation: Situation, place: Place): Step {
  return {
    ...docker(situation, place, ['start', place.container]),
    title: 'if the monitor remembers it as the primary',
    holds: now => lastPrimary(now, place) === undefined || serves(now, place),
    until: (before, now) =>
      isPrimaryAgain(now, place) && hasReported(before, now, place)
        ? {state: 'done', message: `${place.container} is the primary again`}
        : {state: 'pending', waitingFor: `${place.container} to be the primary: ${statesOf(nodeIn(now, place))}`},
  };
}

function startStandby(situation: Situation, place: Place): Step {
  return {
    ...docker(situation, place, ['start', place.container]),
    // A dropped node is not to come back (R15).
    holds: now => isNoMember(now, place) || serves(now, place),
    preflight: now => [primaryIsUp(now, place)],
    until: (before, now) =>
      serves(now, place) && hasReported(before, now, place)
        ? {state: 'done', message: `the keeper of ${place.container} reports`}
        : {state: 'pending', waitingFor: `the keeper of ${place.container} to report`},
  };
}

/** When nobody was the primary, an election was under way: it goes on when they are all up. */
function primaryIsUp(now: Situation, place: Place): Check {
  const reading = monitorOf(now);
  const primary = reading === undefined ? undefined : primaryOf(reading, nodeIn(now, place)?.group);
  const up = primary === undefined || (primary.reportedState === primary.assignedState && reportsNow(now, primary));
  return check(
    'primary-first',
    up,
    'the last primary is up',
    primary === undefined
      ? 'the monitor remembers none: they elect one'
      : `${primary.name}: ${statesOf(primary)}; a standby that starts before it may be promoted without an election (R57)`,
  );
}

function lastPrimary(situation: Situation, place: Place): MonitorNode | undefined {
  const reading = monitorOf(situation);
  const node = nodeIn(situation, place);
  return reading !== undefined && node !== undefined && primaryOf(reading, node.group) === node ? node : undefined;
}

function isPrimaryAgain(now: Situation, place: Place): boolean {
  const node = nodeIn(now, place);
  return (
    node !== undefined &&
    ['primary', 'wait_primary', 'single'].includes(node.reportedState) &&
    node.reportedState === node.assignedState &&
    node.postgresRunning &&
    node.health === 'good' &&
    reportsNow(now, node)
  );
}

function hasReported(before: Situation, now: Situation, place: Place): boolean {
  const node = nodeIn(now, place);
  return node !== undefined && reportsAnew(before, now, node);
}

/** Its container runs and its keeper reports. */
function serves(situation: Situation, place: Place): boolean {
  const node = nodeIn(situation, place);
  return node !== undefined && reportsNow(situation, node) && containerAt(situation, place)?.state === 'running';
}

function isNoMember(situation: Situation, place: Place): boolean {
  const node = nodeIn(situation, place);
  return monitorOf(situation) !== undefined && (node === undefined || node.assignedState === 'dropped');
}

function verify(now: Situation): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const places = nodePlaces(now).filter(place => isReachable(place) && !isNoMember(now, place));
  const behind = places.find(place => {
    const node = nodeIn(now, place);
    return node === undefined || !(isPrimaryAgain(now, place) || (isSecondary(node) && reportsNow(now, node)));
  });
  if (behind !== undefined)
    return {state: 'pending', waitingFor: `${behind.container}: ${statesOf(nodeIn(now, behind))}`};
  const primary = primaryOf(reading);
  if (primary?.reportedState === 'wait_primary' && reading.nodes.some(node => countsFor(now, node, primary)))
    return {state: 'pending', waitingFor: `${primary.name} to wait for its standby again: ${statesOf(primary)}`};
  const away = nodePlaces(now).filter(place => !isReachable(place));
  return {
    state: 'done',
    message: `${primary?.name ?? 'no node'} is the primary, timeline ${primary?.timeline}; ${places.length} nodes are up${
      away.length === 0 ? '' : `, not reachable: ${away.map(place => place.container).join(', ')}`
    }`,
  };
}

/** A standby that the primary goes on to write to synchronously, as soon as the monitor has noticed it. */
function countsFor(now: Situation, node: MonitorNode, primary: MonitorNode): boolean {
  return node.group === primary.group && node.replicationQuorum && isSecondary(node) && reportsNow(now, node);
}

function statesOf(node: MonitorNode | undefined): string {
  return node === undefined ? 'not known to the monitor' : `${node.reportedState} -> ${node.assignedState}`;
}
