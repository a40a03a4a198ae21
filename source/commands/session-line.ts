import {type AuditLine, type AuditPlace, whoAndWhere} from '../actions/audit-line.ts';
import type {SessionEnd} from '../session/session-end.ts';
import {type SessionRecord, typedArgv} from '../session/session-record.ts';

/** A session as a line of the audit log: like an action without checks, whose outcome nobody judges. */
export function sessionLine(session: SessionRecord, auditPlace: AuditPlace, now: number): AuditLine {
  const {id, program, place, startedAt, ended} = session;
  const status = ended?.end.kind === 'exited' ? ended.end.status : null;
  return {
    event: ended === undefined ? 'begin' : 'end',
    id,
    ...whoAndWhere(auditPlace, now),
    action: program.kind,
    title: `${titles[program.kind]} in ${place.container}`,
    target: place.container,
    value: null,
    options: program.kind === 'psql' && program.write ? ['write'] : [],
    forced: false,
    checks: [],
    steps: [
      {
        host: place.host,
        user: auditPlace.userOn(place.host) ?? null,
        argv: typedArgv(session),
        state: ended === undefined ? 'running' : status === null ? 'unknown' : status === 0 ? 'succeeded' : 'failed',
        exitCode: status,
      },
    ],
    outcome: null,
    message: ended === undefined ? null : messageOf(ended.end),
    durationSeconds: ended === undefined ? null : (ended.at - startedAt) / 1000,
    withoutWritesSeconds: null,
  };
}

const titles = {shell: 'Shell', psql: 'psql', autoctl: 'pg_autoctl', exec: 'A program'} as const;

/** What its exit status does not tell. */
function messageOf(end: SessionEnd): string | null {
  switch (end.kind) {
    case 'exited':
      return null;
    case 'left':
      return 'it was left, and hung up there';
    case 'lost':
      return `it was lost: ${end.problem.message}`;
  }
}
