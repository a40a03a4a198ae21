import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {signalProcess} from './processes.ts';

/** How a command ended. `exitCode` is null when a signal or the deadline ended it. */
export type CommandResult = {exitCode: number | null; stdout: string; stderr: string};

/**
 * `timeout` in ms (a minute unless told); `input` is written to standard input; `env` replaces the whole environment; `hear` gets each line of
 * standard error as it comes.
 */
export type CommandOptions = {
  timeout?: number;
  input?: string;
  env?: Readonly<Record<string, string>>;
  hear?: (line: string) => void;
};

/** Where the lab finds commands. */
export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment every process of the lab starts with, so that nothing depends on who started it. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  PATH: searchPath,
  HOME: '/root',
  LANG: 'C.UTF-8',
};

/** Runs argv to its end. Rejects only when it cannot be started; an exit status is the caller's to judge. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [command, ...args] = argv;
  if (command === undefined) return Promise.reject(new Error('an empty command'));
  return new Promise((resolve, reject) => {
    // A group of its own: at the deadline the command's children die with it, also the one that nsenter puts into a machine.
    const child = spawn(command, args, {
      env: {...(options.env ?? plainEnvironment)},
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const deadline = setTimeout(() => killGroup(child.pid), options.timeout ?? 60_000);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    if (options.hear !== undefined) createInterface(child.stderr).on('line', options.hear);
    // A command that ends without reading its input is no failure of ours.
    child.stdin.on('error', () => undefined);
    child.on('error', error => {
      clearTimeout(deadline);
      reject(error);
    });
    child.on('close', exitCode => {
      clearTimeout(deadline);
      resolve({exitCode, stdout, stderr});
    });
    child.stdin.end(options.input ?? '');
  });
}

/** Runs argv and gives its standard output; an exit status other than 0 becomes an error that carries what it printed. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const {exitCode, stdout, stderr} = await run(argv, options);
  if (exitCode === 0) return stdout;
  const printed = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${argv.join(' ')}\nended with ${exitCode ?? 'a signal or its deadline'}: ${printed}`);
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) signalProcess(-pid, 'SIGKILL');
}
