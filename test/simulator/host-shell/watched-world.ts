import type {World, WorldOptions} from '../../../source/simulator/world.ts';
import {settledWorld} from '../stage.ts';

/** A world that tells how many listen to it. */
export type WatchedWorld = World & {listening(): number};

export function watchedWorld(seed = 1, more: Partial<WorldOptions> = {}): WatchedWorld {
  return watched(settledWorld(seed, more));
}

export function watched(world: World): WatchedWorld {
  let listeners = 0;
  return {
    ...world,
    listen(listener) {
      const unlisten = world.listen(listener);
      listeners += 1;
      return () => {
        listeners -= 1;
        unlisten();
      };
    },
    listening: () => listeners,
  };
}
