import type {Check, StepResult} from '../actions/action.ts';
import {good, type Outcome} from '../cluster/problem.ts';
import {titleOf} from './apply.ts';
import type {BootstrapStep} from './plan.ts';

/** A bootstrap that is made, was made or was refused, as it is written down. Times are in ms. */
export type BootstrapRecord = {
  /** What it was told beyond the configuration, as it is typed: `rebuild-monitor`. */
  options: readonly string[];
  /** It goes on also where it cannot be written down, and while another console acts. */
  forced: boolean;
  /** Of the hosts, and of the actions that were asked for with it. */
  checks: readonly (Check & {host?: string})[];
  steps: readonly {step: BootstrapStep; state: StepResult['state']}[];
  startedAt: number;
  ended?: {at: number; how: {kind: 'done'} | {kind: 'failed' | 'refused'; message: string}};
};

/**
 * Follows a bootstrap from before its first step to its end, and writes it down at both; without a step there is nothing to write. One that is
 * refused is written down once, whatever it would have made.
 */
export function recordSteps(
  {steps, ...what}: Pick<BootstrapRecord, 'options' | 'forced' | 'checks'> & {steps: readonly BootstrapStep[]},
  write: (record: BootstrapRecord) => Outcome<void>,
  now: () => number,
): {
  begin(): Outcome<void>;
  /** How far a step is: one of the plan, or one that could only be seen later. */
  note(step: BootstrapStep, state: StepResult['state']): void;
  end(outcome: Outcome<void>): Outcome<void>;
  refuse(reason: string): Outcome<void>;
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
      const how = outcome.ok ? {kind: 'done' as const} : {kind: 'failed' as const, message: outcome.problem.message};
      record = {...record, ended: {at: now(), how}};
      return writeIt();
    },
    refuse: reason =>
      write({...record, ended: {at: now(), how: {kind: 'refused', message: `${reason}; nothing was changed`}}}),
  };
}
