import {startClock} from '../../source/simulator/embedded/clock.ts';
import {demoConfiguration} from '../../source/simulator/embedded/demo-configuration.ts';
import {writeKeys} from '../../source/simulator/embedded/key-folder.ts';
import {machineTimer} from '../../source/simulator/embedded/machine-timer.ts';
import {serveCluster} from '../../source/simulator/embedded/serve-cluster.ts';
import type {World, WorldOptions} from '../../source/simulator/world.ts';
import {settledWorld} from '../simulator/stage.ts';
import {closeAfterTest} from '../ssh/hosts.ts';
import {type Operator, openOperator} from './operator.ts';

/** Simulated seconds a second: too quick for the eye to see each state of a second or less on a busy machine; a test that looks for one is slower. */
const quick = 12;
const readMs = 200;

/**
 * A settled embedded cluster in this process, and an operator at it, until the end of the test. Where nothing but time has to pass, a test
 * lets it pass at once (`world.advance`).
 */
export async function embeddedCluster(
  more: Partial<WorldOptions> = {},
  speed = quick,
): Promise<{world: World; operator: Operator}> {
  const world = settledWorld(1, more);
  const served = closeAfterTest(await serveCluster(world));
  const keys = writeKeys(served.userKey, served.hosts);
  closeAfterTest({close: () => Promise.resolve(keys.forget())});
  const clock = startClock(world.advance, machineTimer, {speed, paused: false});
  closeAfterTest({close: () => Promise.resolve(clock.close())});
  const operator = closeAfterTest(await openOperator(demoConfiguration(served.hosts, keys), {readMs}));
  return {world, operator};
}
