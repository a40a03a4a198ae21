import type {LagPoint} from '../console/store.ts';
import {marksFor} from '../terminal/marks.ts';
import {sparkline} from '../widgets/sparkline.ts';

/** Lag that each mark stands for at most, in bytes: a mark means the same everywhere, and one above the middle is too far behind to be promoted. */
const steps = [131_072, 1_048_576, 4_194_304, 16_777_216, 134_217_728, 1_073_741_824, 8_589_934_592];
const {levels} = marksFor(true);

/** The lag of the last `spanMs` in `columns` marks, the newest at the right: each shows the worst lag of its part, blank is not known. */
export function lagMarks(points: readonly LagPoint[], columns: number, now: number, spanMs: number): string {
  const worst = Array.from({length: columns}, (): number | null => null);
  for (const {at, bytes} of points) {
    const part = columns - 1 - Math.floor((Math.max(0, now - at) / spanMs) * columns);
    if (part >= 0 && bytes !== null) worst[part] = Math.max(worst[part] ?? 0, bytes);
  }
  const values = worst.map(bytes => (bytes === null ? null : levelOf(bytes)));
  return sparkline(values, {width: columns, levels, ceiling: levels.length - 1});
}

/** The worst lag of the points; null when it was never known. */
export function worstLag(points: readonly LagPoint[]): number | null {
  return points.reduce<number | null>(
    (worst, {bytes}) => (bytes === null ? worst : worst === null ? bytes : Math.max(worst, bytes)),
    null,
  );
}

function levelOf(bytes: number): number {
  const level = steps.findIndex(step => bytes <= step);
  return level === -1 ? steps.length : level;
}
