import type {ClusterConfiguration} from '../../config/configuration.ts';
import {createWorld} from '../create-world.ts';
import type {World} from '../world.ts';
import {type Clock, startClock} from './clock.ts';
import {demoConfiguration} from './demo-configuration.ts';
import {writeKeys} from './key-folder.ts';
import {machineTimer} from './machine-timer.ts';
import {serveCluster} from './serve-cluster.ts';

/** A world that can be reached over SSH, as a real cluster is, with time going on in it. */
export type EmbeddedCluster = {
  world: World;
  clock: Clock;
  /** What the console needs to find it. */
  configuration: ClusterConfiguration;
  /** Ends every server and takes the keys away. */
  close(): Promise<void>;
};

export type EmbeddedOptions = {seed: number; startAt: number; speed: number; nodesPerGroup?: number; groups?: number};

/** Raises a cluster on loopback in this thread. Needs nothing but Node. */
export async function openEmbeddedCluster(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const {seed, startAt, speed, nodesPerGroup = 3, groups = 1} = options;
  const world = createWorld({seed, startAt, nodesPerGroup, groups});
  const served = await serveCluster(world);
  const keys = writeKeys(served.userKey, served.hosts);
  const clock = startClock(world.advance, machineTimer, {speed, paused: false});
  return {
    world,
    clock,
    configuration: demoConfiguration(served.hosts, keys),
    async close() {
      clock.close();
      await served.close();
      keys.forget();
    },
  };
}
