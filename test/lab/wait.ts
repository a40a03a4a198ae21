import {setTimeout as sleep} from 'node:timers/promises';

/**
 * Asks again and again until the condition gives something other than false or undefined, and gives that. `deadline` in ms; after it, an error
 * that says what was waited for.
 */
export async function waitUntil<T>(
  what: string,
  deadline: number,
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  pause = 200,
): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const answer = await condition();
    if (answer !== false && answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`waited ${Math.round(deadline / 1000)} s in vain: ${what}`);
    await sleep(pause);
  }
}
