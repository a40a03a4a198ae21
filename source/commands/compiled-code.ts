import {enableCompileCache} from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';

/**
 * Lets Node keep what it compiles of this program from one start to the next, in the person's own cache folder (never in the shared
 * temporary one). Everything imported from here on is kept; where the folder cannot be written, Node compiles as ever.
 */
export function keepCompiledCode(environment: NodeJS.ProcessEnv): void {
  const given = environment.XDG_CACHE_HOME;
  const caches = given === undefined || given === '' ? join(homedir(), '.cache') : given;
  enableCompileCache(join(caches, 'pgaf', 'compiled'));
}
