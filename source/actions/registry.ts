import type {Action} from './action.ts';
import {switchover} from './switchover.ts';

/** Every action there is: keys, footer, help and commands come out of this list. */
export const actions: readonly Action[] = [switchover];
