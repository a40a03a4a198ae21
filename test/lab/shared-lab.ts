import {inject} from 'vitest';
import {type Lab, openLab} from './lab.ts';

/** The lab of this run of the tests, raised by global-setup.ts. Each test leaves it at rest: `await lab.restore()`. */
export function sharedLab(): Lab {
  return openLab(inject('lab'));
}

declare module 'vitest' {
  interface ProvidedContext {
    lab: string;
  }
}
