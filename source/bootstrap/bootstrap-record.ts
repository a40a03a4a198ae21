import type {StepResult} from '../actions/action.ts';
import {good, type Outcome} from '../cluster/problem.ts';
import {titleOf} from './apply.ts';
import type {HostCheck} from './host-check.ts';
import type {BootstrapStep} from './plan.ts';

/** A bootstrap that is made, or was, as it is written down. Times are in ms. */
export type BootstrapRecord = {
  /** What it was told beyond the configuration: `rebuild-monitor`. */
  options: readonly string[];
  /** It goes on also where it cannot be written down. */
  forced: boolean;
  checks: readonly HostCheck[];
  steps: readonly {step: BootstrapStep; state: StepResult['state']}[];
  startedAt: number;
  ended?: {at: number; outcome: Outcome<void>};
};

/** Follows a bootstrap from before its first step to its end, and writes it down at both. Without a step there is nothing to write. */
export function recordSteps(
  {steps, ...what}: Pick<BootstrapRecord, 'options' | 'forced' | 'checks'> & {steps: readonly BootstrapStep[]},
  write: (record: BootstrapRecord) => Outcome<void>,
  now: () => number,
): {
  begin(): Outcome<void>;
  /** How far a step is: one of the plan, or one that could only be seen later. */
  note(step: BootstrapStep, state: StepResult['state']): void;
  end(outcome: Outcome<void>): Outcome<void>;
} {
  let record: BootstrapRecord = {...what, startedAt: now(), steps: steps.map(step => ({step, state: 'waiting'}))};
  const writeIt = () => (steps.length === 0 ? good(undefined) : write(record));
  return {
    begin: writeIt,
    note(step, state) {
      const others = record.steps.filter(each => titleOf(each.step) !== titleOf(step));
      record = {...record, steps: [...others, {step, state}]};
    },
    end(outcome) {
      record = {...record, ended: {at: now(), outcome}};
      return writeIt();
    },
  };
}
