import {afterEach} from 'vitest';
import {closeRobots, pictures} from './robot.ts';

/** To be called once at the top of a test file: every robot is gone after each test, and a failed test shows what was on the screens. */
export function closeRobotsAfterEach(): void {
  afterEach(async context => {
    if (context.task.result?.state === 'fail') console.error(pictures());
    await closeRobots();
  });
}
