import type {Check, Plan, Step} from '../actions/action.ts';
import {type ActionRun, confirmationOf, mayRun} from '../actions/action-run.ts';
import type {ClusterIdentity} from '../cluster/snapshot.ts';
import type {Tone} from '../terminal/style.ts';
import {shellLine} from './command-line.ts';
import {blankRow, painted, paragraph, type Row, rowWidth} from './row.ts';

/** How much of a confirmation shows. What will run, what speaks against it and how to answer always do. */
type Detail = {
  blanks: boolean;
  meaning: number;
  passed: 'evidence' | 'titles' | 'sentence' | 'count';
  warnedEvidence: number;
};

const details: readonly Detail[] = [
  {blanks: true, meaning: 4, passed: 'evidence', warnedEvidence: 3},
  {blanks: true, meaning: 3, passed: 'titles', warnedEvidence: 3},
  {blanks: false, meaning: 3, passed: 'titles', warnedEvidence: 2},
  {blanks: true, meaning: 3, passed: 'sentence', warnedEvidence: 3},
  {blanks: false, meaning: 3, passed: 'sentence', warnedEvidence: 3},
  {blanks: true, meaning: 2, passed: 'count', warnedEvidence: 2},
  {blanks: false, meaning: 2, passed: 'count', warnedEvidence: 2},
  {blanks: false, meaning: 1, passed: 'count', warnedEvidence: 1},
  {blanks: false, meaning: 1, passed: 'count', warnedEvidence: 0},
];

/** The confirmation of an action, from the richest form to the leanest. */
export function confirmAttempts(
  run: ActionRun,
  cluster: ClusterIdentity,
  columns: number,
): ReadonlyArray<readonly Row[]> {
  return details.map(detail => confirmRows(run, cluster, columns, detail));
}

function confirmRows(run: ActionRun, cluster: ClusterIdentity, columns: number, detail: Detail): readonly Row[] {
  const gap = detail.blanks ? [blankRow] : [];
  return [
    [{text: ' '}, painted(run.action.title, 'bold'), {text: `  ${run.action.kind.help}`}],
    ...changeRows(run.plan.change),
    ...gap,
    ...run.plan.meaning
      .slice(0, detail.meaning)
      .flatMap(line => paragraph(line, columns - 1, ' ', detail.meaning === 1 ? 1 : 3))
      .map((text): Row => [{text}]),
    ...gap,
    ...commandRows(run.plan.steps, columns),
    ...gap,
    ...checkRows(run.checks, columns, detail),
    ...gap,
    ...promptRows(run, cluster, columns),
  ];
}

function changeRows(change: Plan['change']): readonly Row[] {
  if (change === undefined) return [];
  return [[{text: ` ${change.what}: ${change.from} `}, {text: '→'}, painted(` ${change.to}`, 'bold')]];
}

/** Host and command as they will run, never shortened: this is what is confirmed. What it is for stands behind, where there is room. */
function commandRows(steps: readonly Step[], columns: number): readonly Row[] {
  if (steps.length === 0) return [[painted(' nothing can be run: no step is known', 'warning')]];
  return steps.flatMap((step): readonly Row[] => {
    const host = painted(` on ${step.host}: `, 'dim');
    const command = shellLine(step.argv);
    const withNote = (row: Row): Row => {
      const noted = step.title === undefined ? row : [...row, painted(`  # ${step.title}`, 'dim')];
      return rowWidth(noted) <= columns ? noted : row;
    };
    const oneRow: Row = [host, painted(command, 'bold')];
    if (rowWidth(oneRow) <= columns) return [withNote(oneRow)];
    return [withNote([host]), ...paragraph(command, columns - 1, '   ').map((text): Row => [painted(text, 'bold')])];
  });
}

const checkMarks: Readonly<Record<Check['result'], {mark: string; tones: readonly Tone[]}>> = {
  fail: {mark: '✖', tones: ['danger', 'bold']},
  warn: {mark: '!', tones: ['warning', 'bold']},
  pass: {mark: '✔', tones: []},
};

function checkRows(checks: readonly Check[], columns: number, detail: Detail): readonly Row[] {
  const passed = checks.filter(check => check.result === 'pass');
  const others = checks.filter(check => check.result !== 'pass');
  return [
    ...others.flatMap(check => checkWithEvidence(check, columns, detail.warnedEvidence)),
    ...passedRows(passed, columns, detail),
  ];
}

function checkWithEvidence(check: Check, columns: number, evidenceRows: number): readonly Row[] {
  return [
    ...paragraph(check.title, columns - 4).map(
      (text, index): Row => [...markSpans(check, index), painted(text, ...checkMarks[check.result].tones)],
    ),
    ...paragraph(check.evidence, columns - 1, '     ', evidenceRows).map((text): Row => [{text}]),
  ];
}

function passedRows(checks: readonly Check[], columns: number, detail: Detail): readonly Row[] {
  if (checks.length === 0) return [];
  if (detail.passed === 'count' || detail.passed === 'sentence') {
    const count = `${checks.length} other check${checks.length === 1 ? '' : 's'} passed`;
    const words = detail.passed === 'count' ? count : `${count}: ${checks.map(check => check.title).join('; ')}`;
    return paragraph(words, columns - 4).map(
      (text, index): Row => [...markSpans({result: 'pass'}, index), painted(text, 'dim')],
    );
  }
  return checks.map((check): Row => {
    const evidence = detail.passed === 'evidence' ? [painted(`  ${check.evidence}`, 'dim')] : [];
    const [title = ''] = paragraph(check.title, columns - 4, '', 1);
    return [...markSpans(check, 0), {text: title}, ...evidence];
  });
}

function markSpans({result}: Pick<Check, 'result'>, index: number): Row {
  const {mark, tones} = checkMarks[result];
  return [{text: ' '}, painted(index === 0 ? mark : ' ', ...tones), {text: ' '}];
}

function promptRows(run: ActionRun, cluster: ClusterIdentity, columns: number): readonly Row[] {
  if (!mayRun(run)) {
    const failed = run.checks.filter(check => check.result === 'fail').length;
    return paragraph(
      `Refused: ${failed === 1 ? 'one check' : `${failed} checks`} failed. Nothing was started; esc goes back.`,
      columns - 1,
      ' ',
    ).map(text => [painted(text, 'danger', 'bold')]);
  }
  const expected = confirmationOf(run, cluster);
  const wrong = !expected.startsWith(run.typed);
  return [
    [
      {text: ' Type '},
      painted(expected, 'bold'),
      {text: ' and press enter to start it: '},
      painted(run.typed, ...(wrong ? (['warning'] as const) : (['bold'] as const))),
      painted(' ', 'inverse'),
      ...(wrong
        ? [painted('  does not match', 'warning')]
        : run.typed === ''
          ? [painted(run.armed ? '  (anything else: no)' : '  (read it first)', 'dim')]
          : []),
    ],
  ];
}
