import {clusterClock} from '../cluster/cluster-time.ts';
import type {Outcome} from '../cluster/problem.ts';
import type {KeptLock} from '../monitor/kept-lock.ts';
import type {Check, Progress, Situation, Step} from './action.ts';
import {type ActionOutcome, type ActionRun, mayRun, type StepRun, type Transition} from './action-run.ts';
import {monitorOf} from './cluster-facts.ts';
import {refusalIn} from './refusal.ts';

/** What an action needs from the outside while it runs. */
export type ActionEdges = {
  /** Runs one step to its end; calls `onLine` with each line of its output. */
  execute(step: Step, onLine: (line: string) => void): Promise<Outcome<{exitCode: number | null}>>;
  /** Keeps other consoles from acting on the same formation meanwhile. */
  lock(): Promise<KeptLock>;
  /** Writes down a run that begins, has ended or was refused. One that cannot be written down does not begin, unless forced. */
  record(run: ActionRun): Outcome<void>;
  /** The newest situation. */
  situation(): Situation;
  /** Calls the listener at every new snapshot; returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  now(): number;
  /** Called with every new state of the run. */
  onChange(run: ActionRun): void;
};

/** How the one who started a run reaches it. */
export type RunSignals = {
  /** Nothing is watched any more and no further step is begun; the run ends as it is then. */
  leave?: AbortSignal;
  /** No further step is begun. */
  stop?: AbortSignal;
};

/** How long the monitor may stay unmoved after the command has ended, and command and writes may take after it shows the end state. */
const settleMs = 3000;
const maximumOutputLines = 500;

/**
 * Runs a confirmed action and follows it on the monitor until its end state; resolves with the ended run. Before the first step the
 * preflight is made again and the target's identity compared with what was confirmed. A run whose budget is over, or whose connection
 * was lost, becomes `unknown` and goes on watching: it still ends as done when the monitor shows it.
 */
export async function runAction(
  opened: ActionRun,
  identityConfirmed: string,
  edges: ActionEdges,
  signals: RunSignals = {},
): Promise<ActionRun> {
  const {action} = opened;
  const before = edges.situation();
  // Whether a step holds is seen anew when it is its turn: what holds now may not after those before it.
  const steps = opened.steps.map((step): StepRun => ({...step, state: 'waiting'}));
  let run: ActionRun = {...opened, steps, checks: action.preflight(before), startedAt: clockOf(before)};
  const change = (more: Partial<ActionRun>) => {
    run = {...run, ...more};
    edges.onChange(run);
  };
  const end = (outcome: ActionOutcome) => {
    const endedAt = clusterClock(edges.situation().snapshot, edges.now());
    change({phase: 'ended', outcome, endedAt, waitingFor: undefined});
    return run;
  };

  const refuse = (reason: string) => {
    end({kind: 'refused', message: `${reason}; nothing was changed`});
    // It tells who tried. Where it cannot be written, nothing has happened that would have to be.
    edges.record(run);
    return run;
  };

  const refusal = refusedAtStart(run, action.identity(before) === identityConfirmed);
  if (refusal !== undefined) return refuse(refusal);
  const moves = followStates(before);
  change({phase: 'running', transitions: moves([], before)});
  const lock = await edges.lock();
  if (lock.kind === 'taken' && !run.forced) return refuse(`another console is acting on this formation: ${lock.by}`);
  const release = () => (lock.kind === 'taken' ? undefined : lock.release());
  if (signals.stop?.aborted === true || signals.leave?.aborted === true) {
    release();
    return refuse('it was stopped before its first step');
  }
  const recorded = edges.record(run);
  if (!recorded.ok && !run.forced) {
    release();
    return refuse(`the audit log cannot be written: ${recorded.problem.message}`);
  }

  const writes = measureWrites(before);
  const finished = Promise.withResolvers<Progress>();
  const lookers = new Set<() => void>();
  let stepsEndedAt: number | undefined;
  let doneAt: number | undefined;
  const look = () => {
    // What comes after the end is of a run that may not be the newest any more.
    if (run.phase === 'ended') return;
    const situation = edges.situation();
    const last = run.steps.at(-1);
    // An end state that held from the beginning is none before the steps that lead to it.
    const begun = last === undefined || last.state !== 'waiting';
    const progress: Progress = begun
      ? action.verify(before, situation, run.steps)
      : {state: 'pending', waitingFor: waitingStep(run)};
    change({
      transitions: [...run.transitions, ...moves(run.transitions, situation)],
      withoutWritesSeconds: writes(situation),
      waitingFor: progress.state === 'pending' ? progress.waitingFor : undefined,
    });
    for (const each of [...lookers]) each();
    const settled =
      stepsEndedAt !== undefined &&
      (edges.now() - stepsEndedAt >= settleMs || (progress.state !== 'done' && isRefused(run)));
    if (progress.state === 'done') doneAt ??= situation.now;
    // The command has its last words, and writes come back, before it is called done; neither is waited for for long.
    const waited = doneAt !== undefined && situation.now - doneAt >= settleMs;
    const over = (each: Progress & {state: 'done'}) =>
      stepsEndedAt !== undefined && (each.endsWrites === true || writesAreBack(before, situation));
    if (progress.state === 'done' && (waited || over(progress))) finished.resolve(progress);
    if (settled && (progress.state === 'unchanged' || stoppedEarly(run)))
      finished.resolve({state: 'unchanged', message: endedBy(run) ?? messageOf(progress)});
    const overdue = clockOf(situation) - clockOf(before) > run.plan.budgetSeconds * 1000;
    const lost = run.steps.some(step => step.state === 'unknown');
    if ((overdue || lost) && run.outcome === undefined)
      change({outcome: {kind: 'unknown', message: unknownMessage(overdue, progress)}});
  };
  const unsubscribe = edges.subscribe(look);
  signals.stop?.addEventListener('abort', () => change({stopping: true}), {once: true});
  signals.leave?.addEventListener(
    'abort',
    () => finished.resolve({state: 'pending', waitingFor: run.waitingFor ?? 'its end'}),
    {
      once: true,
    },
  );
  // What a command says after nobody watches it any more is of a run that has its outcome, and may not be the newest.
  const update = (index: number, more: Partial<StepRun>) => {
    if (run.phase === 'ended') return;
    change({steps: run.steps.map((step, each) => (each === index ? {...step, ...more} : step))});
  };
  void runSteps(() => run, update, edges, lookers).then(() => {
    stepsEndedAt = edges.now();
    look();
  });
  const progress = await finished.promise;
  unsubscribe();
  release();

  const ended = end(
    progress.state === 'done'
      ? {kind: 'done', message: progress.message}
      : progress.state === 'unchanged'
        ? {kind: 'failed', message: progress.message}
        : {
            kind: 'unknown',
            message: `it may still be under way, and was not watched to its end; waiting for ${progress.waitingFor}`,
          },
  );
  const noted = edges.record(ended);
  return noted.ok
    ? ended
    : end({...outcomeOf(ended), message: `${outcomeOf(ended).message}; the audit log could not be written`});
}

