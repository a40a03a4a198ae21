import {compareStamps} from './timestamp.ts';

/**
 * Where one of a container's two streams was when it was last read: the timestamp of its newest line, and how many lines carried
 * that same timestamp. After `rewind()` the lines that come a second time are recognised by it.
 */
export class ResumePoint {
  #stamp: string | undefined;
  #count = 0;
  /** Lines with the timestamp `#stamp` that are still to come again. */
  #repeating: boolean = false;
  #repeated = 0;

  get stamp(): string | undefined {
    return this.#stamp;
  }

  /** The stream is about to be read again from an earlier time. */
  rewind(): void {
    this.#repeating = this.#stamp !== undefined;
    this.#repeated = 0;
  }

  /** Takes the next line's timestamp; false when that line was read before. */
  accept(stamp: string): boolean {
    if (this.#repeating && this.#stamp !== undefined) {
      const order = compareStamps(stamp, this.#stamp);
      if (order < 0) return false;
      if (order === 0 && this.#repeated < this.#count) {
        this.#repeated += 1;
        return false;
      }
      this.#repeating = false;
    }
    if (stamp === this.#stamp) {
      this.#count += 1;
    } else {
      this.#stamp = stamp;
      this.#count = 1;
    }
    return true;
  }
}
