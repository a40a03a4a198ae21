import type {ActionOutcome, ActionRun, StepRun, Transition} from '../actions/action-run.ts';
import {isHarmless} from '../actions/harmless-output.ts';
import type {Assessment} from '../cluster/assessment.ts';
import {clusterClock} from '../cluster/cluster-time.ts';
import type {Snapshot} from '../cluster/snapshot.ts';
import type {Tone} from '../terminal/style.ts';
import {shellLine} from './command-line.ts';
import {durationText, stopwatchText} from './measures.ts';
import {blankRow, cell, painted, paragraph, type Row, rowWidth, spread} from './row.ts';

const outcomeWords: Readonly<Record<ActionOutcome['kind'], {word: string; tones: readonly Tone[]}>> = {
  done: {word: '✔ done', tones: ['bold']},
  failed: {word: '✖ failed', tones: ['bold', 'danger']},
  refused: {word: '✖ refused', tones: ['bold', 'danger']},
  unknown: {word: '! outcome not known yet', tones: ['bold', 'warning']},
};

/** A run under way or ended: its stopwatch, what it waits for, each node's states over time, the command and its output; the newest output fills what is left. */
export function progressRows(
  {action, snapshot, assessment, now}: {action: ActionRun; snapshot: Snapshot; assessment: Assessment; now: number},
  columns: number,
  height: number,
): readonly Row[] {
  const paths = pathRows(action, columns, Math.max(3, height - 9));
  const commands = action.steps.flatMap(step => stepRows(step, columns));
  const countdown = assessment.verdict.countdown?.text;
  const fixed = [
    titleRow(action, clusterClock(snapshot, now), columns),
    ...situationRows(action, countdown, snapshot.time?.pace ?? 1, columns),
  ];
  const gaps = height >= fixed.length + paths.length + commands.length + 5 ? [blankRow] : [];
  const above = [...fixed, ...gaps, ...paths, ...gaps, ...commands];
  const output = action.steps.flatMap(step => step.output).slice(-Math.max(0, height - above.length));
  return [...above, ...(height > above.length ? output : []).map(outputRow)].slice(0, height);
}

function titleRow(run: ActionRun, now: number, columns: number): Row {
  const elapsed = stopwatchText((run.endedAt ?? now) - (run.startedAt ?? now));
  const state: Row =
    run.outcome === undefined
      ? [painted('running', 'bold', 'warning'), {text: ` ${elapsed}`}]
      : [
          painted(outcomeWords[run.outcome.kind].word, ...outcomeWords[run.outcome.kind].tones),
          {text: ` ${run.outcome.kind === 'refused' ? '' : `after ${elapsed}`}`},
        ];
  const {usualSeconds, budgetSeconds} = run.plan;
  const budget =
    run.phase === 'running'
      ? [painted(`usually ${durationText(usualSeconds)}, called unknown after ${durationText(budgetSeconds)} `, 'dim')]
      : [];
  const title: Row = [{text: ' '}, painted(run.action.title, 'bold'), {text: '  '}, ...state];
  return rowWidth(title) + rowWidth(budget) + 2 <= columns ? spread(title, budget, columns) : title;
}

function situationRows(run: ActionRun, countdown: string | undefined, pace: number, columns: number): readonly Row[] {
  const waiting = run.waitingFor === undefined ? undefined : `waiting for ${run.waitingFor}`;
  // What the monitor does by itself, and when, is the other half of what is waited for.
  const now =
    countdown === undefined || run.phase === 'ended' ? waiting : [waiting, countdown].filter(Boolean).join('; ');
  const words = run.outcome?.message ?? now;
  const lost = run.withoutWritesSeconds;
  const ended = run.phase === 'ended';
  const writes: Row =
    lost === null
      ? [painted(` writes ${ended ? 'were' : 'are'} possible all the time`, 'dim')]
      : [
          painted(
            ` no writes for ${lost.toFixed(1)} s${ended ? '' : ' so far'}`,
            ...(ended ? [] : (['danger'] as const)),
          ),
          // Each node is asked once a second, so the beginning of a gap and its end are known no better.
          painted(`, give or take ${Math.max(1, Math.round(pace))} s`, 'dim'),
        ];
  const tones: readonly Tone[] =
    run.outcome === undefined || run.outcome.kind === 'done' ? [] : outcomeWords[run.outcome.kind].tones;
  return [
    ...(words === undefined ? [] : paragraph(words, columns - 1, ' ', 3).map((text): Row => [painted(text, ...tones)])),
    ...(run.outcome?.kind === 'refused' ? [] : [writes]),
  ];
}

