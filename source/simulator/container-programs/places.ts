import type {World} from '../world.ts';

/** PGDATA in the containers of the simulated image. */
export const dataDirectory = '/var/lib/postgres/pgaf';

/** The user `postgres` of the image, who owns PGDATA. */
export const userId = 999;

/** The address at which the monitor is registered with its nodes. */
export function monitorUri(world: World): string {
  const address = world.host(world.monitor.host)?.address ?? world.monitor.host;
  return `postgres://autoctl_node@${address}:${world.monitor.port}/pg_auto_failover?sslmode=prefer`;
}
