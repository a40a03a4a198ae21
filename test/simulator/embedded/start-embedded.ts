import type {Setup} from '../../../source/simulator/embedded/message.ts';
import {type EmbeddedThread, startEmbeddedThread} from '../../../source/simulator/embedded/start-thread.ts';

const program = new URL('../../../source/simulator/embedded/thread.ts', import.meta.url);

/** The thread of a healthy embedded cluster of three nodes in real time, unless told otherwise. */
export function startEmbedded(more: Partial<Setup> = {}): Promise<EmbeddedThread> {
  return startEmbeddedThread(program, {
    kind: 'pgaf embedded cluster',
    seed: 1,
    startAt: Date.now(),
    speed: 1,
    paused: false,
    nodesPerGroup: 3,
    groups: 1,
    scenario: {name: 'healthy', title: 'All is well', steps: []},
    drill: false,
    ...more,
  });
}
