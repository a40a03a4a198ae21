import type {World} from './world.ts';

/** The clock of a host, milliseconds since 1970. */
export function hostTime(world: World, host: string): number {
  return world.now() + clockSkewOf(world, host);
}

/** How far a host's own clock is ahead, milliseconds. */
export function clockSkewOf(world: World, host: string): number {
  return world.host(host)?.clockSkew ?? 0;
}
