import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {consoleProgram} from '../robot/console-program.ts';

export type Ended = {exitCode: number | null; stdout: string; stderr: string};

/** Runs the built program to its end, without a terminal, with a HOME of its own. */
export async function runPgaf(...argv: string[]): Promise<Ended> {
  return ended(startPgaf(...argv));
}

/** Starts the built program; the caller ends it. */
export function startPgaf(...argv: string[]): ChildProcess {
  const home = mkdtempSync(path.join(os.tmpdir(), 'pgaf-home-'));
  const environment = {PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8'};
  return spawn(consoleProgram.node, [consoleProgram.bundle, ...argv], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: home,
  });
}

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
