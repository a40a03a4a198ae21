/** The time and timer that a schedule runs on. */
export type ScheduleClock = {
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
};

/** Something that is drawn when it has changed, but not too often. */
export type Schedule = {
  /** It has changed: run at once when the last run is long enough ago, else as soon as it is; never more than once for many requests. */
  request(): void;
  /** A key was pressed: run now, whenever the last run was. */
  now(): void;
  stop(): void;
};

export type ScheduleOptions = {
  /** At least this long between two runs: 250 for tables, 100 for a flood of log lines. */
  readonly intervalMs: number;
  /** After each run at least so many times as long as it took, so that what is slow does not take all the time. Default 0. */
  readonly rest?: number;
  /** While true, runs wait: the terminal is still taking the last frame. */
  readonly busy?: () => boolean;
  readonly clock?: ScheduleClock;
};

/** Paces `run`: the first change after quiet shows at once, a flood at the given interval, and nothing runs while nothing changes. */
export function createSchedule(run: () => void, options: ScheduleOptions): Schedule {
  const {intervalMs, rest = 0, busy = () => false, clock = realClock} = options;
  let lastRun = Number.NEGATIVE_INFINITY;
  let lastTook = 0;
  let cancel: (() => void) | undefined;

  const runNow = () => {
    cancel?.();
    cancel = undefined;
    lastRun = clock.now();
    run();
    lastTook = clock.now() - lastRun;
  };
  const wait = (milliseconds: number) => {
    cancel = clock.after(milliseconds, () => {
      cancel = undefined;
      if (busy()) wait(intervalMs);
      else runNow();
    });
  };
  return {
    request() {
      if (cancel !== undefined) return;
      const due = lastRun + Math.max(intervalMs, lastTook * (1 + rest)) - clock.now();
      if (due > 0 || busy()) wait(Math.max(due, busy() ? intervalMs : 0));
      else runNow();
    },
    now: runNow,
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

const realClock: ScheduleClock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
