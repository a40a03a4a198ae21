import {expect, test} from 'vitest';
import {bad} from '../../source/cluster/problem.ts';
import {monitorProblem} from '../../source/monitor/monitor-problem.ts';
import {TunnelError} from '../../source/monitor/tunnel-socket.ts';

const target = {
  host: 'vm3',
  container: 'pg_monitor',
  where: 'vm3:6000',
  user: 'autoctl_node',
  database: 'pg_auto_failover',
};

function sqlError(code: string, message: string): Error {
  return Object.assign(new Error(message), {code});
}

test.each([
  [
    sqlError('28P01', 'Passwort-Authentifizierung fehlgeschlagen'),
    'monitor-authentication',
    'refused the password of autoctl_node',
  ],
  [sqlError('28000', 'no pg_hba.conf entry'), 'monitor-authentication', 'does not let autoctl_node in'],
  [sqlError('3D000', 'x'), 'monitor-schema', 'there is no database pg_auto_failover at vm3:6000'],
  [sqlError('42P01', 'x'), 'monitor-schema', 'has no extension pgautofailover'],
  [sqlError('42703', 'column x does not exist'), 'monitor-schema', 'a schema that pgaf does not know'],
  [sqlError('42501', 'x'), 'monitor-authentication', "may not read the monitor's tables"],
  [sqlError('57P03', 'x'), 'postgres-down', 'is starting up'],
  [sqlError('57P01', 'terminating connection'), 'closed', 'closed the connection'],
  [sqlError('57014', 'x'), 'query', 'did not answer a query in time'],
  [sqlError('53300', 'x'), 'query', 'no free connection'],
  [sqlError('53100', 'disk full'), 'query', 'out of resources: disk full'],
  [sqlError('XX000', 'odd'), 'query', 'refused a query: odd'],
  [new Error('The server does not support SSL connections'), 'monitor-tls', 'does not speak TLS'],
  [new Error('self-signed certificate in certificate chain'), 'monitor-tls', 'TLS with the monitor'],
  [new Error('timeout expired'), 'timeout', 'does not answer'],
  [new Error('Query read timeout'), 'timeout', 'does not answer'],
  [new Error('Connection terminated unexpectedly'), 'closed', 'was closed'],
  [Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}), 'closed', 'was closed'],
  [new TunnelError('x', bad('refused', 'x')), 'monitor-refused', 'nothing listens on vm3:6000'],
  [new TunnelError('x', bad('closed', 'vm3 closed the connection')), 'closed', 'vm3 closed the connection'],
])('%s', (error, kind, message) => {
  const problem = monitorProblem(error, target);
  expect(problem).toMatchObject({kind, message: expect.stringContaining(message)});
});
