/**
 * A deadline that stands still while a person is asked: their time is not the server's.
 */
export class StepDeadline {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #remainingMs: number;
  #startedAt = 0;
  #pauses = 0;

  constructor(milliseconds: number, expired: () => void) {
    this.#remainingMs = milliseconds;
    this.#expired = expired;
    this.#run();
  }

  /** Stands still until the task has ended. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    if (this.#pauses++ === 0) this.#hold();
    try {
      return await task();
    } finally {
      if (--this.#pauses === 0) this.#run();
    }
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#remainingMs = Number.POSITIVE_INFINITY;
  }

  #run(): void {
    if (this.#remainingMs === Number.POSITIVE_INFINITY) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => {
      this.cancel();
      this.#expired();
    }, this.#remainingMs);
  }

  #hold(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#remainingMs = Math.max(0, this.#remainingMs - (performance.now() - this.#startedAt));
  }
}
