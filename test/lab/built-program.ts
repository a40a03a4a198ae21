import {existsSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {must} from './command.ts';
import {withLock} from './lock.ts';
import {repositoryDirectory} from './places.ts';

/** The path of the built program. It is built first where it is missing, or older than what it is made of. */
export async function builtProgram(say: (line: string) => void): Promise<string> {
  const program = join(repositoryDirectory, 'dist/cli.js');
  // Labs that are raised together need it together.
  await withLock('build', async () => {
    if (existsSync(program) && statSync(program).mtimeMs > newest()) return;
    say('building pgaf');
    await must([process.execPath, join(repositoryDirectory, 'scripts/build.ts')]);
  });
  return program;
}

/** When what the program is made of was last changed, in ms since 1970. */
function newest(): number {
  const source = join(repositoryDirectory, 'source');
  const files = readdirSync(source, {recursive: true, encoding: 'utf8'}).map(file => join(source, file));
  const others = ['cli.tsx', 'scripts/build.ts', 'package-lock.json'].map(file => join(repositoryDirectory, file));
  return Math.max(...[...files, ...others].map(file => statSync(file).mtimeMs));
}
