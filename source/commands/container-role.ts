import {containerOwner} from '../docker/container-owner.ts';
import {dockerExec} from '../docker/docker.ts';
import type {HostConnection} from '../ssh/host-connection.ts';

/** What a container of pg_auto_failover is for, and the port of the PostgreSQL in it. */
export type ContainerRole = {role: 'node' | 'monitor'; port: number};

const deadlineMs = 8000;

/** Asks pg_autoctl's own configuration in a container; undefined when it has none or does not answer. */
export async function containerRole(
  host: HostConnection,
  docker: readonly string[],
  container: string,
): Promise<ContainerRole | undefined> {
  const owner = await containerOwner(host, docker, container);
  if (!owner.ok) return undefined;
  const {user, pgdata} = owner.value;
  const get = async (setting: string) => {
    const argv = dockerExec(docker, container, ['pg_autoctl', 'config', 'get', setting], {
      ...(user === undefined ? {} : {user}),
      ...(pgdata === undefined ? {} : {environment: {PGDATA: pgdata}}),
    });
    const outcome = await host.run(argv, {deadlineMs});
    return outcome.ok && outcome.value.exitCode === 0 ? outcome.value.stdout.trim() : undefined;
  };
  const role = await get('pg_autoctl.role');
  const port = Number(await get('postgresql.port'));
  if (role === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return {role: role === 'monitor' ? 'monitor' : 'node', port};
}
