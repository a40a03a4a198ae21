import {runCommand} from './command.ts';
import type {Scenario} from './scenario.ts';
import type {World} from './world.ts';

/** Sets a scenario going in a world. `refused` hears of steps that could not be done. Returns what ends it. */
export function playScenario(world: World, scenario: Scenario, refused: (message: string) => void): () => void {
  if (scenario.load !== undefined) world.faults.load(scenario.load);
  const cancels: (() => void)[] = [];
  for (const step of scenario.steps) {
    const times = step.times ?? (step.every === undefined ? 1 : Number.POSITIVE_INFINITY);
    const run = (count: number, milliseconds: number) => {
      const cancel = world.schedule(milliseconds, () => {
        const outcome = runCommand(world, step.do);
        if (!outcome.ok) refused(outcome.problem.message);
        if (step.every !== undefined && count < times) run(count + 1, step.every * 1000);
      });
      cancels.push(cancel);
    };
    run(1, step.at * 1000);
  }
  return () => {
    for (const cancel of cancels) cancel();
  };
}
