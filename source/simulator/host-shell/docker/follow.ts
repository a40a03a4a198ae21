import type {Writable} from 'node:stream';

/** Writes and waits while the reader holds back, until the signal. */
export async function writeOut(stream: Writable, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || text === '' || !stream.writable || stream.write(text)) return;
  const free = Promise.withResolvers<void>();
  const go = () => free.resolve();
  stream.once('drain', go);
  stream.once('close', go);
  signal.addEventListener('abort', go);
  await free.promise;
  stream.off('drain', go);
  stream.off('close', go);
  signal.removeEventListener('abort', go);
}

/** Wakes a loop that waits for something to happen; a wake-up while it works is kept. */
export type Bell = {ring(): void; rung(signal: AbortSignal): Promise<void>};

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
