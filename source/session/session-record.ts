import type {Outcome, Problem} from '../cluster/problem.ts';
import type {SessionContainer, SessionProgram} from './container-session.ts';
import {onlyShows} from './reads-only.ts';
import type {SessionEnd} from './session-end.ts';

/** A session as it is written down: when it has begun, and with the same id when it is over. */
export type SessionRecord = {
  id: string;
  program: SessionProgram;
  place: SessionContainer;
  terminal: boolean;
  startedAt: number;
  ended?: {at: number; end: SessionEnd};
};

/** Writes a session down. A session does not depend on it: who needs a shell in an incident gets one. */
export type RecordSession = (record: SessionRecord) => Outcome<void>;

/** Writes down a session that has begun; gives what writes down its end. What pg_autoctl only shows leaves no trace. */
export function sessionBegins(
  begun: Omit<SessionRecord, 'ended'>,
  record: RecordSession,
  now: () => number,
): (end: SessionEnd) => void {
  if (begun.program.kind === 'autoctl' && onlyShows(begun.program.words)) return () => undefined;
  record(begun);
  return end => void record({...begun, ended: {at: now(), end}});
}

/** The same, and why the last one could not be written. */
export function noticingProblems(record: RecordSession): {record: RecordSession; problem(): Problem | undefined} {
  let problem: Problem | undefined;
  return {
    record(session) {
      const written = record(session);
      if (!written.ok) problem = written.problem;
      return written;
    },
    problem: () => problem,
  };
}

/** What a person would type on the container's host for it. */
export function typedArgv({program, place, terminal}: SessionRecord): readonly string[] {
  return [...place.docker, 'exec', terminal ? '-it' : '-i', place.container, ...wordsOf(program)];
}

function wordsOf(program: SessionProgram): readonly string[] {
  switch (program.kind) {
    case 'shell':
      return ['sh'];
    case 'psql':
      return ['psql', ...program.words];
    case 'autoctl':
      return ['pg_autoctl', ...program.words];
    case 'exec':
      return program.words;
  }
}
