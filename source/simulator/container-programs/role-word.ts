import type {ContainerPlace} from '../program.ts';

/** What a container's PostgreSQL is, as the files of its PGDATA tell. */
export function roleWord({world, host, container}: ContainerPlace): string {
  const role = world.containers(host).find(each => each.name === container)?.role;
  if (role === 'monitor') return 'monitor';
  const postgres = world.postgres(host, container);
  if (!postgres.ok) return 'down';
  return postgres.value.inRecovery ? 'standby' : 'primary';
}
