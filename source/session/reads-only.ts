import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {SessionProgram} from './container-session.ts';

/**
 * Whether a session may be opened where nothing may be changed. psql may, as it is read-only then; pg_autoctl may where it only shows; a
 * shell, or any other program, can change everything.
 */
export function allowedReadOnly(program: SessionProgram): Outcome<SessionProgram> {
  switch (program.kind) {
    case 'psql':
      if (!program.write) return good(program);
      return bad('configuration', 'psql --write is refused: the cluster is read-only here', {
        remedy: 'without --write it starts read-only',
      });
    case 'autoctl':
      if (onlyShows(program.words)) return good(program);
      return bad('configuration', `pg_autoctl ${program.words.join(' ')} is refused: the cluster is read-only here`, {
        remedy: `what only shows is allowed: ${showing.map(words => words.join(' ')).join(', ')}`,
      });
    case 'shell':
    case 'exec':
      return bad('configuration', `${sessionNames[program.kind]} is refused: the cluster is read-only here`, {
        remedy: 'it could change anything; psql and what pg_autoctl shows stay possible',
      });
  }
}

const sessionNames = {shell: 'a shell', exec: 'running a program'};

const showing: readonly (readonly string[])[] = [
  ['show'],
  ['get'],
  ['status'],
  ['version'],
  ['help'],
  ['watch'],
  ['config', 'get'],
];

/** By the first words: options of pg_autoctl itself would come before them, and are not looked through. */
export function onlyShows(words: readonly string[]): boolean {
  if (words.length === 0) return true;
  return showing.some(known => known.every((word, index) => words[index] === word));
}
