/** A bell for a loop that mostly waits: `ring()` ends the wait, and is not forgotten when nobody waits at that moment. */
export class WakeUp {
  #rung: boolean = false;
  #resolve: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#resolve?.();
  }

  /** What was rung for is about to be done. */
  forget(): void {
    this.#rung = false;
  }

  /** Waits until the bell rings, or so many milliseconds; says whether it rang. */
  async wait(milliseconds: number): Promise<boolean> {
    if (!this.#rung && milliseconds > 0) {
      const {promise, resolve} = Promise.withResolvers<void>();
      this.#resolve = resolve;
      const timer = setTimeout(resolve, milliseconds);
      await promise;
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    const rang = this.#rung;
    this.#rung = false;
    return rang;
  }
}
