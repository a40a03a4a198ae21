import type {Robot} from '../robot/robot.ts';
import {median, worst} from './statistics.ts';

/** Milliseconds from a key to its effect on the screen. */
export type KeyTimes = {median: number; worst: number};

/**
 * Presses keys in turn, at irregular distances so that no timer of the program is in step with them, and takes how long the mark needs to
 * change. The mark must depend on the keys alone.
 */
export async function measureKeys(
  robot: Robot,
  keys: readonly string[],
  mark: (robot: Robot) => string,
  presses: number,
): Promise<KeyTimes> {
  const times: number[] = [];
  for (let press = 0; press < presses; press += 1) {
    await new Promise(resolve => setTimeout(resolve, 60 + ((press * 37) % 70)));
    const before = mark(robot);
    const start = performance.now();
    const painted = robot.waitFor(() => mark(robot) !== before, 5000);
    robot.press(keys[press % keys.length] ?? '');
    times.push((await painted) - start);
  }
  return {median: median(times), worst: worst(times)};
}
