import {execFile} from 'node:child_process';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';

const deadlineMs = 30_000;

/**
 * Gets a password from an environment variable, or from the first line that a command on this machine prints, when it is asked for.
 * A command that failed, or a variable that is not set, is a problem; the password itself is in no message.
 */
export function monitorPassword(
  source: {environment: string} | {command: readonly string[]},
): () => Promise<Outcome<string | undefined>> {
  if ('environment' in source) {
    const {environment} = source;
    return async () => {
      const value = process.env[environment];
      if (value !== undefined && value !== '') return good(value);
      return bad('configuration', `the environment variable ${environment} is not set`, {
        remedy: 'it is to hold the password of the monitor',
      });
    };
  }
  return () => runCommand(source.command);
}

function runCommand([file, ...argv]: readonly string[]): Promise<Outcome<string | undefined>> {
  const {promise, resolve} = Promise.withResolvers<Outcome<string | undefined>>();
  if (file === undefined) {
    resolve(bad('configuration', 'the command for the password of the monitor is empty'));
    return promise;
  }
  execFile(file, argv, {timeout: deadlineMs, windowsHide: true}, (error, stdout, stderr) => {
    const password = stdout.split(/\r?\n/, 1)[0] ?? '';
    if (error === null && password !== '') {
      resolve(good(password));
      return;
    }
    const reason =
      error === null ? 'it printed nothing' : stderr.trim().split('\n', 1)[0] || errorText(error).split('\n', 1)[0];
    resolve(
      bad('configuration', `the command for the password of the monitor failed: ${file}: ${reason}`, {
        remedy: 'run it by hand',
      }),
    );
  });
  return promise;
}