function refusedAtStart(run: ActionRun, sameTarget: boolean): string | undefined {
  if (!sameTarget) return 'the target is no longer the one that was confirmed';
  if (mayRun(run)) return undefined;
  const failed = run.checks.find(check => check.result === 'fail');
  return failed === undefined ? 'there is no way to run it from here' : `${failed.title}: ${failed.evidence}`;
}

/** Runs the steps in their order, each until what has to follow it is seen; stops at the first that does not succeed. */
async function runSteps(
  current: () => ActionRun,
  update: (index: number, more: Partial<StepRun>) => void,
  edges: ActionEdges,
  lookers: Set<() => void>,
): Promise<void> {
  for (const [index, step] of current().plan.steps.entries()) {
    if (current().stopping || current().phase === 'ended') return;
    const before = edges.situation();
    if (step.holds?.(before) === true) {
      update(index, {state: 'skipped'});
      continue;
    }
    const add = (line: string) =>
      update(index, {output: [...(current().steps[index]?.output ?? []), line].slice(-maximumOutputLines)});
    const refusal = failedCheck(step, before, current().forced);
    if (refusal !== undefined) {
      update(index, {state: 'failed'});
      add(`not started: ${refusal.title}: ${refusal.evidence}`);
      return;
    }
    update(index, {state: 'running'});
    const outcome = await edges.execute(step, add);
    if (!outcome.ok) {
      // The command may have reached the monitor before the connection was lost: only the monitor can tell.
      update(index, {state: 'unknown'});
      add(outcome.problem.message);
      if (step.until === undefined) return;
    } else {
      const {exitCode} = outcome.value;
      const tolerated = exitCode !== null && step.tolerates?.includes(exitCode) === true;
      // pg_autoctl ends alike when it has waited for long enough and when the monitor has refused it.
      const refused = refusalIn(current().steps[index]?.output ?? [])?.meaning !== undefined;
      const succeeded = exitCode === 0 || (tolerated && !refused);
      update(index, {state: succeeded ? (step.until === undefined ? 'succeeded' : 'watching') : 'failed', exitCode});
      if (!succeeded) return;
    }
    if (step.until === undefined) continue;
    const progress = await untilSettled(step.until, before, edges, lookers);
    update(index, {state: progress.state === 'done' ? 'succeeded' : 'failed'});
    if (progress.state !== 'done') {
      add(messageOf(progress));
      return;
    }
  }
}

