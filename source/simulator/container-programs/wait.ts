import type {World} from '../world.ts';

/** Waits for so much simulated time; false when the process was ended before. */
export async function waitFor(world: World, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const {promise, resolve} = Promise.withResolvers<boolean>();
  const cancel = world.schedule(milliseconds, () => resolve(true));
  const onAbort = () => resolve(false);
  signal.addEventListener('abort', onAbort, {once: true});
  const waited = await promise;
  signal.removeEventListener('abort', onAbort);
  if (!waited) cancel();
  return waited;
}
