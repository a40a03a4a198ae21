import {errorText, type Problem} from '../cluster/problem.ts';
import {TunnelError} from './tunnel-socket.ts';

/** Whom the failure is about; `where` is host:port as seen from the monitor's host. */
export type MonitorTarget = {host: string; container: string; where: string; user: string; database: string};

/** Turns what `pg` threw, or the tunnel under it, into the person's words. By SQLSTATE where there is one: texts may be translated. */
export function monitorProblem(error: unknown, target: MonitorTarget): Problem {
  if (error instanceof TunnelError) return tunnelProblem(error.outcome.problem, target);
  const code = sqlState(error);
  const words = errorText(error);
  const {where, user, database, container, host} = target;
  const problem = (kind: Problem['kind'], message: string, remedy: string): Problem => ({
    kind,
    message,
    remedy,
    detail: words,
  });

  if (code === '28P01') {
    return problem(
      'monitor-authentication',
      `the monitor at ${where} refused the password of ${user}`,
      'give it with monitor.password in the configuration (environment or command)',
    );
  }
  if (code === '28000') {
    return problem(
      'monitor-authentication',
      `the monitor at ${where} does not let ${user} in to ${database}`,
      `its pg_hba.conf has no line for this connection from ${host}, or the role does not exist; see: ${container}, pg_hba.conf`,
    );
  }
  if (code === '3D000') {
    return problem(
      'monitor-schema',
      `there is no database ${database} at ${where}`,
      'is this port the monitor, and not a data node? compare it with: pg_autoctl show uri',
    );
  }
  if (code === '3F000' || code === '42P01' || code === '42883') {
    return problem(
      'monitor-schema',
      `the database ${database} at ${where} has no extension pgautofailover`,
      'check the port and the database of the monitor in the configuration',
    );
  }
  if (code === '42703')
    return problem(
      'monitor-schema',
      `the monitor at ${where} has a schema that pgaf does not know: ${words}`,
      'pgaf knows 2.0 to 2.3',
    );
  if (code === '42501') {
    return problem(
      'monitor-authentication',
      `${user} may not read the monitor's tables at ${where}`,
      'use the role autoctl_node, or grant usage on schema pgautofailover and select on its tables',
    );
  }
  if (code === '57P03')
    return problem(
      'postgres-down',
      `the monitor's PostgreSQL at ${where} is starting up or shutting down`,
      'wait; then look at the log of its container',
    );
  if (code === '53300')
    return problem(
      'query',
      `the monitor at ${where} has no free connection`,
      'raise max_connections, or end idle sessions there',
    );
  if (code === '57014')
    return problem(
      'query',
      `the monitor at ${where} did not answer a query in time`,
      'is its host overloaded, or a lock held?',
    );
  if (code?.startsWith('57P') === true)
    return problem('closed', `the monitor at ${where} closed the connection: ${words}`, `see the log of ${container}`);
  if (code?.startsWith('53') === true)
    return problem('query', `the monitor at ${where} is out of resources: ${words}`, 'look at its disk and memory');
  if (code !== undefined)
    return problem('query', `the monitor at ${where} refused a query: ${words}`, 'see the details in the log file');

  if (/does not support SSL/.test(words)) {
    return problem(
      'monitor-tls',
      `the monitor at ${where} does not speak TLS, and its connection string asks for it`,
      'compare sslmode of the connection string with ssl in its postgresql.conf',
    );
  }
  if (/certificate|self.signed|altnames|EPROTO|SSL|TLS/i.test(words)) {
    return problem(
      'monitor-tls',
      `TLS with the monitor at ${where} failed: ${words}`,
      'compare its certificate with sslmode and sslrootcert of the connection string',
    );
  }
  if (/client password must be/i.test(words)) return passwordMissing(target);
  if (/timeout expired|Query read timeout/.test(words)) {
    return problem(
      'timeout',
      `the monitor at ${where} does not answer`,
      `is the host frozen or overloaded? see: ${container} on ${host}`,
    );
  }
  if (/terminated|closed|ECONNRESET|EPIPE/i.test(words)) {
    return problem('closed', `the connection to the monitor at ${where} was closed`, `see the log of ${container}`);
  }
  return problem(
    'internal',
    `the connection to the monitor at ${where} failed: ${words}`,
    'see the details in the log file',
  );
}

export function passwordMissing({where, user}: MonitorTarget): Problem {
  return {
    kind: 'monitor-authentication',
    message: `the monitor at ${where} asks for the password of ${user}, and none is known`,
    remedy: 'give it with monitor.password in the configuration (environment or command)',
  };
}

function tunnelProblem(problem: Problem, target: MonitorTarget): Problem {
  if (problem.kind !== 'refused') return problem;
  return {
    kind: 'monitor-refused',
    message: `nothing listens on ${target.where}`,
    remedy: `is ${target.container} running? on ${target.host}: docker ps -a`,
    ...(problem.detail === undefined ? {} : {detail: problem.detail}),
  };
}

function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) && error.code !== 'EPIPE'
    ? error.code
    : undefined;
}
