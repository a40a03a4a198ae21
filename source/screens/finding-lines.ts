import type {Assessment, Finding, Severity} from '../cluster/assessment.ts';
import type {Tone} from '../terminal/style.ts';
import {painted, paragraph, type Row, rowWidth} from './row.ts';

/** How a severity looks: a mark that reads without colour, and a colour. */
export const severityMarks: Readonly<Record<Severity, {mark: string; tone: Tone}>> = {
  critical: {mark: '!!', tone: 'danger'},
  warning: {mark: '! ', tone: 'warning'},
  info: {mark: '· ', tone: 'plain'},
};

type Detail = 'title' | 'wrapped' | 'brief' | 'full';

/**
 * The findings, worst first, in at most `height` rows: all of them in full if there is room, else the worst in full and the others by
 * their titles, else one of each kind, as many as fit, and the number of the rest.
 */
export function findingRows(
  {findings, verdict}: Pick<Assessment, 'findings' | 'verdict'>,
  columns: number,
  height: number,
): readonly Row[] {
  if (height <= 0) return [];
  if (findings.length === 0) {
    return [[painted(verdict.level === 'unknown' ? ' nothing can be judged yet' : ' no findings', 'dim')]];
  }
  const attempts: ReadonlyArray<readonly [first: Detail, others: Detail]> = [
    ['full', 'full'],
    ['full', 'brief'],
    ['full', 'title'],
    ['brief', 'title'],
    ['wrapped', 'title'],
  ];
  for (const [first, others] of findings.length > height ? [] : attempts) {
    const rows = findings.flatMap((finding, index) => oneFinding(finding, columns, index === 0 ? first : others));
    if (rows.length <= height) return rows;
  }
  return someFindings(byKind(findings), columns, height);
}

/** One finding: its title, on two rows if need be unless it is `title`; with `brief` also what to do; with `full` also all that speaks for it. */
export function oneFinding(finding: Finding, columns: number, detail: Detail): readonly Row[] {
  const {mark, tone} = severityMarks[finding.severity];
  const indent = ' '.repeat(4);
  const title = paragraph(finding.title, columns - 5, '', detail === 'title' ? 1 : 2);
  const titleRows = title.map((line, index): Row => {
    const row: Row = [
      ...(index === 0 ? [{text: ' '}, painted(`${mark} `, 'bold', tone)] : [{text: indent}]),
      painted(line, tone),
    ];
    const code = painted(`  ${finding.code}`, 'dim');
    // The code is for looking it up: it never takes room from the words.
    return index === title.length - 1 && rowWidth([...row, code]) < columns ? [...row, code] : row;
  });
  if (detail === 'title' || detail === 'wrapped') return titleRows;
  const evidence =
    detail === 'full' && finding.severity !== 'info'
      ? finding.evidence.flatMap(line => paragraph(line, columns, indent, 2))
      : [];
  return [
    ...titleRows,
    ...evidence.map((text): Row => [painted(text, 'dim')]),
    ...remedyRows(finding, columns, indent),
  ];
}

function remedyRows({remedy}: Finding, columns: number, indent: string): readonly Row[] {
  return remedy === '' ? [] : paragraph(`do: ${remedy}`, columns, indent, 3).map(text => [{text}]);
}

/** Findings of one kind: the worst of them stands for all. */
type Kind = {worst: Finding; count: number};

function byKind(findings: readonly Finding[]): readonly Kind[] {
  const kinds = Map.groupBy(findings, finding => `${finding.severity} ${finding.code}`);
  return [...kinds.values()].flatMap(alike => alike.slice(0, 1).map(worst => ({worst, count: alike.length})));
}

/** The worst with what to do if that fits, titles of the next, and how many there are more. */
function someFindings(kinds: readonly Kind[], columns: number, height: number): readonly Row[] {
  const worst = kinds.slice(0, 1).flatMap(kind => oneKind(kind, columns, 'full'));
  const withWorst = worst.length < height;
  const room = withWorst ? height - worst.length : height;
  const others = kinds.slice(withWorst ? 1 : 0);
  const shown = others.slice(0, others.length <= room ? room : Math.max(withWorst ? 0 : 1, room - 1));
  const rest = others.slice(shown.length).reduce((sum, kind) => sum + kind.count, 0);
  return [
    ...(withWorst ? worst : []),
    ...shown.flatMap(kind => oneKind(kind, columns, 'title')),
    ...(rest > 0 ? [[painted(`    +${rest} more`, 'dim')]] : []),
  ].slice(0, height);
}

function oneKind({worst, count}: Kind, columns: number, detail: 'title' | 'full'): readonly Row[] {
  if (count === 1) return oneFinding(worst, columns, detail);
  const alike: Row = [painted(`  and ${count - 1} more of this kind`, 'dim')];
  const title = oneFinding(worst, columns - rowWidth(alike), 'title').map(row => [...row, ...alike]);
  return detail === 'full' ? [...title, ...remedyRows(worst, columns, '    ')] : title;
}
