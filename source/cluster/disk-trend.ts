import {latest, type Sample} from './sample.ts';
import type {DiskReading, Filesystem} from './snapshot.ts';

/** How far back looks are compared, and how far apart two must be to say how fast a disk fills. Milliseconds. */
const windowMs = 180_000;
const shortestMs = 15_000;

/** From here on a disk that fills is worth a forecast; before that a night's backup or a copy for a new standby would cry wolf. */
const halfFull = 0.5;

/** The sample with the looks of the last minutes at each of its filesystems. Space that was made in between begins anew. */
export function withTrend(
  before: Sample<DiskReading> | undefined,
  after: {value: DiskReading; at: number; source: string},
): Sample<DiskReading> {
  const old = latest(before)?.value.filesystems ?? [];
  const filesystems = after.value.filesystems.map(filesystem => {
    const same = old.find(each => each.mount === filesystem.mount && each.device === filesystem.device);
    const recent = (same?.trend ?? []).filter(({at}) => after.at - at <= windowMs && at < after.at);
    // WAL that is recycled gives a little back now and then; more than that was made by a person.
    const made =
      filesystem.freeBytes - (recent.at(-1)?.freeBytes ?? filesystem.freeBytes) > filesystem.totalBytes / 100;
    return {...filesystem, trend: [...(made ? [] : recent), {at: after.at, freeBytes: filesystem.freeBytes}]};
  });
  return {...after, value: {...after.value, filesystems}};
}

/** The part that is free, 0 to 1, of what others than root may use. */
export function freePart({usedBytes, freeBytes}: Filesystem): number {
  const usable = usedBytes + freeBytes;
  return usable <= 0 ? 0 : freeBytes / usable;
}

/** Bytes a second by which it fills; undefined when it does not, or when that is not known yet. */
export function fillRate({trend = []}: Filesystem): number | undefined {
  const [first, last] = [trend[0], trend.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < shortestMs) return undefined;
  const rate = (first.freeBytes - last.freeBytes) / ((last.at - first.at) / 1000);
  return rate > 0 ? rate : undefined;
}

/** Seconds from its last look until it is full, at the rate of the last minutes; undefined when there is nothing to fear. */
export function secondsUntilFull(filesystem: Filesystem): number | undefined {
  const rate = fillRate(filesystem);
  return rate === undefined || freePart(filesystem) > halfFull ? undefined : filesystem.freeBytes / rate;
}

/** Whether one should look again soon: little is left, or it is more than half full and fills. */
export function isFilling(reading: DiskReading): boolean {
  return reading.filesystems.some(each => freePart(each) < 0.25 || secondsUntilFull(each) !== undefined);
}
