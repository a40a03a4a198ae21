/** Wakes a loop that waits for something to happen; a wake-up while it works is kept. */
export type Bell = {ring(): void; rung(signal: AbortSignal): Promise<void>};

/** A bell that nobody has rung yet. `rung` resolves at the next ring, or with the signal. */
export function createBell(): Bell {
  let isRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      isRung = true;
      wake?.();
    },
    async rung(signal) {
      if (!isRung && !signal.aborted) {
        const woken = Promise.withResolvers<void>();
        wake = () => woken.resolve();
        signal.addEventListener('abort', wake);
        await woken.promise;
        signal.removeEventListener('abort', wake);
        wake = undefined;
      }
      isRung = false;
    },
  };
}
