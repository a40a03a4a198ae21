import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';

/** Where pgaf keeps what only saves time: `$XDG_CACHE_HOME/pgaf`, by default under ~/.cache. Whatever is in it may be deleted. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment.XDG_CACHE_HOME;
  // The XDG specification: a relative path is to be ignored.
  return join(given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache'), 'pgaf');
}
