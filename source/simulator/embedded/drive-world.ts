import type {World} from '../world.ts';

/** Lets a world's time pass with the real one. */
export type WorldDrive = {
  /** Simulated seconds a second; 0 stands still. */
  speed(): number;
  setSpeed(speed: number): void;
  stop(): void;
};

/** Real milliseconds between two advances: below what an eye sees. */
const tickMs = 20;
/** A machine that slept must not live through its night at once. Real milliseconds. */
const longestMs = 1000;
/** What is due at different times is heard of in steps. Simulated milliseconds. */
const stepMs = 250;

/** Advances the world until it is stopped. `now` is a clock in milliseconds that only goes forward. */
export function driveWorld(world: World, speed: number, now: () => number): WorldDrive {
  let current = speed;
  let last = now();
  const timer = setInterval(() => {
    const elapsed = Math.min(now() - last, longestMs);
    last = now();
    for (let left = elapsed * current; left > 0; left -= stepMs) world.advance(Math.min(left, stepMs));
  }, tickMs);
  return {
    speed: () => current,
    setSpeed(next) {
      current = next;
    },
    stop: () => clearInterval(timer),
  };
}
