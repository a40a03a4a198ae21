import type {ConsoleState} from '../console/store.ts';
import {lagMarks, worstLag} from './lag-history-marks.ts';
import {bytesCell} from './measures.ts';
import {cell, painted, type Row} from './row.ts';

const spanMs = 600_000;
const label = ' LAG 10 min';
/** Blanks between the history of one standby and that of the next. */
const gap = 4;
const narrowestSpark = 10;
const widestSpark = 60;

/** The lag history of every standby, side by side; at most `height` rows. Standbys that do not fit are those that lag least. */
export function lagRows(
  {assessment, lagHistory, now}: Pick<ConsoleState, 'assessment' | 'lagHistory' | 'now'>,
  columns: number,
  height: number,
): readonly Row[] {
  const standbys = assessment.nodes
    .filter(node => node.name !== node.primary)
    .map(node => ({name: node.name, points: lagHistory.get(node.name) ?? []}))
    .filter(({points}) => points.length > 0);
  if (standbys.length === 0 || height <= 0) return [];
  const nameWidth = Math.min(16, Math.max(...standbys.map(({name}) => name.length)));
  const fixed = nameWidth + 1 + 1 + 'max 316 MB'.length;
  const room = columns - label.length - 3;
  const perRow = Math.max(
    1,
    Math.min(Math.floor((room + gap) / (fixed + narrowestSpark + gap)), Math.ceil(standbys.length / height)),
  );
  const sparkWidth = Math.min(widestSpark, Math.floor((room - gap * (perRow - 1)) / perRow) - fixed);
  if (sparkWidth < narrowestSpark) return [];
  const shown = mostLagging(standbys, perRow * height);
  const cells = shown.map(({name, points}): Row => {
    const worst = worstLag(points);
    return [
      {text: `${cell(name, nameWidth)} `},
      {text: lagMarks(points, sparkWidth, now, spanMs)},
      painted(` max ${worst === null ? '?' : bytesCell(worst).trimEnd()}`.padEnd(fixed - nameWidth - 1), 'dim'),
    ];
  });
  return Array.from({length: Math.ceil(cells.length / perRow)}, (_, index): Row => {
    const start = painted(index === 0 ? `${label}  ` : ' '.repeat(label.length + 2), 'dim');
    return [
      start,
      ...cells
        .slice(index * perRow, (index + 1) * perRow)
        .flatMap(each => [...each, {text: ' '.repeat(gap)}])
        .slice(0, -1),
    ];
  });
}

/** As many as fit, in their own order; the ones with the worst lag when not all do. */
function mostLagging<Standby extends {points: Parameters<typeof worstLag>[0]}>(
  standbys: readonly Standby[],
  count: number,
): readonly Standby[] {
  if (standbys.length <= count) return standbys;
  const worst = [...standbys].sort((one, other) => weight(other) - weight(one)).slice(0, count);
  return standbys.filter(standby => worst.includes(standby));
}

function weight({points}: {points: Parameters<typeof worstLag>[0]}): number {
  return worstLag(points) ?? Number.POSITIVE_INFINITY;
}
