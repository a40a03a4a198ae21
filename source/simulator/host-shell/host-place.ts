import type {ContainerPrograms} from '../program.ts';
import type {World} from '../world.ts';

/** A host of the world, as the programs on it see it. */
export type HostPlace = {
  world: World;
  host: string;
  /** What runs inside containers. */
  programs: ContainerPrograms;
};
