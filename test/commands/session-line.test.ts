import {expect, test} from 'vitest';
import {auditEntries, parseAuditLine} from '../../source/actions/audit-entries.ts';
import {bad, good} from '../../source/cluster/problem.ts';
import {auditText} from '../../source/commands/audit-text.ts';
import {sessionLine} from '../../source/commands/session-line.ts';
import type {SessionProgram} from '../../source/session/container-session.ts';
import type {SessionEnd} from '../../source/session/session-end.ts';
import {type SessionRecord, sessionBegins} from '../../source/session/session-record.ts';

const startedAt = Date.UTC(2026, 0, 15, 3, 12, 47);

/** What `pgaf audit` tells of a session after its lines went through the file. */
function told(program: SessionProgram, end: SessionEnd | undefined): string[] {
  const records: SessionRecord[] = [];
  const begun: SessionRecord = {
    id: 'mark',
    program,
    place: {container: 'pg_node2', host: 'vm2', docker: ['sudo', '-n', 'docker'], role: 'node', port: 5432},
    terminal: program.kind === 'shell',
    startedAt,
  };
  const record = (session: SessionRecord) => {
    records.push(session);
    return good(undefined);
  };
  const noteEnd = sessionBegins(begun, record, () => startedAt + 125_000);
  if (end !== undefined) noteEnd(end);
  const place = {
    operator: {user: 'root', sudoUser: 'ann', machine: 'bastion', sshConnection: '10.0.0.9 50022 10.0.0.11 22'},
    cluster: 'orders',
    formation: 'default',
    userOn: () => 'ubuntu',
  };
  const lines = records.map(record => parseAuditLine(JSON.stringify(sessionLine(record, place, startedAt))));
  return auditEntries(lines.filter(line => line !== undefined)).map(entry => auditText(entry).join('\n'));
}

test('a shell: who, when, where, for how long, and with what it ended', () => {
  expect(told({kind: 'shell'}, {kind: 'exited', status: 130})).toEqual([
    [
      '2026-01-15 03:12:47Z  Shell in pg_node2 in orders/default, by ann as root on bastion from 10.0.0.9',
      '    ended after 2 min',
      '    ubuntu@vm2: sudo -n docker exec -it pg_node2 sh (exit status 130)',
    ].join('\n'),
  ]);
});

test('a program with what it was given, and one that was lost', () => {
  const [text = ''] = told(
    {kind: 'exec', words: ['rm', '-rf', 'a b']},
    {kind: 'lost', ...bad('closed', 'vm2 closed the connection')},
  );
  expect(text).toContain('it was lost: vm2 closed the connection');
  expect(text).toContain("sudo -n docker exec -i pg_node2 rm -rf 'a b'");
});

test('one that has not ended', () => {
  expect(told({kind: 'psql', write: true, words: []}, undefined)[0]).toMatch(/psql in pg_node2[\s\S]*UNFINISHED/);
});

test('what pg_autoctl only shows is not written down, what it does is', () => {
  const end: SessionEnd = {kind: 'exited', status: 0};
  expect(told({kind: 'autoctl', words: ['show', 'state']}, end)).toEqual([]);
  expect(told({kind: 'autoctl', words: ['perform', 'failover']}, end)).toHaveLength(1);
});
