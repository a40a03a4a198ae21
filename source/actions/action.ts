import type {Assessment} from '../cluster/assessment.ts';
import type {Snapshot} from '../cluster/snapshot.ts';

/**
 * One action of an operator: everything that the keys, the footer, the help, the command line and the action screen need to know of it.
 * All functions are pure; running a plan is `runAction`.
 */
export type Action = {
  id: string;
  /** The key that starts it on the Cluster screen. Never the key that confirms. */
  key: string;
  title: string;
  /** One line. */
  help: string;
  tier: Tier;
  /** Whether it can be tried at all now; the reason when it cannot. */
  available(situation: Situation): {available: true} | {available: false; reason: string};
  /** Guards, worst first. A failed one refuses the action. */
  preflight(situation: Situation): readonly Check[];
  plan(situation: Situation): Plan;
  /** Judges the outcome by the monitor alone: `before` is the situation at the moment of the start. */
  verify(before: Situation, now: Situation): Progress;
  /** What proves that the target is still the one that was confirmed; a change refuses the run. */
  identity(situation: Situation): string;
};

export type Tier = 'read' | 'reversible' | 'service' | 'destructive';

/** What an action's functions see: one snapshot, what it means, and the moment. */
export type Situation = {
  snapshot: Snapshot;
  assessment: Assessment;
  /** Milliseconds of this machine's clock. */
  now: number;
  /** `docker` prefix by host name, such as ['sudo', '-n', 'docker']. */
  docker: ReadonlyMap<string, readonly string[]>;
};

export type Check = {
  id: string;
  result: 'pass' | 'warn' | 'fail';
  /** What was checked, as a statement that holds or does not. */
  title: string;
  /** The facts behind it, with their age. */
  evidence: string;
};

export type Plan = {
  /** What it will do and mean for clients, a line each. */
  meaning: readonly string[];
  steps: readonly Step[];
  /** What a person has to type in production. */
  confirmation: string;
  /** Seconds it usually takes, and after which it is called unknown. */
  usualSeconds: number;
  budgetSeconds: number;
};

/** One command on one host: exactly what is shown, copied and run. */
export type Step = {host: string; argv: readonly string[]};

export type Progress =
  | {state: 'pending'; waitingFor: string}
  | {state: 'done'; message: string}
  | {state: 'unchanged'; message: string};
