import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';

/** Where pgaf writes what a person may want to read later: `$XDG_STATE_HOME/pgaf`, by default under ~/.local/state. */
export function stateFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment.XDG_STATE_HOME;
  // The XDG specification: a relative path is to be ignored.
  return join(given !== undefined && isAbsolute(given) ? given : join(homedir(), '.local', 'state'), 'pgaf');
}
