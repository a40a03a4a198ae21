/**
 * Reads the timestamps that `docker logs --timestamps` puts before each line. Consecutive lines mostly share their second, so that
 * the costly part of the parsing is remembered.
 */
export class TimestampReader {
  #second = '';
  #secondMs = Number.NaN;

  /** Splits `2026-11-24T14:15:16.123456789Z text`; undefined when the line does not begin with a timestamp. */
  split(line: string): {stamp: string; at: number; text: string} | undefined {
    if (line.charCodeAt(10) !== letterT || line.charCodeAt(4) !== dash) return undefined;
    const space = line.indexOf(' ');
    const stamp = space === -1 ? line : line.slice(0, space);
    const at = this.#milliseconds(stamp);
    if (Number.isNaN(at)) return undefined;
    return {stamp, at, text: space === -1 ? '' : line.slice(space + 1)};
  }

  #milliseconds(stamp: string): number {
    const isUtc = stamp.charCodeAt(stamp.length - 1) === letterZ;
    if (!isUtc || stamp.charCodeAt(19) !== dot) return Date.parse(stamp);
    const second = stamp.slice(0, 19);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondMs = Date.parse(`${second}Z`);
    }
    return this.#secondMs + Number(stamp.slice(20, 23).replace('Z', '').padEnd(3, '0'));
  }
}

/** Which of two timestamps is earlier (negative: the left one), to the nanosecond when they are written alike. */
export function compareStamps(left: string, right: string): number {
  if (left === right) return 0;
  if (left.length === right.length && left.endsWith('Z') && right.endsWith('Z')) return left < right ? -1 : 1;
  return Date.parse(left) - Date.parse(right);
}

const letterT = 84;
const letterZ = 90;
const dash = 45;
const dot = 46;
