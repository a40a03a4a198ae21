import {enableCompileCache} from 'node:module';
import {join} from 'node:path';
import {cacheFolder} from '../config/cache-folder.ts';

/**
 * Lets Node keep what it compiles of this program from one start to the next, in the person's own cache folder (never in the shared
 * temporary one). Everything imported from here on is kept; where the folder cannot be written, Node compiles as ever.
 */
export function keepCompiledCode(environment: NodeJS.ProcessEnv): void {
  enableCompileCache(join(cacheFolder(environment), 'compiled'));
}
