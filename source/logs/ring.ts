import type {LogLine} from './container-log.ts';

/**
 * The newest lines of a log, bounded by number and by size. Every line has a sequence number that never changes, so a reader's place
 * holds while older lines drop out. Lines are kept in blocks, many in one string: a hundred thousand objects would be copied and traced
 * by every garbage collection, and a key would wait for it.
 */
export class LineRing {
  /** Lines ever pushed. */
  seen = 0;
  /** Lines that had to make room. */
  dropped = 0;
  /** Characters held now, with a fixed cost for each line. */
  bytes = 0;

  readonly #maxLines: number;
  readonly #maxBytes: number;
  /** Full blocks, oldest first; the newest lines are in `#open`. */
  #blocks: Block[] = [];
  #open: LogLine[] = [];
  #openFirst = 0;
  #openCharacters = 0;
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

  push(line: LogLine): void {
    if (this.length === this.#maxLines) this.#dropOldest();
    this.#open.push(line);
    this.#openCharacters += line.text.length;
    this.#end += 1;
    this.seen += 1;
    this.bytes += line.text.length + fixedCost;
    if (this.#open.length === blockLines || this.#openCharacters >= blockCharacters) this.#seal();
    // The newest line stays, however long it is.
    while (this.bytes > this.#maxBytes && this.length > 1) this.#dropOldest();
  }

  /** The line with this sequence number; undefined when it has dropped out or has not come yet. */
  at(sequence: number): LogLine | undefined {
    if (sequence < this.#first || sequence >= this.#end) return undefined;
    if (sequence >= this.#openFirst) return this.#open[sequence - this.#openFirst];
    const block = this.#blockOf(sequence);
    return block && lineOf(block, sequence - block.first);
  }

  /** Forgets every line; the counters and sequence numbers go on. */
  clear(): void {
    this.#blocks = [];
    this.#open = [];
    this.#openCharacters = 0;
    this.#first = this.#end;
    this.#openFirst = this.#end;
    this.bytes = 0;
  }

  #dropOldest(): void {
    const oldest = this.at(this.#first);
    if (oldest !== undefined) this.bytes -= oldest.text.length + fixedCost;
    this.#first += 1;
    this.dropped += 1;
    const [block] = this.#blocks;
    if (block !== undefined && this.#first >= block.first + block.starts.length) this.#blocks.shift();
  }

  #seal(): void {
    this.#blocks.push(sealed(this.#open, this.#openFirst));
    this.#open = [];
    this.#openFirst = this.#end;
    this.#openCharacters = 0;
  }

  #blockOf(sequence: number): Block | undefined {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.first ?? 0) <= sequence) low = middle;
      else high = middle - 1;
    }
    return this.#blocks[low];
  }
}

/** `first` is the sequence number of its first line; `starts` says where each line begins in `text`. */
type Block = {
  first: number;
  text: string;
  starts: Uint32Array;
  times: Float64Array;
  streams: readonly LogLine['stream'][];
};

const blockLines = 512;
const blockCharacters = 64 * 1024;
const fixedCost = 64;

function sealed(lines: readonly LogLine[], first: number): Block {
  const starts = new Uint32Array(lines.length);
  const times = new Float64Array(lines.length);
  let length = 0;
  for (const [index, {text, at}] of lines.entries()) {
    starts[index] = length;
    times[index] = at;
    length += text.length;
  }
  return {first, text: lines.map(line => line.text).join(''), starts, times, streams: lines.map(line => line.stream)};
}

function lineOf({text, starts, times, streams}: Block, index: number): LogLine | undefined {
  const [at, stream] = [times[index], streams[index]];
  if (at === undefined || stream === undefined) return undefined;
  return {at, stream, text: text.slice(starts[index], starts[index + 1] ?? text.length)};
}
