/**
 * The newest lines of a log, bounded by number and by size. Every line has a sequence number that never changes, so a reader's place
 * holds while older lines drop out.
 */
export class LineRing<Line extends {readonly text: string}> {
  /** Lines ever pushed. */
  seen = 0;
  /** Lines that had to make room. */
  dropped = 0;
  /** Characters held now, with a fixed cost for each line. */
  bytes = 0;

  readonly #maxLines: number;
  readonly #maxBytes: number;
  readonly #lines: (Line | undefined)[] = [];
  #first = 0;
  #end = 0;

  constructor(limits: {maxLines: number; maxBytes: number}) {
    this.#maxLines = Math.max(1, limits.maxLines);
    this.#maxBytes = limits.maxBytes;
  }

  /** The sequence number of the oldest line held; equal to `end` when there is none. */
  get first(): number {
    return this.#first;
  }

  /** The sequence number that the next line will get. */
  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  push(line: Line): void {
    if (this.length === this.#maxLines) this.#dropOldest();
    this.#lines[this.#end % this.#maxLines] = line;
    this.#end += 1;
    this.seen += 1;
    this.bytes += cost(line);
    // The newest line stays, however long it is.
    while (this.bytes > this.#maxBytes && this.length > 1) this.#dropOldest();
  }

  /** The line with this sequence number; undefined when it has dropped out or has not come yet. */
  at(sequence: number): Line | undefined {
    if (sequence < this.#first || sequence >= this.#end) return undefined;
    return this.#lines[sequence % this.#maxLines];
  }

  /** Forgets every line; the counters and sequence numbers go on. */
  clear(): void {
    this.#first = this.#end;
    this.#lines.length = 0;
    this.bytes = 0;
  }

  #dropOldest(): void {
    const index = this.#first % this.#maxLines;
    const oldest = this.#lines[index];
    if (oldest !== undefined) this.bytes -= cost(oldest);
    this.#lines[index] = undefined;
    this.#first += 1;
    this.dropped += 1;
  }
}

const fixedCost = 64;

function cost(line: {readonly text: string}): number {
  return line.text.length + fixedCost;
}
