/** What the clock needs of the machine: milliseconds that only go forward, and a call later. `after` returns what cancels it. */
export type Timer = {now(): number; after(milliseconds: number, run: () => void): () => void};

/** Drives a world through time. */
export type Clock = {
  /** Simulated seconds a second. */
  speed(): number;
  setSpeed(speed: number): void;
  isPaused(): boolean;
  pause(): void;
  resume(): void;
  /** Lets that much simulated time pass at once, also while paused. */
  step(milliseconds: number): void;
  close(): void;
};

/** Between two looks at the machine's clock: as fine as simulated time can get at speed 1. */
const tickMs = 25;
/** Simulated time passes in pieces of at most this length, so that what listens is never far behind. */
const pieceMs = 50;
/** So long may one tick work before others get their turn; what is owed is made up for in the next ones. */
const busyMs = 20;
/** A machine that slept, or is too slow, does not catch up with more than this. Simulated milliseconds a unit of speed. */
const mostOwedMs = 60_000;

/** Starts it. `advance` lets simulated milliseconds pass. */
export function startClock(
  advance: (milliseconds: number) => void,
  timer: Timer,
  options: {speed: number; paused: boolean},
): Clock {
  let {speed, paused} = options;
  let last = timer.now();
  let owed = 0;

  const settle = () => {
    const now = timer.now();
    if (!paused) owed = Math.min(owed + (now - last) * speed, mostOwedMs * Math.max(1, speed));
    last = now;
  };
  const pass = (milliseconds: number) => {
    for (let left = milliseconds; left > 0; left -= pieceMs) advance(Math.min(pieceMs, left));
  };
  const tick = () => {
    cancel = timer.after(tickMs, tick);
    settle();
    const begin = timer.now();
    // Whole milliseconds: simulated time has no finer ones.
    while (owed >= 1 && timer.now() - begin <= busyMs) {
      const piece = Math.floor(Math.min(pieceMs, owed));
      owed -= piece;
      advance(piece);
    }
  };
  let cancel = timer.after(tickMs, tick);

  return {
    speed: () => speed,
    setSpeed(next) {
      settle();
      speed = next;
    },
    isPaused: () => paused,
    pause() {
      settle();
      owed = 0;
      paused = true;
    },
    resume() {
      settle();
      paused = false;
    },
    step: pass,
    close: () => cancel(),
  };
}
