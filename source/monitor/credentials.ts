import {bad, type Outcome} from '../cluster/problem.ts';
import {containerOwner} from '../docker/container-owner.ts';
import {dockerExec} from '../docker/docker.ts';
import {dockerProblem} from '../docker/docker-problem.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {type ConnectionTarget, parseConnectionString} from './connection-string.ts';

const deadlineMs = 8000;

/** Asks pg_autoctl in the monitor's container for the monitor's own connection string. The answer may hold a password. */
export async function credentialsOfContainer(
  host: HostConnection,
  docker: readonly string[],
  container: string,
): Promise<Outcome<ConnectionTarget>> {
  const owner = await containerOwner(host, docker, container);
  if (!owner.ok) return owner;
  const {user, pgdata} = owner.value;
  const argv = dockerExec(docker, container, ['pg_autoctl', 'show', 'uri', '--json'], {
    ...(user === undefined ? {} : {user}),
    ...(pgdata === undefined ? {} : {environment: {PGDATA: pgdata}}),
  });
  const outcome = await host.run(argv, {deadlineMs});
  if (!outcome.ok) return outcome;
  const {exitCode, stdout, stderr} = outcome.value;
  if (exitCode !== 0)
    return {ok: false, problem: dockerProblem({exitCode, stderr, host: host.name, docker, container})};
  const uri = monitorUri(stdout);
  if (uri === undefined) {
    return bad(
      'monitor-unknown',
      `pg_autoctl in ${container} on ${host.name} did not print the monitor's connection string`,
      {
        remedy: 'is this the container of the monitor?',
      },
    );
  }
  return parseConnectionString(uri);
}

/** The password of autoctl_node where `pgaf bootstrap` made the container: it is in its ~/.pgpass. */
export async function passwordInContainer(
  host: HostConnection,
  docker: readonly string[],
  container: string,
): Promise<string | undefined> {
  const words = ['sed', '-n', 's/^[^#]*:autoctl_node://p;T;q', '/var/lib/postgres/.pgpass'];
  const outcome = await host.run(dockerExec(docker, container, words), {deadlineMs});
  if (!outcome.ok || outcome.value.exitCode !== 0) return undefined;
  const password = outcome.value.stdout.trim();
  return password === '' ? undefined : password;
}

/** The monitor's URI in what `pg_autoctl show uri --json` prints: a list of {type, name, uri}, an object {monitor: uri}, or the bare text. */
export function monitorUri(output: string): string | undefined {
  const text = output.trim();
  if (/^postgres(ql)?:\/\/\S+$/.test(text)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  for (const entry of entries) {
    if (typeof entry === 'string') return entry;
    if (typeof entry !== 'object' || entry === null) continue;
    if ('type' in entry && entry.type === 'monitor' && 'uri' in entry && typeof entry.uri === 'string')
      return entry.uri;
    if ('monitor' in entry && typeof entry.monitor === 'string') return entry.monitor;
  }
  return undefined;
}
