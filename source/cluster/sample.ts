import type {Problem} from './problem.ts';

/**
 * One observation: its value or why there is none, when it was made (milliseconds of this machine's clock), and where it comes from.
 * A failed one keeps the last good value, which is shown as old, never as current.
 */
export type Sample<T> =
  | {value: T; at: number; source: string}
  | {error: Problem; at: number; source: string; last?: {value: T; at: number}};

/** The value of a sample that is good now; undefined when the last attempt failed or none was made. */
export function current<T>(sample: Sample<T> | undefined): T | undefined {
  return sample !== undefined && 'value' in sample ? sample.value : undefined;
}

/** The newest value known, good now or not, with the time at which it was true. */
export function latest<T>(sample: Sample<T> | undefined): {value: T; at: number} | undefined {
  if (sample === undefined) return undefined;
  return 'value' in sample ? {value: sample.value, at: sample.at} : sample.last;
}

export function problemOf<T>(sample: Sample<T> | undefined): Problem | undefined {
  return sample !== undefined && 'error' in sample ? sample.error : undefined;
}

/** The sample that follows `before` when an attempt failed: keeps the last good value. */
export function failed<T>(before: Sample<T> | undefined, error: Problem, at: number, source: string): Sample<T> {
  const last = latest(before);
  return last === undefined ? {error, at, source} : {error, at, source, last};
}
