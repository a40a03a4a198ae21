import type {Outcome} from '../cluster/problem.ts';
import {runCommand} from './command.ts';
import type {Scenario} from './scenario.ts';
import type {World} from './world.ts';

/** Sets a scenario going in a world. `played` hears of each step when it is its turn: done, or why it could not be. Returns what ends it. */
export function playScenario(world: World, scenario: Scenario, played: (step: Outcome<undefined>) => void): () => void {
  if (scenario.load !== undefined) world.faults.load(scenario.load);
  const cancels = new Map<Scenario['steps'][number], () => void>();
  for (const step of scenario.steps) {
    const times = step.times ?? (step.every === undefined ? 1 : Number.POSITIVE_INFINITY);
    const run = (count: number, milliseconds: number) => {
      const cancel = world.schedule(milliseconds, () => {
        played(runCommand(world, step.do));
        if (step.every !== undefined && count < times) run(count + 1, step.every * 1000);
      });
      cancels.set(step, cancel);
    };
    run(1, step.at * 1000);
  }
  return () => {
    for (const cancel of cancels.values()) cancel();
  };
}
