import type {Progress, StepResult} from './action.ts';

/** The outcome of an action of which the cluster shows nothing: its commands have ended well. */
export function byExitStatus(steps: readonly StepResult[]): Progress {
  const failed = steps.find(step => step.state === 'failed');
  if (failed !== undefined)
    return {state: 'unchanged', message: `the command ended with status ${failed.exitCode ?? '?'}`};
  const ended = steps.every(step => step.state === 'succeeded' || step.state === 'skipped');
  return ended
    ? {state: 'done', message: 'the command ended with status 0'}
    : {state: 'pending', waitingFor: 'the command to end'};
}
