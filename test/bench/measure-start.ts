import type {Robot} from '../robot/robot.ts';
import {showsWholeTable} from './screen-marks.ts';
import {median} from './statistics.ts';
import type {Subject} from './subject.ts';

/** Milliseconds from the start to the first thing on the screen and to the whole table, medians of some runs. */
export type StartTimes = {firstFrame: number; firstTable: number};

/** Starts the program again and again. A run whose table never comes counts as NaN and is told of. */
export async function measureStart(subject: Subject, nodeNames: readonly string[], runs: number): Promise<StartTimes> {
  const frames: number[] = [];
  const tables: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const robot = subject.open(120, 35);
    try {
      frames.push((await robot.waitFor(/\S/)) - robot.startedAt);
      tables.push((await robot.waitFor(showsWholeTable(nodeNames), 20_000)) - robot.startedAt);
      await leave(robot);
    } finally {
      await robot.close();
    }
  }
  return {firstFrame: median(frames), firstTable: median(tables)};
}

/** Leaves the program the way a person does, so that what it has on other hosts ends before the next measurement. */
export async function leave(robot: Robot): Promise<void> {
  robot.press('q');
  await Promise.race([robot.exit, new Promise(resolve => setTimeout(resolve, 3000))]);
}
