import type {HostSnapshot} from '../cluster/snapshot.ts';
import type {Action, Check, Progress, Situation, Step} from './action.ts';
import {isReachable, monitorOf, type Place, placeOf, postgresOf} from './cluster-facts.ts';
import {check} from './guards.ts';

/**
 * An action as a part of a procedure: guarded as it is by itself, and over when it is done by itself. It is left out where what it comes to
 * holds already, so that a procedure that was interrupted can be started again.
 */
export function stepsOf(
  situation: Situation,
  action: Action,
  holds: (situation: Situation) => boolean,
  until: NonNullable<Step['until']> = (before, now) => action.verify(before, now, []),
): readonly Step[] {
  const {steps} = action.plan(situation);
  return steps.map((step, index) => ({
    ...step,
    title: step.title ?? action.title,
    holds,
    ...(index === 0 ? {preflight: now => action.preflight(now)} : {}),
    ...(index === steps.length - 1 ? {until} : {}),
  }));
}

/** Done when both are, with the words of the second. */
export function both(first: Progress, second: () => Progress): Progress {
  return first.state === 'done' ? second() : first;
}

/** The containers of the configuration's nodes. */
export function nodePlaces(situation: Situation): readonly Place[] {
  return placesOf(situation, host => host.node);
}

/** Those of its nodes and its monitor. */
export function allPlaces(situation: Situation): readonly Place[] {
  return [...placesOf(situation, host => host.monitor), ...nodePlaces(situation)];
}

/** Every machine that has a part in it can be told what to do. */
export function canReachAll(places: readonly Place[]): Check {
  const away = places.filter(place => !isReachable(place) || place.inspected === undefined);
  return check(
    'reachable',
    away.length === 0,
    'every container of the cluster can be reached',
    away.length === 0
      ? places.map(place => place.container).join(', ')
      : away
          .map(place =>
            isReachable(place)
              ? `docker on ${place.host.name} has no ${place.container}`
              : `${place.container}: ${place.host.name} is not reachable`,
          )
          .join(', '),
  );
}

/** Whether every node is where the monitor wants it; what is waited for otherwise. */
export function nothingMoves(situation: Situation): Progress {
  const reading = monitorOf(situation);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const moving = reading.nodes.find(
    node => node.reportedState !== node.assignedState || node.assignedState === 'apply_settings',
  );
  return moving === undefined
    ? {state: 'done', message: 'every node is where the monitor wants it'}
    : {state: 'pending', waitingFor: `${moving.name}: ${moving.reportedState} -> ${moving.assignedState}`};
}

function placesOf(situation: Situation, of: (host: HostSnapshot) => {container: string} | undefined): readonly Place[] {
  return situation.snapshot.hosts
    .map(host => placeOf(situation, of(host)?.container))
    .filter(place => place !== undefined);
}

/** Without the monitor: whether the Postgres in a container takes writes, as itself says. */
export function writesByItself(situation: Situation, place: Place): boolean {
  const postgres = postgresOf(situation, place.container);
  return postgres !== undefined && !postgres.inRecovery;
}