/** Waits until what has to follow a step is seen, or until nothing has moved for a while. */
function untilSettled(
  until: NonNullable<Step['until']>,
  before: Situation,
  edges: ActionEdges,
  lookers: Set<() => void>,
): Promise<Progress> {
  const {promise, resolve} = Promise.withResolvers<Progress>();
  const since = edges.now();
  const look = () => {
    const progress = until(before, edges.situation());
    const settled = edges.now() - since >= settleMs;
    if (progress.state === 'pending' || (progress.state === 'unchanged' && !settled)) return;
    lookers.delete(look);
    resolve(progress);
  };
  lookers.add(look);
  look();
  return promise;
}

/** Forced, it goes past a failed check as at the start: not past one that is absolute. */
function failedCheck(step: Step, situation: Situation, forced: boolean): Check | undefined {
  return step.preflight?.(situation).find(check => check.result === 'fail' && (!forced || check.absolute === true));
}

/** True when steps are left that will not be begun any more. */
function stoppedEarly(run: ActionRun): boolean {
  return run.steps.some(step => step.state === 'waiting' || step.state === 'failed');
}

/** The monitor said no, in words that mean that nothing follows. */
function isRefused(run: ActionRun): boolean {
  const failed = run.steps.find(step => step.state === 'failed');
  return failed !== undefined && refusalIn(failed.output)?.meaning !== undefined;
}

/** Why the steps ended before their end: the monitor's own words and what they mean, or what the step said. */
function endedBy(run: ActionRun): string | undefined {
  const failed = run.steps.find(step => step.state === 'failed');
  const lost = run.steps.find(step => step.state === 'unknown');
  if (failed === undefined && lost !== undefined)
    return `${lost.output.at(-1) ?? `the command on ${lost.host} was lost`}; starting it again goes on there`;
  if (failed === undefined) {
    const left = run.steps.filter(step => step.state === 'waiting').length;
    return left === 0
      ? undefined
      : `stopped before its last ${left === 1 ? 'step' : `${left} steps`}; starting it again goes on there`;
  }
  const refusal = refusalIn(failed.output);
  if (refusal === undefined) return failed.exitCode === null ? failed.output.at(-1) : undefined;
  return refusal.meaning === undefined ? refusal.words : `${refusal.words}: ${refusal.meaning}`;
}

function waitingStep(run: ActionRun): string {
  const step = run.steps.find(each => each.state === 'running' || each.state === 'watching');
  return step === undefined ? 'its next step' : (step.title ?? `the command on ${step.host}`);
}

function messageOf(progress: Progress): string {
  return progress.state === 'pending' ? `waiting for ${progress.waitingFor}` : progress.message;
}

function outcomeOf(run: ActionRun): ActionOutcome {
  return run.outcome ?? {kind: 'unknown', message: 'not known'};
}

function unknownMessage(overdue: boolean, progress: Progress): string {
  const waiting = progress.state === 'pending' ? `; waiting for ${progress.waitingFor}` : '';
  return `${overdue ? 'longer than its budget' : 'the connection was lost'}: it may still be under way${waiting}`;
}

/** How the states move from here on: as the monitor's events tell, which miss none, and as its rows show. */
function followStates(
  before: Situation,
): (known: readonly Transition[], situation: Situation) => readonly Transition[] {
  let lastEvent = before.snapshot.events.at(-1)?.id ?? (monitorOf(before) === undefined ? undefined : 0);
  return (known, situation) => {
    const {events: all} = situation.snapshot;
    const from = lastEvent;
    // A monitor that is heard for the first time tells its history first.
    const events = from === undefined ? [] : all.filter(event => event.id > from);
    lastEvent = all.at(-1)?.id ?? lastEvent;
    const seen = [...events.map(event => ({...event, name: event.nodeName})), ...(monitorOf(situation)?.nodes ?? [])];
    const fresh: Transition[] = [];
    for (const {name, reportedState, assignedState} of seen) {
      const last = [...known, ...fresh].findLast(each => each.node === name);
      if (last?.reportedState === reportedState && last.assignedState === assignedState) continue;
      fresh.push({at: clockOf(situation), node: name, reportedState, assignedState});
    }
    return fresh;
  };
}

/** Writes are waited for only where they were possible before. */
function writesAreBack(before: Situation, situation: Situation): boolean {
  return situation.assessment.verdict.writable === true || before.assessment.verdict.writable !== true;
}

/** Adds up the time between two snapshots whenever writes were not proven possible at the later one. */
function measureWrites(before: Situation): (situation: Situation) => number | null {
  let total = 0;
  let last = clockOf(before);
  let lost = false;
  return situation => {
    if (situation.assessment.verdict.writable !== true) {
      total += clockOf(situation) - last;
      lost = true;
    }
    last = clockOf(situation);
    return lost ? total / 1000 : null;
  };
}

/** The cluster's own time: what it does is measured by that, which for an embedded one may run fast or stand still. */
function clockOf({snapshot, now}: Situation): number {
  return clusterClock(snapshot, now);
}
