import {inject} from 'vitest';
import {type Lab, openLab} from './lab.ts';

/** The lab of this worker, raised by global-setup.ts. Each test leaves it at rest: `await lab.restore()`. */
export function sharedLab(): Lab {
  const labs = inject('labs');
  const name = labs[Number(process.env.VITEST_POOL_ID) - 1];
  if (name === undefined) throw new Error(`worker ${process.env.VITEST_POOL_ID} has no lab: ${labs.join(', ')}`);
  return openLab(name);
}

declare module 'vitest' {
  interface ProvidedContext {
    labs: string[];
  }
}
