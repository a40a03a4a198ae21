import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {dockerExec} from './docker.ts';
import {dockerProblem} from './docker-problem.ts';

/** As whom pg_autoctl and psql are to run in a container. `user` is undefined when it is the container's own user anyway. */
export type ContainerOwner = {user: string | undefined; pgdata: string | undefined};

/**
 * PGDATA's owner is the one who runs PostgreSQL; root may not. A container whose process runs as root (`user: "0:0"` in a Compose file)
 * has it elsewhere than in the container's own user. Prints: uid of this process, uid of the owner, PGDATA.
 */
export const ownerScript = `
pgdata=\${PGDATA:-}
if [ -z "$pgdata" ]; then
  for candidate in /var/lib/postgres/pgaf /var/lib/postgresql/pgaf /var/lib/postgresql/data; do
    if [ -d "$candidate" ]; then pgdata=$candidate; break; fi
  done
fi
echo "$(id -u) $(stat -c %u "$pgdata" 2>/dev/null || echo -) $pgdata"`;

/** Asks the container itself whom PGDATA belongs to. */
export async function containerOwner(
  host: HostConnection,
  docker: readonly string[],
  container: string,
  deadlineMs = 5000,
): Promise<Outcome<ContainerOwner>> {
  const outcome = await host.run(dockerExec(docker, container, ['sh', '-c', ownerScript]), {deadlineMs});
  if (!outcome.ok) return outcome;
  const {exitCode, stdout, stderr} = outcome.value;
  if (exitCode !== 0)
    return {ok: false, problem: dockerProblem({exitCode, stderr, host: host.name, docker, container})};
  const match = /^(\d+) (\d+|-) (.*)$/m.exec(stdout);
  if (match === null)
    return bad('command-failed', `${container} on ${host.name} did not say who owns PGDATA`, {detail: stdout});
  const [, own = '', owner = '-', pgdata = ''] = match;
  return good({user: owner === '-' || owner === own ? undefined : owner, pgdata: pgdata === '' ? undefined : pgdata});
}
