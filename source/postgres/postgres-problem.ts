import type {Problem} from '../cluster/problem.ts';
import {dockerProblem} from '../docker/docker-problem.ts';

/** Why psql in a container ended. `stderr` holds docker's words, or psql's. */
export type PsqlEnd = {
  exitCode: number | null;
  stderr: string;
  host: string;
  docker: readonly string[];
  container: string;
  port: number;
};

/** Turns the end of psql into the person's words: PostgreSQL down, starting, the role missing, or docker's own problem. */
export function postgresProblem(end: PsqlEnd): Problem {
  const {stderr, container, host, port} = end;
  const detail = stderr.trim();
  const place = `PostgreSQL in ${container} on ${host}`;
  const problem = (kind: Problem['kind'], message: string, remedy: string): Problem => ({
    kind,
    message,
    remedy,
    ...(detail === '' ? {} : {detail}),
  });

  const phase =
    /the database system is (starting up|shutting down|in recovery mode|not yet accepting connections|not accepting connections)/.exec(
      stderr,
    );
  if (phase !== null)
    return problem(
      'postgres-down',
      `${place} is ${phase[1] === 'in recovery mode' ? 'recovering from a crash' : phase[1]}`,
      'wait; then look at the log of its container',
    );
  if (
    /No such file or directory|Connection refused/i.test(stderr) &&
    /psql: error|connection to server|\.s\.PGSQL/.test(stderr)
  ) {
    return problem(
      'postgres-down',
      `${place} does not run, or not on port ${port}`,
      'look at the state of its node: a demoted or joining node has it stopped',
    );
  }
  if (/terminating connection|server closed the connection|connection to server was lost/i.test(stderr)) {
    return problem('postgres-down', `${place} stopped`, 'look at the log of its container');
  }
  const role = /role "([^"]*)" does not exist/.exec(stderr)?.[1];
  if (role !== undefined)
    return problem('query', `${place} knows no role ${role}`, 'the owner of PGDATA is asked next');
  if (/password|no pg_hba.conf entry|Peer authentication failed|Ident authentication failed/i.test(stderr)) {
    return problem(
      'query',
      `${place} does not let the owner of PGDATA in over its own socket`,
      'see `local` in its pg_hba.conf',
    );
  }
  if (/too many clients|remaining connection slots/i.test(stderr))
    return problem('query', `${place} has no free connection`, 'end idle sessions, or raise max_connections');
  if (/statement timeout/i.test(stderr))
    return problem('query', `${place} did not answer in time`, 'is the host overloaded?');
  if (/ERROR:|FATAL:/.test(stderr))
    return problem(
      'query',
      `${place}: ${/(?:ERROR|FATAL):\s*(.*)/.exec(stderr)?.[1] ?? 'error'}`,
      'see the details in the log file',
    );
  if (detail === '')
    return problem(
      'postgres-down',
      `psql in ${container} on ${host} ended${end.exitCode === null ? '' : ` with exit status ${end.exitCode}`}`,
      'was the container stopped?',
    );
  return dockerProblem(end);
}
