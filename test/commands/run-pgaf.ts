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
  return startPgafAt(temporaryFolder(), ...argv);
}

/** The same with a HOME that the test keeps. */
export function startPgafAt(home: string, ...argv: string[]): ChildProcess {
  const child = spawnPgaf(home, ...argv);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** The same, for one who ends it himself. */
export function spawnPgaf(home: string, ...argv: string[]): ChildProcess {
  const environment = {PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8'};
  return spawn(consoleProgram.node, [consoleProgram.bundle, ...argv], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: whoever runs the tests in a terminal is not asked anything there.
    detached: true,
    cwd: home,
  });
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
