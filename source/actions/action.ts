import type {Assessment} from '../cluster/assessment.ts';
import type {Snapshot} from '../cluster/snapshot.ts';

/**
 * One kind of action, a record in the registry: keys, footer, help, prompt, palette, command line, completion, audit and the README's
 * table come out of it. `of` makes it concrete.
 */
export type ActionKind = {
  id: string;
  /** The key that starts it on the cluster and node screens, never the one that confirms. Kinds that share a key differ in `available`. */
  key?: string;
  /**
   * How it is typed, after `pgaf` and after `:` alike. Capitals stand for something: NODE a node, NAME a node or the monitor, N a number;
   * `on|off` for one of these words; in brackets what may be left out.
   */
  usage: string;
  title: string;
  /** One line. */
  help: string;
  /** The tier that it usually has; `Action.tier` is the one that counts. */
  tier: Tier;
  of(request: Request): Action;
  /** What its key asks for beyond the selected node; the dialog that opens says it. */
  byKey?(situation: Situation, request: Request): Request;
};

/** What a person asked for. */
export type Request = {
  /** The target: name of a node, or of the monitor's container. Absent for what concerns the whole formation. */
  node?: string;
  /** A new setting, as typed. */
  value?: string;
  /** A time, as typed: see `momentOf`. */
  since?: string;
  /** Long options of the usage that were given, without their dashes: `allow-failover`. */
  options?: readonly string[];
};

/** One action on its target. All functions are pure; running a plan is `runAction`. */
export type Action = {
  kind: ActionKind;
  request: Request;
  /** With its target: `Maintenance of pg_node2`. */
  title: string;
  tier: Tier;
  /** Whether it can be tried at all now; the reason when it cannot. */
  available(situation: Situation): Availability;
  /** Guards, in any order. A failed one refuses the action. */
  preflight(situation: Situation): readonly Check[];
  plan(situation: Situation): Plan;
  /**
   * Judges the outcome by what the cluster shows: `before` is the situation at the moment of the start. Where the cluster shows nothing of
   * it, by the steps (`byExitStatus`).
   */
  verify(before: Situation, now: Situation, steps: readonly StepResult[]): Progress;
  /** What proves that the target is still the one that was confirmed; a change refuses the run. */
  identity(situation: Situation): string;
  /** What takes it back, once it is done. */
  undo?(before: Situation): {kind: string; request: Request} | undefined;
};

export type Tier = 'read' | 'reversible' | 'service' | 'destructive';

export type Availability = {available: true} | {available: false; reason: string};

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
  /** Not even `--force` goes past it. */
  absolute?: true;
};

export type Plan = {
  /** What it will do and mean for clients, a line each. */
  meaning: readonly string[];
  steps: readonly Step[];
  /** The name that a service action asks to be typed in production. */
  confirmation: string;
  /** Old and new value of a setting. */
  change?: {what: string; from: string; to: string};
  /** Seconds it usually takes, and after which it is called unknown. */
  usualSeconds: number;
  budgetSeconds: number;
};

/** One command on one host: exactly what is shown, copied and run. The rest makes it part of a procedure that can be left and resumed. */
export type Step = {
  host: string;
  argv: readonly string[];
  /** What it is for, where the command does not say. */
  title?: string;
  /** What it reads on its standard input: secrets, which are shown, logged and written down nowhere. */
  input?: string;
  /** It is left out when this holds: what was done before is not done again. */
  holds?(situation: Situation): boolean;
  /** Guards at the moment before it runs; a failed one stops the procedure there. */
  preflight?(situation: Situation): readonly Check[];
  /** What has to be seen after the command before the next step begins; `before` is the moment at which this step began. */
  until?(before: Situation, now: Situation): Progress;
  /** Exit statuses that are no failure, beside 0: `pg_autoctl perform` times out while the change goes on. */
  tolerates?: readonly number[];
};

/** How a step ended, or that it has not. */
export type StepResult = {
  /** `skipped`: what it does held already. `watching`: the command has ended, what has to be seen after it is not there yet. */
  state: 'waiting' | 'running' | 'watching' | 'succeeded' | 'skipped' | 'failed' | 'unknown';
  exitCode: number | null;
};

export type Progress =
  | {state: 'pending'; waitingFor: string}
  /** `endsWrites`: it is meant to, so they are not waited for. */
  | {state: 'done'; message: string; endsWrites?: true}
  | {state: 'unchanged'; message: string};
