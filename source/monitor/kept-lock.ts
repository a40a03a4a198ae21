import type {FormationLock} from './formation-lock.ts';

/** A lock that is kept until `release`; or somebody else's. `unknown`: the monitor cannot be asked yet, as when an action has to start it. */
export type KeptLock = {kind: 'held' | 'unknown'; release(): void} | {kind: 'taken'; by: string};

/**
 * Takes a lock and keeps it until it is released: one that could not be asked for, or whose connection was lost, is taken as soon as the monitor
 * says something again. When somebody else has it by then, that is told once, and it is asked for again until they have not.
 */
export async function keepLock(
  take: () => Promise<FormationLock>,
  monitorSpeaks: () => Promise<void>,
  tell: (by: string) => void,
): Promise<KeptLock> {
  const first = await take();
  if (first.kind === 'taken') return first;
  const released = Promise.withResolvers<'released'>();
  const keep = async () => {
    let lock: FormationLock = first;
    let told = false;
    while (
      (await Promise.race([released.promise, lock.kind === 'held' ? lock.lost : monitorSpeaks()])) !== 'released'
    ) {
      if (lock.kind === 'held') lock.release();
      lock = lock.kind === 'held' ? {kind: 'unknown'} : await take();
      if (lock.kind === 'taken' && !told) tell(lock.by);
      told ||= lock.kind === 'taken';
    }
    if (lock.kind === 'held') lock.release();
  };
  void keep();
  return {kind: first.kind, release: () => released.resolve('released')};
}
