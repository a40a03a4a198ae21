import type {ReplicationState} from '../cluster/replication-state.ts';
import type {Action, Check, Plan} from './action.ts';

/** The life of one action, from the key to its outcome; immutable, replaced at every change. Times are this machine's clock in ms. */
export type ActionRun = {
  action: Action;
  phase: 'confirm' | 'running' | 'ended';
  checks: readonly Check[];
  plan: Plan;
  /** What the person has typed so far into the confirmation. */
  typed: string;
  openedAt: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** The step under way, its output so far and how it ended. */
  steps: readonly StepRun[];
  /** How each node's states moved since the start, oldest first. */
  transitions: readonly Transition[];
  waitingFor: string | undefined;
  /** Seconds without a proven writable primary since the start; null when none was lost. */
  withoutWritesSeconds: number | null;
  outcome: ActionOutcome | undefined;
};

export type StepRun = {
  host: string;
  argv: readonly string[];
  state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'unknown';
  exitCode: number | null;
  output: readonly string[];
};

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

/** True when every check lets the action go on. */
export function allowed(checks: readonly Check[]): boolean {
  return checks.every(check => check.result !== 'fail');
}
