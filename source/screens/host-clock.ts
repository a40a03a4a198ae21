import {latest} from '../cluster/sample.ts';
import type {HostSnapshot} from '../cluster/snapshot.ts';

/**
 * What a host's own clock says now, in milliseconds since 1970: read from the PostgreSQL that runs there, and carried forward by this
 * machine's clock. undefined when no clock of that host has been read; ages are never taken across two clocks.
 */
export function hostClock(host: HostSnapshot | undefined, now: number): number | undefined {
  const reading = latest(host?.postgres);
  return reading === undefined ? undefined : reading.value.serverTime + (now - reading.at);
}
