import {bad, good, type Outcome} from '../cluster/problem.ts';
import {printable} from './printable.ts';

/**
 * The command line that makes a POSIX shell run exactly `argv`: the only place where one is made, for running and for showing.
 * Refused: an empty argv, a NUL or half a surrogate pair, which no command line can carry.
 */
export function quoteArgv(argv: readonly string[]): Outcome<string> {
  const [command, ...rest] = argv;
  if (command === undefined || command === '') return bad('internal', 'there is no command to run');
  const unfit = argv.find(word => word.includes('\0') || !word.isWellFormed());
  if (unfit !== undefined) {
    return bad('internal', `a command line can not carry ${JSON.stringify(unfit)}`, {
      remedy: 'take the NUL or the broken character out of it',
    });
  }
  return good([quoteCommand(command), ...rest.map(quoteWord)].join(' '));
}

/** The same for a person to read and paste: what can not be quoted is at least made visible, and it is cut at `most` characters. */
export function shownCommand(argv: readonly string[], most = Number.POSITIVE_INFINITY): string {
  const line = quoteArgv(argv);
  const text = printable(line.ok ? line.value : argv.map(word => JSON.stringify(word)).join(' '));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const plainWord = /^[A-Za-z0-9_/.,:@%+-][A-Za-z0-9_/.,:=@%+-]*$/;

/** Words that a shell takes for its own syntax when they come first and unquoted. */
const reserved = new Set(
  'case do done elif else esac fi for function if in select then time until while coproc end repeat foreach'.split(' '),
);

function quoteWord(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quoteCommand(word: string): string {
  // NAME=value would be an assignment.
  return reserved.has(word) || word.includes('=') ? `'${word.replaceAll("'", "'\\''")}'` : quoteWord(word);
}
