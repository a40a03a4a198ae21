import type {Container} from '../cluster/snapshot.ts';
import type {ActionKind, Availability, Check, Plan, Progress, Situation, Step} from './action.ts';
import {allOf, available, mayChange, unavailable} from './availability.ts';
import {isMonitor, isReachable, monitorOf, monitorPlace, type Place, primaryOf, standbysOf} from './cluster-facts.ts';
import {
  check,
  clientsOfPrimary,
  monitorIsFresh,
  nobodyInMaintenance,
  nothingUnderWay,
  primaryIsStable,
  quorumReports,
  warning,
  worstFirst,
} from './guards.ts';
import {containersIdentity} from './identity.ts';
import {nodeIn} from './joining.ts';
import {containerAt, isStopped, stopContainer} from './leaving.ts';
import {allPlaces, canReachAll, nodePlaces, writesByItself} from './procedure.ts';

/**
 * Stops the whole cluster so that it comes up again without a failover: the monitor first, so that nothing is decided any more; then the
 * primary, whose last WAL still reaches the standbys; then these (R57).
 */
export const coldStop: ActionKind = {
  id: 'cold-stop',
  usage: 'cold stop',
  title: 'Cold stop',
  help: 'stop the whole cluster in the order in which it starts again without a failover',
  tier: 'service',
  of: request => ({
    kind: coldStop,
    request,
    title: coldStop.title,
    tier: 'service',
    available: situation => allOf(mayChange(situation), somethingRuns(situation)),
    preflight: situation => worstFirst(guards(situation)),
    plan,
    verify,
    identity: containersIdentity,
    undo: () => ({kind: 'cold-start', request: {}}),
  }),
};

function somethingRuns(situation: Situation): Availability {
  return allPlaces(situation).every(place => isStopped(situation, place))
    ? unavailable('no container of the cluster runs')
    : available;
}

function guards(situation: Situation): readonly Check[] {
  const reading = monitorOf(situation);
  const all = allPlaces(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading);
  return [
    canReachAll(all),
    ...(reading === undefined
      ? [monitorWasStopped(situation)]
      : [
          monitorIsFresh(situation),
          primaryIsStable(situation, primary),
          ...quorumReports(situation, reading, primary),
          nothingUnderWay(reading),
          nobodyInMaintenance(reading),
          ...clientsOfPrimary(situation, primary),
        ]),
    ...comesBackByItself(all),
  ];
}

/** A stop that was interrupted goes on; a monitor that fell silent by itself is another matter. */
function monitorWasStopped(situation: Situation): Check {
  const place = monitorPlace(situation);
  const stopped = place !== undefined && isStopped(situation, place);
  return check(
    'monitor',
    stopped,
    'the monitor answers, or was stopped',
    stopped
      ? 'it was stopped: which node is the primary is seen on the nodes themselves'
      : 'it does not answer, and its container runs: what state the nodes are in is not known',
  );
}

/** R57: `unless-stopped` stays stopped; `always` starts them all at once when their machines boot. */
function comesBackByItself(places: readonly Place[]): readonly Check[] {
  const always = places.filter(({inspected}) => restartsAlways(inspected)).map(place => place.container);
  return always.length === 0
    ? []
    : [
        warning(
          'restart-policy',
          false,
          'no container starts by itself when its machine does',
          `${always.join(', ')}: docker update --restart=unless-stopped, or all start together after a reboot, and a standby may be promoted (R57)`,
        ),
      ];
}

function restartsAlways(container: Container | undefined): boolean {
  return container?.restartPolicy === 'always';
}

function plan(situation: Situation): Plan {
  const reading = monitorOf(situation);
  const standbys = reading === undefined ? [] : standbysOf(reading, primaryOf(reading)).length;
  return {
    meaning: [
      'there is no database until :cold start; every client is cut off',
      `the monitor stops first, then the primary, then ${standbys === 1 ? 'its standby' : 'its standbys'}`,
    ],
    steps: inOrder(situation).map(place => stopStep(situation, place)),
    confirmation: situation.snapshot.cluster.name,
    usualSeconds: 15,
    budgetSeconds: 300,
  };
}

function inOrder(situation: Situation): readonly Place[] {
  const nodes = nodePlaces(situation).toSorted(
    (a, b) => Number(isPrimary(situation, b)) - Number(isPrimary(situation, a)),
  );
  const monitor = monitorPlace(situation);
  return (monitor === undefined ? nodes : [monitor, ...nodes]).filter(isReachable);
}

function isPrimary(situation: Situation, place: Place): boolean {
  const reading = monitorOf(situation);
  const node = nodeIn(situation, place);
  if (reading === undefined || node === undefined) return writesByItself(situation, place);
  return primaryOf(reading, node.group) === node;
}

function stopStep(situation: Situation, place: Place): Step {
  const what = isMonitor(situation, place.container)
    ? 'the monitor: nothing is decided any more'
    : isPrimary(situation, place)
      ? 'the primary: the standbys get its last WAL'
      : 'a standby';
  return {...stopContainer(situation, place), title: what};
}

function verify(_before: Situation, now: Situation): Progress {
  const running = allPlaces(now).filter(place => !isStopped(now, place));
  const [first] = running;
  if (first === undefined)
    return {
      state: 'done',
      message: `all ${allPlaces(now).length} containers are stopped; they start with :cold start`,
      endsWrites: true,
    };
  return isReachable(first)
    ? {state: 'unchanged', message: `${first.container} is ${containerAt(now, first)?.state ?? 'not known to docker'}`}
    : {state: 'unchanged', message: `${first.container} cannot be reached: ${first.host.name} does not answer`};
}
