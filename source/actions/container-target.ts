import type {Container} from '../cluster/snapshot.ts';
import type {Action, ActionKind, Availability, Check, Plan, Progress, Request, Situation, Step} from './action.ts';
import {allOf, available, containerIsReachable, mayChange, unavailable} from './availability.ts';
import {monitorOf, type Place, placeOf, postgresOf, reportsNow} from './cluster-facts.ts';
import {docker} from './commands.ts';
import {check, worstFirst} from './guards.ts';
import {nodeIdentity} from './identity.ts';

/** pg_autoctl and Postgres get this long to end in good order before they are killed (docker's own 10 s can be too short). */
const graceSeconds = 60;

/** What one command of docker on a container is beside what all of them are. */
export type ContainerCommand = {
  /** `Restart`: what it is called together with its target. */
  noun: string;
  /** In these states it can be told to. */
  from: readonly Container['state'][];
  guards(situation: Situation, request: Request): readonly Check[];
  plan(situation: Situation, request: Request): Plan;
  verify(before: Situation, now: Situation, request: Request): Progress;
  /** The kind that takes it back. */
  undo?: string;
};

/** An action that is one command of docker on the container of a node or of the monitor. */
export function containerAction(kind: ActionKind, request: Request, command: ContainerCommand): Action {
  const {undo} = command;
  return {
    kind,
    request,
    title: `${command.noun} of the container of ${request.node ?? 'a node'}`,
    tier: kind.tier,
    available: situation => containerIs(situation, request.node, command.from),
    preflight: situation =>
      worstFirst([containerExists(situation, request.node), ...command.guards(situation, request)]),
    plan: situation => command.plan(situation, request),
    verify: (before, now) => command.verify(before, now, request),
    identity: situation => nodeIdentity(situation, request.node),
    ...(undo === undefined ? {} : {undo: () => ({kind: undo, request})}),
  };
}

/** Whether docker can be told to do something with the container of a node or the monitor, by the state that it is in. */
function containerIs(
  situation: Situation,
  name: string | undefined,
  states: readonly Container['state'][],
): Availability {
  const reachable = allOf(mayChange(situation), containerIsReachable(situation, name));
  const place = placeOf(situation, name);
  if (!reachable.available || place === undefined) return reachable;
  const {inspected, container, host} = place;
  if (inspected === undefined) return unavailable(`docker on ${host.name} shows no container ${container}`);
  return states.includes(inspected.state) ? available : unavailable(`${container} is ${inspected.state}`);
}

export function containerStep(
  situation: Situation,
  name: string | undefined,
  command: 'start' | 'stop' | 'restart',
): readonly Step[] {
  const place = placeOf(situation, name);
  if (place === undefined) return [];
  const grace = command === 'start' ? [] : ['-t', String(graceSeconds)];
  return [docker(situation, place, [command, ...grace, place.container])];
}

/** Docker still has the container that was looked at. */
function containerExists(situation: Situation, name: string | undefined): Check {
  const inspected = placeOf(situation, name)?.inspected;
  return check('container', inspected !== undefined, 'docker shows its container', stateOf(inspected));
}

function stateOf(inspected: Container | undefined): string {
  return inspected === undefined ? 'it does not' : `${inspected.state}, ${inspected.id.slice(0, 12)}`;
}

/** Done when the same container has another start behind it, and runs. */
export function containerStarted(before: Situation, now: Situation, name: string | undefined): Progress {
  const was = placeOf(before, name)?.inspected;
  const is = placeOf(now, name)?.inspected;
  if (is === undefined) return {state: 'pending', waitingFor: `docker to show ${name}`};
  if (is.id !== was?.id)
    return {state: 'unchanged', message: `${name} has another container now: ${is.id.slice(0, 12)}`};
  if (is.startedAt === was.startedAt) return {state: 'unchanged', message: `the container of ${name} was not started`};
  return is.state === 'running'
    ? {state: 'done', message: `the container of ${name} runs`}
    : {state: 'pending', waitingFor: `the container of ${name}, which is ${is.state}`};
}

/** Done when the monitor answers, by another Postgres than before, and has heard the nodes that run: before that it replaces nobody. */
export function monitorIsBack(before: Situation, now: Situation): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const old = monitorOf(before);
  const startOf = ({serverTime, uptimeSeconds}: {serverTime: number; uptimeSeconds: number}) =>
    serverTime - uptimeSeconds * 1000;
  // The two numbers are rounded each by itself.
  const restarted = old === undefined || startOf(reading) - startOf(old) > 500;
  if (!restarted) return {state: 'pending', waitingFor: 'the monitor to be read again'};
  const unheard = reading.nodes.filter(
    node => postgresOf(now, node.name) !== undefined && (!reportsNow(now, node) || node.health === 'unknown'),
  );
  return unheard.length === 0
    ? {state: 'done', message: `the monitor answers, and the nodes that run have reported`}
    : {state: 'pending', waitingFor: `${unheard.map(node => node.name).join(', ')} to report to the monitor`};
}

/** What it is about, for a sentence. */
export function placeWords(place: Place | undefined, name: string | undefined): string {
  return place === undefined ? (name ?? 'it') : `${place.container} on ${place.host.name}`;
}
