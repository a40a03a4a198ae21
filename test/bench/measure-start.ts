import {showsWholeTable} from './screen-marks.ts';
import {median} from './statistics.ts';
import {type Subject, whileOpen} from './subject.ts';

/** Milliseconds from the start to the first thing on the screen and to the whole table, medians of some runs. */
export type StartTimes = {firstFrame: number; firstTable: number};

/** Starts the program again and again. Rejects when its table never comes. */
export async function measureStart(subject: Subject, nodeNames: readonly string[], runs: number): Promise<StartTimes> {
  const frames: number[] = [];
  const tables: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await whileOpen(subject, 120, 35, async robot => {
      frames.push((await robot.waitFor(/\S/)) - robot.startedAt);
      tables.push((await robot.waitFor(showsWholeTable(nodeNames), 20_000)) - robot.startedAt);
    });
  }
  return {firstFrame: median(frames), firstTable: median(tables)};
}
