/** Typed at the beginning of a line, as in ssh, these two keys leave a session whose other side does not answer any more. */
export const escapeKeys = 'enter ~ .';

/** What becomes of input: bytes for the session, and whether it is to be left. */
export type Escaped = {send: Uint8Array; leave: boolean};

/**
 * Finds `~.` at the beginning of a line; `~~` is one `~`, and before any other key a `~` is only held until that key comes. All other bytes
 * pass as they are. What comes in large pieces or framed as a paste was not typed, and is never an escape.
 */
export class EscapeRecogniser {
  #state: 'line start' | 'held' | 'line' = 'line start';
  #inPaste: boolean = false;
  #tail = '';

  push(bytes: Uint8Array): Escaped {
    const typed = bytes.length <= mostTyped && !this.#inPaste;
    const send: number[] = [];
    if (!typed) {
      if (this.#state === 'held') send.push(tilde);
      this.#state = endsLine(bytes.at(-1)) ? 'line start' : 'line';
      this.#followPaste(bytes);
      return {send: Buffer.concat([Buffer.from(send), bytes]), leave: false};
    }
    for (const byte of bytes) {
      if (this.#state === 'line start' && byte === tilde) {
        this.#state = 'held';
        continue;
      }
      if (this.#state === 'held') {
        if (byte === dot) return {send: Buffer.from(send), leave: true};
        send.push(tilde);
        if (byte === tilde) {
          this.#state = 'line';
          continue;
        }
      }
      send.push(byte);
      this.#state = endsLine(byte) ? 'line start' : 'line';
    }
    this.#followPaste(bytes);
    return {send: Buffer.from(send), leave: false};
  }

  /** A paste that a program asked to have framed may arrive in any pieces. */
  #followPaste(bytes: Uint8Array): void {
    const text = this.#tail + Buffer.from(bytes).toString('latin1');
    const begun = text.lastIndexOf(pasteBegin);
    const ended = text.lastIndexOf(pasteEnd);
    if (begun !== ended) this.#inPaste = begun > ended;
    this.#tail = text.slice(1 - pasteBegin.length);
  }
}

/** A person's keys come one by one, or a few at once over a slow line; a paste does not. */
const mostTyped = 8;
const tilde = 0x7e;
const dot = 0x2e;
const pasteBegin = '\u001B[200~';
const pasteEnd = '\u001B[201~';

function endsLine(byte: number | undefined): boolean {
  return byte === 0x0d || byte === 0x0a;
}
