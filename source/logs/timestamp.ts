/**
 * Reads the timestamps that `docker logs --timestamps` puts before each line. Consecutive lines mostly share their second, so that
 * the costly part of the parsing is remembered.
 */
export class TimestampReader {
  /** `2026-11-24T14:15:16.`; empty before the first line. */
  #second = '';
  #secondMs = Number.NaN;

  /** Splits `2026-11-24T14:15:16.123456789Z text`; undefined when the line does not begin with a timestamp. */
  split(line: string): {stamp: string; at: number; text: string} | undefined {
    // Docker always writes nine digits and Z; no search, and nothing made that is not kept.
    if (
      line.charCodeAt(29) === letterZ &&
      line.charCodeAt(30) === space &&
      line.startsWith(this.#second) &&
      this.#second !== ''
    ) {
      return {stamp: line.slice(0, 30), at: this.#secondMs + thousandths(line), text: line.slice(31)};
    }
    if (line.charCodeAt(10) !== letterT || line.charCodeAt(4) !== dash) return undefined;
    const end = line.indexOf(' ');
    const stamp = end === -1 ? line : line.slice(0, end);
    const at = Date.parse(stamp);
    if (Number.isNaN(at)) return undefined;
    const second = `${stamp.slice(0, 19)}.`;
    if (stamp.length === 30 && stamp.endsWith('Z') && line.startsWith(second)) {
      this.#second = second;
      this.#secondMs = Date.parse(`${stamp.slice(0, 19)}Z`);
    }
    return {stamp, at, text: end === -1 ? '' : line.slice(end + 1)};
  }
}

/** The three digits after the decimal point at index 19. */
function thousandths(line: string): number {
  return (line.charCodeAt(20) - zero) * 100 + (line.charCodeAt(21) - zero) * 10 + (line.charCodeAt(22) - zero);
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
const space = 32;
const zero = 48;
