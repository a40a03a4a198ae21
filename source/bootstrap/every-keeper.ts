import type {Action, ActionKind, Check, Plan, Progress, Situation} from '../actions/action.ts';
import {allOf, mayChange, monitorAnswers} from '../actions/availability.ts';
import {
  isHealthyStandby,
  isInMaintenance,
  monitorOf,
  type Place,
  primaryOf,
  reportsNow,
} from '../actions/cluster-facts.ts';
import {
  check,
  monitorIsFresh,
  nothingUnderWay,
  primaryIsStable,
  quorumReports,
  withMonitor,
} from '../actions/guards.ts';
import {formationIdentity} from '../actions/identity.ts';
import {allPlaces, both, canReachAll, nothingMoves} from '../actions/procedure.ts';
import type {MonitorReading} from '../cluster/snapshot.ts';
import {bootstrapAction} from './bootstrap-action.ts';
import type {DesiredCluster} from './desired-cluster.ts';

/** A change that concerns every keeper, while everything goes on; `done` says what is so at its end. `goesOn`: where one was left. */
export function keeperChange(
  what: Omit<ActionKind, 'of'>,
  cluster: DesiredCluster,
  plan: (situation: Situation) => Plan,
  done: (primary: string) => string,
  {goesOn = false, title}: {goesOn?: boolean; title?: string | undefined} = {},
): Action {
  return bootstrapAction(
    what,
    {
      available: situation => allOf(mayChange(situation), monitorAnswers(situation)),
      preflight: situation => keeperGuards(situation, cluster, goesOn),
      plan,
      verify: (_before, now, steps) =>
        steps.some(step => step.state === 'waiting' || step.state === 'running')
          ? {state: 'pending', waitingFor: 'its next step'}
          : atRest(now, done),
      identity: formationIdentity,
    },
    title,
  );
}

/**
 * What has to hold before a change that concerns every keeper, while everything goes on. Where one was left, keepers may have no way to report until
 * it goes on: their silence is no reason not to.
 */
function keeperGuards(situation: Situation, cluster: DesiredCluster, goesOn = false): readonly Check[] {
  return withMonitor(situation, reading => {
    const primary = primaryOf(reading);
    return [
      monitorIsFresh(situation),
      canReachAll(allPlaces(situation)),
      allRun(allPlaces(situation)),
      ...(goesOn
        ? []
        : [
            primaryIsStable(situation, primary),
            ...quorumReports(situation, reading, primary),
            nothingUnderWay(reading),
            everyKeeper(situation, cluster, reading),
          ]),
    ];
  });
}

/** In a container that is down nothing can be changed. */
function allRun(places: readonly Place[]): Check {
  const down = places.filter(({inspected}) => inspected !== undefined && inspected.state !== 'running');
  return check(
    'containers-run',
    down.length === 0,
    'every container runs',
    down.length === 0
      ? places.map(place => place.container).join(', ')
      : `${down.map(place => `${place.container} is ${place.inspected?.state}`).join(', ')}: start it first`,
  );
}

/** Who is left out, or does not report, cannot reach the monitor by what was before. */
function everyKeeper(situation: Situation, cluster: DesiredCluster, reading: MonitorReading): Check {
  const strange = reading.nodes.filter(
    node => !reportsNow(situation, node) || !cluster.nodes.some(each => each.container === node.name),
  );
  return check(
    'every-keeper',
    strange.length === 0,
    'every node that is registered is of the configuration and reports',
    strange.length === 0 ? `${reading.nodes.length} nodes` : strange.map(({name}) => name).join(', '),
  );
}

/** Every keeper has spoken to the monitor after that moment, on the monitor's own clock. */
export function allReported(before: Situation, now: Situation): Progress {
  const start = monitorOf(before)?.serverTime;
  const reading = monitorOf(now);
  if (start === undefined || reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const silent = reading.nodes.find(node => reading.serverTime - node.reportAgeSeconds * 1000 <= start);
  return silent === undefined
    ? {state: 'done', message: 'every keeper reports'}
    : {state: 'pending', waitingFor: `the keeper of ${silent.name} to report`};
}

/** Nothing moves, and every standby streams. */
export function atRest(now: Situation, message: (primary: string) => string): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const primary = primaryOf(reading);
  const missing = reading.nodes.find(
    node =>
      !reportsNow(now, node) || (node !== primary && !isInMaintenance(node) && !isHealthyStandby(now, primary, node)),
  );
  if (missing !== undefined) return {state: 'pending', waitingFor: `${missing.name} to report and to stream`};
  return both(nothingMoves(now), () => ({state: 'done', message: message(primary?.name ?? 'the primary')}));
}
