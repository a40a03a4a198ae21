import {StringDecoder} from 'node:string_decoder';

/**
 * Cuts a stream of bytes into lines, however the bytes arrive: UTF-8 is decoded across chunks, `\n` and `\r\n` end a line, and a line
 * longer than `maxLineLength` characters is cut there (the rest is left out and counted). Lines come in batches, one a chunk;
 * `plain` says that a batch holds nothing but printable ASCII.
 */
export class LineSplitter {
  /** Lines that were cut so far. */
  truncated = 0;

  readonly #onLines: (lines: string[], plain: boolean) => void;
  readonly #maxLineLength: number;
  readonly #decoder = new StringDecoder('utf8');
  /** The beginning of the line that has not ended yet. */
  #partial = '';
  #partialIsCut: boolean = false;

  constructor(onLines: (lines: string[], plain: boolean) => void, options: {maxLineLength?: number} = {}) {
    this.#onLines = onLines;
    this.#maxLineLength = options.maxLineLength ?? 16_384;
  }

  push(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** The stream ended: what is left is a line of its own. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#partial !== '' || this.#partialIsCut) this.#take('\n');
  }

  /** The stream broke off: what is left is half a line, and forgotten. */
  reset(): void {
    this.#decoder.end();
    this.#partial = '';
    this.#partialIsCut = false;
  }

  #take(text: string): void {
    const first = text.indexOf('\n');
    if (first === -1) {
      this.#keep(text);
      return;
    }
    this.#keep(text.slice(0, first));
    const lines = [this.#finish()];
    let from = first + 1;
    for (let end = text.indexOf('\n', from); end !== -1; end = text.indexOf('\n', from)) {
      const stop = end > from && text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
      if (stop - from > this.#maxLineLength) this.truncated += 1;
      lines.push(text.slice(from, Math.min(stop, from + this.#maxLineLength)));
      from = end + 1;
    }
    const plain = !special.test(text) && !special.test(lines[0] ?? '');
    this.#keep(text.slice(from));
    this.#onLines(lines, plain);
  }

  #keep(text: string): void {
    // One more character than may stay: a \r\n could end exactly there.
    const room = this.#maxLineLength + 1 - this.#partial.length;
    if (text.length > room) this.#partialIsCut = true;
    this.#partial += text.length > room ? text.slice(0, Math.max(0, room)) : text;
  }

  #finish(): string {
    let line = this.#partial;
    if (!this.#partialIsCut && line.endsWith('\r')) line = line.slice(0, -1);
    if (this.#partialIsCut || line.length > this.#maxLineLength) {
      line = line.slice(0, this.#maxLineLength);
      this.truncated += 1;
    }
    this.#partial = '';
    this.#partialIsCut = false;
    return line;
  }
}

const carriageReturn = 13;
const special = /[^\n\x20-\x7e]/;