function stepRows(step: StepRun, columns: number): readonly Row[] {
  const word = {
    waiting: 'not started',
    running: 'running',
    watching: 'watching',
    skipped: 'done before',
    succeeded: `exit status ${step.exitCode ?? 0}`,
    failed: `exit status ${step.exitCode ?? '?'}`,
    unknown: 'outcome not known',
  }[step.state];
  const tones: readonly Tone[] = step.state === 'failed' || step.state === 'unknown' ? ['warning'] : ['dim'];
  const lines = paragraph(`${step.host}: ${shellLine(step.argv)}`, columns - word.length - 4, ' ');
  return lines.map(
    (text, index): Row =>
      index === 0 ? spread([{text}], [painted(`${word} `, ...tones)], columns) : [{text: `  ${text}`}],
  );
}

/** One row a node: the states it went through, and the one it is on its way to. Nodes that move come first when not all fit. */
function pathRows(run: ActionRun, columns: number, height: number): readonly Row[] {
  const names = [...new Set(run.transitions.map(transition => transition.node))];
  const nameWidth = Math.min(20, Math.max(8, ...names.map(name => name.length)));
  const paths = names.map(name => ({name, transitions: run.transitions.filter(each => each.node === name)}));
  const moved = paths.filter(({transitions}) => transitions.length > 1);
  const shown =
    paths.length <= height ? paths : [...moved, ...paths.filter(path => !moved.includes(path))].slice(0, height - 1);
  const rest = paths.length - shown.length;
  return [
    ...shown.map(
      ({name, transitions}): Row => [
        {text: ` ${cell(name, nameWidth)}  `},
        ...pathSpans(transitions, columns - nameWidth - 3, run.startedAt),
      ],
    ),
    ...(rest > 0 ? [[painted(`   ${rest} more nodes`, 'dim')]] : []),
  ];
}

/** With the seconds since the start beside each state when there is room, else without, else the newest states. */
function pathSpans(transitions: readonly Transition[], columns: number, startedAt: number | undefined): Row {
  const timed = reportedStates(
    transitions,
    transition => ` ${(Math.max(0, transition.at - (startedAt ?? transition.at)) / 1000).toFixed(1)} s`,
  );
  const plain = reportedStates(transitions, () => '');
  const last = transitions.at(-1);
  const goal: Row =
    last === undefined || last.assignedState === last.reportedState
      ? []
      : [{text: ' → '}, painted(`${last.assignedState} …`, 'warning')];
  const room = columns - rowWidth(goal);
  for (const states of [timed, plain, ...plain.map((_, index) => ['…', ...plain.slice(index + 1)])]) {
    const text = states.join(' → ');
    if (text.length <= room) return [{text}, ...goal];
  }
  return goal.slice(1);
}

function reportedStates(
  transitions: readonly Transition[],
  time: (transition: Transition) => string,
): readonly string[] {
  return transitions
    .filter((transition, index) => transition.reportedState !== transitions[index - 1]?.reportedState)
    .map((transition, index) => `${transition.reportedState}${index === 0 ? '' : time(transition)}`);
}

/** What pg_autoctl prints without meaning it steps back, so that nobody takes it for the reason of anything. */
function outputRow(line: string): Row {
  return [painted(' │ ', 'dim'), isHarmless(line) ? painted(line, 'dim') : {text: line}];
}
