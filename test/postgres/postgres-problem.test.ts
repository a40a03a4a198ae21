import {expect, test} from 'vitest';
import {postgresProblem} from '../../source/postgres/postgres-problem.ts';

const socket = 'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed:';

test.each([
  [
    2,
    `${socket} FATAL:  the database system is starting up`,
    'postgres-down',
    'PostgreSQL in pg_node1 on vm1 is starting up',
  ],
  [
    2,
    `${socket} FATAL:  the database system is shutting down`,
    'postgres-down',
    'PostgreSQL in pg_node1 on vm1 is shutting down',
  ],
  [
    2,
    `${socket} FATAL:  the database system is in recovery mode`,
    'postgres-down',
    'PostgreSQL in pg_node1 on vm1 is recovering from a crash',
  ],
  [
    2,
    `${socket} No such file or directory\n\tIs the server running locally and accepting connections on that socket?`,
    'postgres-down',
    'PostgreSQL in pg_node1 on vm1 does not run, or not on port 5432',
  ],
  [
    2,
    'FATAL:  terminating connection due to administrator command\nserver closed the connection unexpectedly',
    'postgres-down',
    'PostgreSQL in pg_node1 on vm1 stopped',
  ],
  [2, `${socket} FATAL:  role "root" does not exist`, 'query', 'PostgreSQL in pg_node1 on vm1 knows no role root'],
  [2, `${socket} FATAL:  Peer authentication failed for user "x"`, 'query', 'does not let the owner of PGDATA in'],
  [2, `${socket} FATAL:  sorry, too many clients already`, 'query', 'no free connection'],
  [3, 'ERROR:  canceling statement due to statement timeout', 'query', 'did not answer in time'],
  [3, 'ERROR:  something new', 'query', 'PostgreSQL in pg_node1 on vm1: something new'],
  [137, '', 'postgres-down', 'psql in pg_node1 on vm1 ended with exit status 137'],
  [
    1,
    'Error response from daemon: No such container: pg_node1',
    'container-missing',
    'there is no container pg_node1 on vm1',
  ],
  [
    1,
    'Error response from daemon: Container 0123 is not running',
    'container-not-running',
    'pg_node1 on vm1 is not running',
  ],
  [
    127,
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "psql": executable file not found in $PATH: unknown',
    'command-failed',
    '"psql": executable file not found',
  ],
])('exit status %i, %j', (exitCode, stderr, kind, message) => {
  const problem = postgresProblem({
    exitCode,
    stderr,
    host: 'vm1',
    docker: ['docker'],
    container: 'pg_node1',
    port: 5432,
  });
  expect(problem).toMatchObject({kind, message: expect.stringContaining(message)});
  expect(problem.remedy).toBeTruthy();
});
