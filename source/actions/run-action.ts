import type {Outcome} from '../cluster/problem.ts';
import {current} from '../cluster/sample.ts';
import type {Action, Progress, Situation, Step} from './action.ts';
import {type ActionOutcome, type ActionRun, allowed, type StepRun, type Transition} from './action-run.ts';

/** What an action needs from the outside while it runs. */
export type ActionEdges = {
  /** Runs one step to its end; calls `onLine` with each line of its output. */
  execute(step: Step, onLine: (line: string) => void): Promise<Outcome<{exitCode: number | null}>>;
  /** The newest situation. */
  situation(): Situation;
  /** Calls the listener at every new snapshot; returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  now(): number;
  /** Called with every new state of the run. */
  onChange(run: ActionRun): void;
};

/** How long the monitor may stay unmoved after the command has ended, and writes away after the monitor shows the end state. */
const settleMs = 3000;
const maximumOutputLines = 500;

/** The first state of a run: preflight and plan, nothing started. */
export function openAction(action: Action, situation: Situation): ActionRun {
  const plan = action.plan(situation);
  return {
    action,
    phase: 'confirm',
    checks: action.preflight(situation),
    plan,
    typed: '',
    openedAt: situation.now,
    startedAt: undefined,
    endedAt: undefined,
    steps: plan.steps.map(step => ({...step, state: 'waiting', exitCode: null, output: []})),
    transitions: [],
    waitingFor: undefined,
    withoutWritesSeconds: null,
    outcome: undefined,
  };
}

/**
 * Runs a confirmed action and follows it on the monitor until its end state; resolves with the ended run. Before the first step the
 * preflight is made again and the target's identity compared with what was confirmed. A run whose budget is over, or whose connection
 * was lost, becomes `unknown` and goes on watching: it still ends as done when the monitor shows it.
 */
export async function runAction(
  opened: ActionRun,
  identityConfirmed: string,
  edges: ActionEdges,
  signal?: AbortSignal,
): Promise<ActionRun> {
  const {action} = opened;
  const before = edges.situation();
  let run: ActionRun = {...opened, checks: action.preflight(before), startedAt: before.now};
  const change = (more: Partial<ActionRun>) => {
    run = {...run, ...more};
    edges.onChange(run);
  };
  const end = (outcome: ActionOutcome) => {
    change({phase: 'ended', outcome, endedAt: edges.now(), waitingFor: undefined});
    return run;
  };

  if (action.identity(before) !== identityConfirmed) {
    return end({kind: 'refused', message: 'the target is no longer the one that was confirmed; nothing was changed'});
  }
  if (!allowed(run.checks)) {
    const failed = run.checks.find(check => check.result === 'fail');
    return end({
      kind: 'refused',
      message: `${failed?.title ?? 'a check failed'}: ${failed?.evidence ?? ''}; nothing was changed`,
    });
  }
  change({phase: 'running', transitions: firstTransitions(before)});

  const writes = measureWrites(before);
  const finished = Promise.withResolvers<Progress>();
  let commandEndedAt: number | undefined;
  let doneAt: number | undefined;
  const look = () => {
    const situation = edges.situation();
    const progress = action.verify(before, situation);
    change({
      transitions: [...run.transitions, ...newTransitions(run.transitions, situation)],
      withoutWritesSeconds: writes(situation),
      waitingFor: progress.state === 'pending' ? progress.waitingFor : undefined,
    });
    if (run.steps.every(step => step.state !== 'waiting' && step.state !== 'running')) commandEndedAt ??= edges.now();
    const settled = commandEndedAt !== undefined && edges.now() - commandEndedAt >= settleMs;
    if (progress.state === 'done') doneAt ??= situation.now;
    const waitedForWrites = doneAt !== undefined && situation.now - doneAt >= settleMs;
    if (progress.state === 'done' && (writesAreBack(situation) || waitedForWrites)) finished.resolve(progress);
    if (progress.state === 'unchanged' && settled) finished.resolve(progress);
    const overdue = situation.now - before.now > run.plan.budgetSeconds * 1000;
    const lost = run.steps.some(step => step.state === 'unknown');
    if ((overdue || lost) && run.outcome === undefined) {
      change({outcome: {kind: 'unknown', message: unknownMessage(overdue, progress)}});
    }
  };
  const unsubscribe = edges.subscribe(look);
  signal?.addEventListener('abort', () => finished.resolve({state: 'pending', waitingFor: 'nothing: it was left'}), {
    once: true,
  });
  void runSteps(run, change, edges).then(look);
  const progress = await finished.promise;
  unsubscribe();

  if (progress.state === 'done') return end({kind: 'done', message: progress.message});
  if (progress.state === 'unchanged') return end({kind: 'failed', message: progress.message});
  return end({kind: 'unknown', message: progress.waitingFor});
}

/** Runs the steps in their order; stops at the first that does not succeed. */
async function runSteps(run: ActionRun, change: (more: Partial<ActionRun>) => void, edges: ActionEdges): Promise<void> {
  let steps: readonly StepRun[] = run.steps;
  const update = (index: number, more: Partial<StepRun>) => {
    steps = steps.map((step, each) => (each === index ? {...step, ...more} : step));
    change({steps});
  };
  for (const [index, step] of run.plan.steps.entries()) {
    update(index, {state: 'running'});
    const outcome = await edges.execute(step, line => {
      const output = [...(steps[index]?.output ?? []), line].slice(-maximumOutputLines);
      update(index, {output});
    });
    if (!outcome.ok) {
      // The command may have reached the monitor before the connection was lost: only the monitor can tell.
      update(index, {state: 'unknown', output: [...(steps[index]?.output ?? []), outcome.problem.message]});
      return;
    }
    const succeeded = outcome.value.exitCode === 0;
    update(index, {state: succeeded ? 'succeeded' : 'failed', exitCode: outcome.value.exitCode});
    if (!succeeded) return;
  }
}

function unknownMessage(overdue: boolean, progress: Progress): string {
  const waiting = progress.state === 'pending' ? `; waiting for ${progress.waitingFor}` : '';
  return `${overdue ? 'longer than its budget' : 'the connection was lost'}: it may still be under way${waiting}`;
}

function firstTransitions(situation: Situation): readonly Transition[] {
  return newTransitions([], situation);
}

function newTransitions(known: readonly Transition[], situation: Situation): readonly Transition[] {
  const reading = current(situation.snapshot.monitor);
  if (reading === undefined) return [];
  return reading.nodes.flatMap(node => {
    const last = known.findLast(each => each.node === node.name);
    if (last?.reportedState === node.reportedState && last.assignedState === node.assignedState) return [];
    return [{at: situation.now, node: node.name, reportedState: node.reportedState, assignedState: node.assignedState}];
  });
}

function writesAreBack(situation: Situation): boolean {
  return situation.assessment.verdict.writable === true;
}

/** Adds up the time between two snapshots whenever writes were not proven possible at the later one. */
function measureWrites(before: Situation): (situation: Situation) => number | null {
  let total = 0;
  let last = before.now;
  let lost = false;
  return situation => {
    if (situation.assessment.verdict.writable !== true) {
      total += situation.now - last;
      lost = true;
    }
    last = situation.now;
    return lost ? total / 1000 : null;
  };
}
