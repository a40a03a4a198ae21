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

  /** Resolves when it is the caller's turn, or when the signal aborts, with what gives the turn back. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.#taken >= this.#most && !signal.aborted) await this.#wait(signal);
    this.#taken += 1;
    let given = false;
    const give = () => {
      if (given) return;
      given = true;
      clearTimeout(timer);
      this.#taken -= 1;
      const [next] = this.#waiting;
      next?.();
    };
    const timer = setTimeout(give, this.#longestMs);
    return give;
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
