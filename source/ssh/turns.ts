/** One that has begun: `end` gives the turn back, `last` keeps it for longer, from now on. */
export type Turn = {end(): void; last(milliseconds: number): void};

/**
 * Lets so many begin at a time, in the order in which they came: a hundred handshakes at once make each so slow that all run into their
 * deadlines, and a jump host refuses the most of them. Who takes long loses the turn and goes on, so that machines that do not answer keep
 * nobody waiting for long.
 */
export class Turns {
  readonly #most: number;
  readonly #longestMs: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(most: number, longestMs: number) {
    this.#most = most;
    this.#longestMs = longestMs;
  }

  /** Resolves when it is the caller's turn, or when the signal aborts. */
  async take(signal: AbortSignal): Promise<Turn> {
    if (this.#taken >= this.#most && !signal.aborted) await this.#wait(signal);
    this.#taken += 1;
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      this.#taken -= 1;
      const [next] = this.#waiting;
      next?.();
    };
    let timer = setTimeout(end, this.#longestMs);
    return {
      end,
      last(milliseconds) {
        if (ended) return;
        clearTimeout(timer);
        timer = setTimeout(end, milliseconds);
      },
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const go = () => {
        this.#waiting.delete(go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', go);
    });
  }
}
