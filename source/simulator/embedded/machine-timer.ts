import type {Timer} from './clock.ts';

/** This machine's own time. */
export const machineTimer: Timer = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
