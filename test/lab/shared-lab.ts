import {inject} from 'vitest';
import {type Lab, openLab} from './lab.ts';
import {leaseOf, takeLock} from './lock.ts';
import {waitUntil} from './wait.ts';

/**
 * One of the labs that global-setup.ts has raised, for this test file alone: it has a process of its own, and one that ended may still be on its way out.
 * (The number that vitest gives its workers is not always theirs alone.) Each test leaves the lab at rest: `await lab.restore()`.
 */
export function sharedLab(): Promise<Lab> {
  leased ??= waitUntil(
    'one of the labs is free',
    60_000,
    () => inject('labs').find(name => takeLock(leaseOf(name))),
    50,
  );
  return leased.then(openLab);
}

let leased: Promise<string> | undefined;

declare module 'vitest' {
  interface ProvidedContext {
    labs: string[];
  }
}
