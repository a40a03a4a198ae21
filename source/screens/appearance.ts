import type {Style} from '../terminal/style.ts';

/** How rows become text: what the terminal can show, and how a person reads a time of day. */
export type Appearance = {
  style: Style;
  /** false: marks, rules and sparklines fall back to ASCII, and so does text from outside. */
  unicode: boolean;
  /** `03:12:47` for milliseconds since 1970, in the person's own time zone. */
  timeOfDay(at: number): string;
  /** `01-15`, month and day of the same. */
  day(at: number): string;
};

/** Month and day in this machine's time zone. */
export function localDay(at: number): string {
  if (!Number.isFinite(at)) return '??-??';
  const date = new Date(at);
  return [date.getMonth() + 1, date.getDate()].map(part => String(part).padStart(2, '0')).join('-');
}

/** The time of day in this machine's time zone, on 24 hours. */
export function localTimeOfDay(at: number): string {
  if (!Number.isFinite(at)) return '??:??:??';
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => String(part).padStart(2, '0')).join(':');
}
