import {type ChildProcess, spawn} from 'node:child_process';
import {onTestFinished} from 'vitest';
import {consoleProgram, temporaryFolder} from '../robot/console-program.ts';

export type Ended = {exitCode: number | null; stdout: string; stderr: string};

/** Runs the built program to its end, without a terminal, with a HOME of its own that is gone after the test. */
export async function runPgaf(...argv: string[]): Promise<Ended> {
  return ended(startPgaf(...argv));
}

/** Starts the built program; the test's end kills it. */
export function startPgaf(...argv: string[]): ChildProcess {
  const home = temporaryFolder();
  const environment = {PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8'};
  const child = spawn(consoleProgram.node, [consoleProgram.bundle, ...argv], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: home,
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Collects what a program writes until it ends. */
export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', chunk => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', chunk => {
    stderr += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', exitCode => resolve({exitCode, stdout, stderr}));
  });
}
