import type {ContainerState, Host, Simulation} from './simulation.ts';

/** `unreachable`: the machine is off, and its neighbours say so after 3 s; `lost`: packets vanish. */
export type Route = 'open' | 'unreachable' | 'lost';

/** An end of a connection: a machine, or what runs in a container on it. */
export type End = Host | {host: Host; container: ContainerState | undefined};

/** Whether packets get from one end to the other and back; undefined is the outside, where console and application are. */
export function routeBetween(simulation: Simulation, one: End | undefined, other: End | undefined): Route {
  const route = routeOfHosts(simulation, hostOf(one), hostOf(other));
  // What is frozen takes what comes, and says nothing.
  return route === 'open' && (isFrozen(one) || isFrozen(other)) ? 'lost' : route;
}

function hostOf(end: End | undefined): Host | undefined {
  return end !== undefined && 'host' in end ? end.host : end;
}

function isFrozen(end: End | undefined): boolean {
  return end !== undefined && 'container' in end && end.container?.state === 'paused';
}

function routeOfHosts(simulation: Simulation, from: Host | undefined, to: Host | undefined): Route {
  if (from === to) return from === undefined || from.powered ? 'open' : 'unreachable';
  if (from?.powered === false || to?.powered === false) return 'unreachable';
  const {partitions} = simulation;
  if (partitions.size === 0) return 'open';
  if (from !== undefined && partitions.has(from.name)) return 'lost';
  if (to !== undefined && partitions.has(to.name)) return 'lost';
  return from !== undefined && to !== undefined && partitions.has(pairOf(from.name, to.name)) ? 'lost' : 'open';
}

/** Milliseconds a round trip. */
export function roundTrip(from: Host | undefined, to: Host | undefined): number {
  if (from === to) return 0.05;
  return 0.4 + (from?.delay ?? 0) + (to?.delay ?? 0);
}

/** How a pair of hosts is written in the set of partitions. */
export function pairOf(one: string, other: string): string {
  return [one, other].sort((a, b) => a.localeCompare(b, 'en', {numeric: true})).join(' ');
}
