import type {ReplicationState} from '../cluster/replication-state.ts';
import type {Action, Check, Plan, Request, Situation, Step, StepResult} from './action.ts';

/** The life of one action, from the key to its outcome; immutable, replaced at every change. Times are in ms, those of its course by the cluster's own clock. */
export type ActionRun = {
  action: Action;
  phase: 'confirm' | 'running' | 'ended';
  checks: readonly Check[];
  /** Asked to go past failed checks; audited. */
  forced: boolean;
  plan: Plan;
  /** What takes it back once it is done, as told before it began: the old value is known only then. */
  undo: {kind: string; request: Request} | undefined;
  /** What the person has typed so far into the confirmation. */
  typed: string;
  /** By this machine's clock, as keys are. */
  openedAt: number;
  /** What is confirmed has been in sight for long enough to be read: what is typed counts. */
  armed: boolean;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** The steps, each with its output so far and how it ended. */
  steps: readonly StepRun[];
  /** Asked to end before its next step. */
  stopping: boolean;
  /** How each node's states moved since the start, oldest first. */
  transitions: readonly Transition[];
  waitingFor: string | undefined;
  /** Seconds without a proven writable primary since the start; null when none was lost. */
  withoutWritesSeconds: number | null;
  outcome: ActionOutcome | undefined;
};

export type StepRun = Pick<Step, 'host' | 'argv' | 'title'> & StepResult & {output: readonly string[]};

export type Transition = {
  at: number;
  node: string;
  reportedState: ReplicationState;
  assignedState: ReplicationState;
};

/** `unknown` is not `failed`: the change may still be under way, and the run goes on watching the monitor. */
export type ActionOutcome =
  | {kind: 'done'; message: string}
  | {kind: 'failed'; message: string}
  | {kind: 'refused'; message: string}
  | {kind: 'unknown'; message: string};

/** The first state of a run: preflight and plan, nothing started. */
export function openAction(action: Action, situation: Situation, forced = false): ActionRun {
  const plan = action.plan(situation);
  return {
    action,
    phase: 'confirm',
    checks: action.preflight(situation),
    forced,
    plan,
    undo: action.undo?.(situation),
    typed: '',
    openedAt: situation.now,
    armed: false,
    startedAt: undefined,
    endedAt: undefined,
    steps: plan.steps.map(step => ({
      host: step.host,
      argv: step.argv,
      ...(step.title === undefined ? {} : {title: step.title}),
      state: step.holds?.(situation) === true ? 'skipped' : 'waiting',
      exitCode: null,
      output: [],
    })),
    stopping: false,
    transitions: [],
    waitingFor: undefined,
    withoutWritesSeconds: null,
    outcome: undefined,
  };
}

/** A run that never begins. */
export function refusedRun(run: ActionRun, message: string): ActionRun {
  return {...run, phase: 'ended', outcome: {kind: 'refused', message}, endedAt: run.openedAt};
}

/** True when the checks let the run go on: none failed, or it is forced past those that can be. Without a step there is nothing to run. */
export function mayRun({checks, forced, plan}: Pick<ActionRun, 'checks' | 'forced' | 'plan'>): boolean {
  const failed = checks.filter(check => check.result === 'fail');
  return plan.steps.length > 0 && (failed.length === 0 || (forced && failed.every(check => check.absolute !== true)));
}

/** What has to be typed before it runs. Past a failed check it is always the name. */
export function confirmationOf(
  {action, plan, checks}: Pick<ActionRun, 'action' | 'plan' | 'checks'>,
  cluster: {name: string; environment: string | undefined},
): string {
  const overridden = checks.some(check => check.result === 'fail');
  if (action.tier === 'destructive') return `${cluster.name}/${plan.confirmation}`;
  if (overridden || (action.tier === 'service' && cluster.environment === 'production')) return plan.confirmation;
  return 'y';
}
