import type {Check, Situation} from '../actions/action.ts';
import type {ActionOutcome, ActionRun, StepRun} from '../actions/action-run.ts';
import {isHarmless} from '../actions/harmless-output.ts';
import {duration} from '../cluster/duration.ts';
import {shownCommand} from '../ssh/quote.ts';

/** Plan and checks in words, what speaks against it last, where it is read first. */
export function planLines({action, plan, checks, forced}: ActionRun, {snapshot}: Situation): readonly string[] {
  const {name, formation, environment} = snapshot.cluster;
  const {change} = plan;
  const titles = {pass: 'ok  ', warn: 'warn', fail: 'FAIL'};
  const order: readonly Check['result'][] = ['pass', 'warn', 'fail'];
  const sorted = order.flatMap(result => checks.filter(check => check.result === result));
  const passable = forced && sorted.some(check => check.result === 'fail');
  return [
    `${action.title} in ${name}/${formation}${environment === undefined ? '' : `, ${environment}`}`,
    ...(change === undefined ? [] : [`  ${change.what}: ${change.from} -> ${change.to}`]),
    ...plan.meaning.map(line => `  ${line}`),
    ...plan.steps.flatMap(step => [
      ...(step.title === undefined ? [] : [`  # ${step.title}`]),
      `  on ${step.host}: ${shownCommand(step.argv)}`,
    ]),
    ...sorted.map(({result, title, evidence}) => `  ${titles[result]}  ${title}: ${evidence}`),
    ...(passable ? ['  forced past what has failed, as far as that is possible; it is written down'] : []),
  ];
}

/** How long the same thing is waited for before it is worth a line. */
const patienceMs = 3000;

/**
 * Makes what says in words what changed between two states of a run: states that moved, steps, the commands' own lines, and what is waited
 * for when that takes long. Called with the same state twice it tells only the last.
 */
export function progressLines(now: () => number): (before: ActionRun, after: ActionRun) => readonly string[] {
  let waiting: {for: string; since: number; said: boolean} | undefined;
  return (before, after) => {
    if (after.startedAt === undefined || after.phase !== 'running') return [];
    const elapsed = `${Math.max(0, (now() - after.startedAt) / 1000).toFixed(1)} s`.padStart(8);
    const moved = before.phase === 'running' ? after.transitions.slice(before.transitions.length) : [];
    if (after.waitingFor !== waiting?.for) {
      waiting = after.waitingFor === undefined ? undefined : {for: after.waitingFor, since: now(), said: false};
    }
    const late = waiting !== undefined && !waiting.said && now() - waiting.since >= patienceMs;
    if (waiting !== undefined && late) waiting.said = true;
    const unknown = after.outcome?.kind === 'unknown' && before.outcome === undefined ? [after.outcome.message] : [];
    return [
      ...after.steps.flatMap((step, index) => stepLines(before.steps[index], step, after.steps.length > 1)),
      ...moved.map(({node, reportedState, assignedState}) =>
        reportedState === assignedState ? `${node}  ${reportedState}` : `${node}  ${reportedState} -> ${assignedState}`,
      ),
      ...unknown,
      ...(late ? [`waiting for ${waiting?.for ?? ''}`] : []),
    ].map(line => `${elapsed}  ${line}`);
  };
}

function stepLines(before: StepRun | undefined, step: StepRun, several: boolean): readonly string[] {
  const known = before?.output ?? [];
  // A full output drops its first line for each new one.
  const fresh = step.output === known ? [] : step.output.slice(step.output.length > known.length ? known.length : -1);
  const words = before?.state === step.state ? undefined : stateWords(step, several);
  return [
    ...fresh.filter(line => !isHarmless(line) && !isStateTable(line)).map(line => `| ${line}`),
    ...(words === undefined ? [] : [words]),
  ];
}

/** pg_autoctl's own table of notifications, which it prints at its end when no terminal reads it: the states were told as they moved. */
function isStateTable(line: string): boolean {
  return /^\s*(\d\d:\d\d:\d\d|Time) \||^-+\+-|INFO {2}Following table displays/.test(line);
}

function stateWords(step: StepRun, several: boolean): string | undefined {
  const command = `${step.host}: ${shownCommand(step.argv)}`;
  switch (step.state) {
    case 'running':
      return command;
    case 'skipped':
      return `done before: ${step.title ?? command}`;
    case 'failed':
      return `failed${step.exitCode === null ? '' : ` with exit status ${step.exitCode}`}: ${step.title ?? command}`;
    case 'unknown':
      return `outcome not known: ${step.title ?? command}`;
    case 'succeeded':
      return several ? `done: ${step.title ?? command}` : undefined;
    default:
      return undefined;
  }
}

/** How a run ended, and what can be done about a refusal. */
export function outcomeLine({
  outcome,
  checks,
  forced,
  startedAt,
  endedAt,
  withoutWritesSeconds,
}: ActionRun): readonly string[] {
  if (outcome === undefined) return [];
  const words: Record<ActionOutcome['kind'], string> = {
    done: 'done',
    failed: 'failed',
    refused: 'refused',
    unknown: 'outcome not known',
  };
  const took =
    startedAt === undefined || endedAt === undefined || outcome.kind === 'refused'
      ? ''
      : ` after ${duration((endedAt - startedAt) / 1000)}`;
  // Each node is asked once a second: the beginning of a gap and its end are known no better.
  const writes =
    withoutWritesSeconds === null || outcome.kind === 'refused'
      ? ''
      : `, no writes for ${withoutWritesSeconds.toFixed(1)} s, give or take 1 s`;
  const failed = checks.filter(check => check.result === 'fail');
  const passable =
    outcome.kind === 'refused' && !forced && failed.length > 0 && failed.every(check => check.absolute !== true);
  return [
    `${words[outcome.kind]}${took}${writes}: ${outcome.message}`,
    ...(passable ? ['  --force goes past it, and is written down'] : []),
  ];
}
