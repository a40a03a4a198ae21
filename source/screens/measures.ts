import {size} from '../cluster/size.ts';

/**
 * Numbers for a table: right-aligned, the unit in a field of its own width, so that neither jumps when the value changes.
 * An unknown value is `?`; nothing here turns unknown into 0.
 */

/** Bytes in six columns, in PostgreSQL's units (1 kB is 1024 bytes): `  0 B `, `1.5 MB`, `316 MB`. Small amounts are never rounded to 0. */
export function bytesCell(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return '?   ';
  const text = size(bytes);
  return text.endsWith(' B') ? `${text} ` : text;
}

/** The same for a sentence: `12 kB`. */
export function bytesText(bytes: number | null): string {
  return bytesCell(bytes).trim();
}

/** Seconds in five columns, one unit letter: `0.0 s`, `123 s`, ` 17 m`, `  4 h`. */
export function secondsCell(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '?  ';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 999.5) return `${Math.round(seconds)} s`;
  return coarse(seconds);
}

/** An age in four columns, in whole seconds: `1 s`, `99 s`, `17 m`, `4 h`, `12 d`. */
export function ageCell(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '?  ';
  const whole = Math.max(0, Math.floor(seconds));
  return whole < 100 ? `${whole} s` : coarse(whole);
}

/** A length of time for a sentence: `4 s`, `2 min 5 s`, `3 h 20 min`, `12 d`. */
export function durationText(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400) return joined(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  return joined(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

/** A stopwatch: `2.4 s`, `1 min 5 s`. */
export function stopwatchText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : durationText(seconds);
}

/** `1 node`, `3 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A count with thin groups, so that 100000 can be read: `100 000`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function coarse(seconds: number): string {
  if (seconds < 6000) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 360_000) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.min(999, Math.floor(seconds / 86_400))} d`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
