import type {Robot} from '../robot/robot.ts';
import {localBytesRead} from './process-usage.ts';
import {newestFloodLine} from './screen-marks.ts';

/** What a terminal that stops reading does to the program, while a log flows into it. */
export type StallCost = {
  /** The longest time without a byte read, from anywhere, in ms: what an event loop that waits for the terminal would show. */
  longestSilence: number;
  /** Bytes read a second while the terminal stood still, by bytes read a second before. */
  ingestRatio: number;
  /** From the moment the terminal reads again to a line on the screen that was written at the stall's end, in ms. */
  catchUp: number;
};

/** Needs a console whose log pane follows a flood of `linesPerSecond`. */
export async function measureStall(robot: Robot, seconds: number, linesPerSecond: number): Promise<StallCost> {
  const before = await watchIngest(robot.pid, 3);
  const lastLine = newestFloodLine(robot.screen());
  robot.stopReading();
  const during = await watchIngest(robot.pid, seconds);
  const start = performance.now();
  robot.startReading();
  // The last second may still have been on its way through docker.
  const written = lastLine + (seconds - 1) * linesPerSecond;
  const caughtUp = await robot.waitFor(screen => newestFloodLine(screen) >= written, 10_000);
  return {
    longestSilence: during.longestSilence,
    ingestRatio: during.bytesPerSecond / before.bytesPerSecond,
    catchUp: caughtUp - start,
  };
}

async function watchIngest(pid: number, seconds: number): Promise<{longestSilence: number; bytesPerSecond: number}> {
  const start = performance.now();
  const first = localBytesRead(pid);
  let bytes = first;
  let movedAt = start;
  let longestSilence = 0;
  while (performance.now() < start + seconds * 1000) {
    await new Promise(resolve => setTimeout(resolve, 2));
    const now = performance.now();
    const current = localBytesRead(pid);
    longestSilence = Math.max(longestSilence, now - movedAt);
    if (current !== bytes) movedAt = now;
    bytes = current;
  }
  return {longestSilence, bytesPerSecond: (bytes - first) / ((performance.now() - start) / 1000)};
}
