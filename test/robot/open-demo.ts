import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach} from 'vitest';
import {consoleEnvironment, consoleProgram} from './console-program.ts';
import {openRobot, type Robot} from './robot.ts';

/** Gives each test a home of its own, and what opens the built console on the embedded cluster there. */
export function demoEachTest(): (...args: string[]) => Robot {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'pgaf-robot-'));
  });
  afterEach(() => rmSync(home, {recursive: true, force: true}));
  return (...args) =>
    openRobot({
      command: consoleProgram.node,
      args: [consoleProgram.bundle, 'demo', ...args],
      env: {...consoleEnvironment(home), TMPDIR: home},
      cwd: home,
      columns: 80,
      rows: 24,
    });
}

/** Types a line into the prompt. */
export async function typeLine(robot: Robot, line: string): Promise<void> {
  robot.press(':');
  await robot.waitFor(/enter run +tab complete/);
  robot.type(line);
  robot.press('enter');
  await robot.waitUntilGone(/enter run +tab complete/);
}

/** Answers the dialog of an action with what it asks for, once it has been read. */
export async function confirm(robot: Robot, words: string): Promise<void> {
  await robot.waitFor(`Type ${words} and press enter`);
  // What is typed before it could be read does not count.
  await robot.waitFor('(anything else: no)');
  robot.type(words);
  await robot.waitFor(new RegExp(`start it: +${words}`));
  robot.press('enter');
}
