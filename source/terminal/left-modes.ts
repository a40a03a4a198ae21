/**
 * Follows what a program does to a terminal, to undo what it leaves behind when it ends without having tidied up: private modes, keypad,
 * character sets, kitty's and xterm's keyboards, scroll region, cursor shape, colours. It listens only; the bytes go on as they are.
 */
export class LeftModes {
  #tail: string = '';
  readonly #changed = new Map<number, boolean>();
  #kittyLevels = 0;
  #keypad: boolean = false;
  #otherKeys: boolean = false;
  #charset: boolean = false;
  #region: boolean = false;
  #shape: boolean = false;

  push(bytes: Uint8Array): void {
    // Plain text is most of what comes, and cannot change anything.
    if (this.#tail === '' && !bytes.includes(escapeByte)) return;
    const text = this.#tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    let end = 0;
    for (const match of text.matchAll(sequence)) {
      end = match.index + match[0].length;
      this.#apply(match[0]);
    }
    // A sequence may be cut anywhere; one that is longer than any of these is none of them.
    const begun = text.lastIndexOf('\u001B');
    this.#tail = begun >= end && text.length - begun < longest ? text.slice(begun) : '';
  }

  /** What puts the terminal back as it was before, and forgets. */
  undo(): string {
    const modes = [...this.#changed].map(([mode, on]) => `\u001B[?${mode}${on ? 'l' : 'h'}`);
    // Leaving the alternate screen also puts the cursor back: last, so that the rest is undone where it was done.
    modes.sort((one, other) => Number(one.includes('1049')) - Number(other.includes('1049')));
    const undone = [
      // Ends a sequence or a string that was cut off.
      this.#tail === '' ? '' : '\u0018',
      this.#kittyLevels > 0 ? `\u001B[<${this.#kittyLevels}u` : '',
      this.#otherKeys ? '\u001B[>4m' : '',
      this.#keypad ? '\u001B>' : '',
      this.#charset ? '\u001B(B\u000F' : '',
      // Setting it moves the cursor.
      this.#region ? '\u001B7\u001B[r\u001B8' : '',
      this.#shape ? '\u001B[0 q' : '',
      '\u001B[m',
      ...modes,
    ].join('');
    this.#reset();
    this.#tail = '';
    return undone;
  }

  #apply(text: string): void {
    const [, privateModes, set] = /^\u001B\[\?([\d;]+)([hl])$/.exec(text) ?? [];
    if (privateModes !== undefined) {
      for (const mode of privateModes.split(';').map(Number)) this.#setMode(mode, set === 'h');
      return;
    }
    if (text === '\u001Bc' || text === '\u001B[!p') {
      // A reset leaves the alternate screen only when it is a hard one.
      const alternate = text === '\u001Bc' ? undefined : this.#changed.get(1049);
      this.#reset();
      if (alternate !== undefined) this.#changed.set(1049, alternate);
      return;
    }
    if (text === '\u001B=') this.#keypad = true;
    else if (text === '\u001B>') this.#keypad = false;
    else if (/^\u001B\([^B]$/.test(text)) this.#charset = true;
    else if (text === '\u001B(B') this.#charset = false;
    else if (/^\u001B\[[\d;]*r$/.test(text)) this.#region = text !== '\u001B[r';
    else if (/^\u001B\[\d* q$/.test(text)) this.#shape = !/^\u001B\[0? q$/.test(text);
    else if (/^\u001B\[>4(;0)?m$/.test(text)) this.#otherKeys = false;
    else if (/^\u001B\[>4;\d+m$/.test(text)) this.#otherKeys = true;
    else if (/^\u001B\[>\d*u$/.test(text)) this.#kittyLevels += 1;
    else if (/^\u001B\[<\d*u$/.test(text)) {
      this.#kittyLevels = Math.max(0, this.#kittyLevels - Number(/\d+/.exec(text)?.[0] ?? 1));
    }
  }

  #setMode(mode: number, on: boolean): void {
    if (ignored.has(mode)) return;
    if (on === onByDefault.has(mode)) this.#changed.delete(mode);
    else this.#changed.set(mode, on);
  }

  #reset(): void {
    this.#changed.clear();
    this.#kittyLevels = 0;
    this.#keypad = false;
    this.#otherKeys = false;
    this.#charset = false;
    this.#region = false;
    this.#shape = false;
  }
}

const escapeByte = 0x1b;
const longest = 64;
const sequence = /\u001B(?:\[[?<>!]?[\d;]* ?[hlumpcqr]|[=>c]|\(.)/g;

/** Wrapping at the edge, a visible cursor. */
const onByDefault = new Set([7, 25]);

/** A blinking cursor is the terminal's own taste, and a synchronized frame ends by itself. */
const ignored = new Set([12, 2026]);
