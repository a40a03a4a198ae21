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
 * their titles, else as many titles as fit and the number of the rest.
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
  for (const [first, others] of attempts) {
    const rows = findings.flatMap((finding, index) => oneFinding(finding, columns, index === 0 ? first : others));
    if (rows.length <= height) return rows;
  }
  return someFindings(findings, columns, height);
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
  const remedy = finding.remedy === '' ? [] : paragraph(`do: ${finding.remedy}`, columns, indent, 3);
  return [...titleRows, ...evidence.map((text): Row => [painted(text, 'dim')]), ...remedy.map((text): Row => [{text}])];
}

/** The worst with what to do if that fits, titles of the next, and how many there are more. */
function someFindings(findings: readonly Finding[], columns: number, height: number): readonly Row[] {
  const titles = findings.map(finding => oneFinding(finding, columns, 'title'));
  const shown = findings.length <= height ? findings.length : Math.max(1, height - 1);
  const worst = findings.slice(0, 1).flatMap(finding => oneFinding(finding, columns, 'full'));
  const others = Math.min(findings.length - 1, height - worst.length - 1);
  const rows = others >= 0 ? [...worst, ...titles.slice(1, 1 + others).flat()] : titles.slice(0, shown).flat();
  const rest = findings.length - (others >= 0 ? 1 + others : shown);
  return [...rows, ...(rest > 0 ? [[painted(`    +${rest} more`, 'dim')]] : [])].slice(0, height);
}
