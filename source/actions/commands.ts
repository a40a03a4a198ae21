import type {Situation, Step} from './action.ts';
import {monitorPlace, type Place} from './cluster-facts.ts';

/** `docker exec CONTAINER …` on the host of a place. `environment` goes in as `-e NAME=VALUE`. */
export function inContainer(
  situation: Situation,
  {host, container}: Place,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Step {
  const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return {host: host.name, argv: [...dockerOn(situation, host.name), 'exec', ...variables, container, ...argv]};
}

/** `docker …` on the host of a place. */
export function docker(situation: Situation, {host}: Place, argv: readonly string[]): Step {
  return {host: host.name, argv: [...dockerOn(situation, host.name), ...argv]};
}

/** pg_autoctl in the monitor's container; undefined when no host has a monitor. */
export function onMonitor(situation: Situation, argv: readonly string[]): Step | undefined {
  const place = monitorPlace(situation);
  return place === undefined ? undefined : inContainer(situation, place, ['pg_autoctl', ...argv]);
}

/**
 * A function of the monitor, called by psql in its container: for what pg_autoctl 2.0 to 2.2 cannot do, or cannot from where it is possible
 * (pgautofailover.sql). psql prints the server's notices on its standard error.
 */
export function monitorFunction(situation: Situation, call: string): Step | undefined {
  const place = monitorPlace(situation);
  if (place === undefined) return undefined;
  const psql = ['psql', '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', 'pg_auto_failover', '-p', String(place.port)];
  return inContainer(situation, place, [...psql, '-c', `SELECT pgautofailover.${call}`]);
}

/** A literal of SQL (PostgreSQL documentation, 4.1.2.1). */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

function dockerOn({docker: prefixes}: Situation, host: string): readonly string[] {
  return prefixes.get(host) ?? ['docker'];
}
