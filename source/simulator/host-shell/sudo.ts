import {outputOf} from '../container-programs/output.ts';
import type {SimulatedProcess} from '../program.ts';
import {parseOptions} from './options.ts';

const options = {
  flags: ['non-interactive', 'preserve-env', 'set-home', 'login', 'stdin'],
  valued: ['user', 'group'],
  short: {n: 'non-interactive', E: 'preserve-env', H: 'set-home', i: 'login', S: 'stdin', u: 'user', g: 'group'},
  stopAtWord: true,
};

/** `sudo`: everyone may run everything, without a password. */
export async function sudo(
  process: SimulatedProcess,
  run: (process: SimulatedProcess) => Promise<number>,
): Promise<number> {
  const given = parseOptions(process.argv.slice(1), options);
  if ('mistake' in given || given.words.length === 0) {
    await outputOf(process).error('usage: sudo [-n] [-u user] command\n');
    return 1;
  }
  const user = given.value('user') ?? 'root';
  return run({...process, argv: given.words, environment: {...process.environment, USER: user, LOGNAME: user}});
}
