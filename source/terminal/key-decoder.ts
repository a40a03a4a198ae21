import {StringDecoder} from 'node:string_decoder';

/**
 * A key, or a paste as one event. `key` is its name: a printable character as itself (`j`, `G`, `?`), else `enter`, `escape`,
 * `tab`, `space`, `backspace`, `up`, `down`, `left`, `right`, `home`, `end`, `pageup`, `pagedown`, `insert`, `delete`, `f1` to `f12`,
 * with `ctrl-`, `alt-` and `shift-` before it in this order (`ctrl-c`, `alt-left`, `shift-tab`, `ctrl-up`).
 * `text` is what it types into a text field, empty for a key that types nothing.
 */
export type KeyEvent =
  | {readonly kind: 'key'; readonly key: string; readonly text: string}
  | {readonly kind: 'paste'; readonly text: string};

/**
 * Bytes to keys, whatever the chunks they come in. What is not a key (mouse, focus, answers of the terminal, unknown or
 * kitty sequences) vanishes instead of being taken for typed text.
 */
export class KeyDecoder {
  readonly #decoder = new StringDecoder('utf8');
  #state: State = 'text';
  #parameters = '';
  #paste = '';
  #swallow = 0;
  /** What came after ESC, as long as nothing came after it. */
  #introducer = '';
  #incomplete = 0;
  /** The last event was an ESC that came from a time-out: what it introduced may still be on its way. */
  #resolvedEscape: boolean = false;
  #events: KeyEvent[] = [];

  /** What the decoder waits for, and so how patient to be before `flush`: a lone ESC, the rest of a sequence, the end of a paste. */
  get pending(): 'nothing' | 'escape' | 'sequence' | 'paste' {
    if (this.#state === 'text') return 'nothing';
    return this.#state === 'escape' || this.#state === 'paste' ? this.#state : 'sequence';
  }

  /** Takes bytes and returns the events that they complete. */
  push(bytes: Uint8Array): KeyEvent[] {
    return Array.from(this.read(bytes), ({event}) => event);
  }

  /** The same one by one, with the bytes that come after it, for who reads no further. */
  *read(bytes: Uint8Array): Generator<{event: KeyEvent; rest: () => Uint8Array}> {
    const text = this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    // The bytes of a character that has not arrived whole stand at the end.
    this.#incomplete = Math.max(0, this.#incomplete + bytes.length - Buffer.byteLength(text));
    const tail = Math.min(3, this.#incomplete, bytes.length);
    // ESC and the rest of its sequence were torn apart for longer than the time-out, as a bad link does. Nobody types this at once.
    if (this.#resolvedEscape && text !== '') {
      this.#resolvedEscape = false;
      if (lateSequence.test(text)) this.#state = 'escape';
    }
    let at = 0;
    const rest = () => Buffer.concat([Buffer.from(text.slice(at)), bytes.subarray(bytes.length - tail)]);
    for (const character of text) {
      // Terminals say alt-x as ESC x, and a slow link says so when escape and x were typed one after the other: as in vi, it is always both.
      if (this.#state === 'escape' && !introducers.has(character)) {
        this.#state = 'text';
        this.#key('escape');
        for (const event of this.#take()) yield {event, rest};
      }
      this.#step(character);
      at += character.length;
      if (this.#events.length === 0) continue;
      for (const event of this.#take()) yield {event, rest};
    }
  }

  /** The time is up: a lone ESC becomes the escape key, also with one character after it; a paste ends, an unfinished sequence is forgotten. */
  flush(): KeyEvent[] {
    if (this.#state === 'escape') {
      this.#key('escape');
      this.#resolvedEscape = true;
    } else if (this.#introducer !== '') {
      // Nothing that a terminal sends ends here: it was typed.
      this.#key('escape');
      this.#text(this.#introducer);
    } else if (this.#state === 'paste' && this.#paste !== '') {
      this.#endPaste();
    }
    this.#state = 'text';
    this.#introducer = '';
    return this.#take();
  }

  #take(): KeyEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #key(key: string, text = ''): void {
    this.#events.push({kind: 'key', key, text});
  }

  #step(character: string): void {
    this.#introducer = this.#state === 'escape' ? character : '';
    switch (this.#state) {
      case 'text':
        this.#text(character);
        break;
      case 'escape':
        this.#escape(character);
        break;
      case 'control':
        this.#control(character);
        break;
      case 'linux function key':
        this.#state = 'text';
        this.#emitNamed(linuxFunctionKeys.get(character), '');
        break;
      case 'single shift':
        this.#singleShift(character);
        break;
      case 'mouse':
        this.#swallow--;
        if (this.#swallow === 0) this.#state = 'text';
        break;
      case 'string':
        this.#string(character);
        break;
      case 'string escape':
        this.#state = character === '\\' ? 'text' : 'string';
        break;
      case 'paste':
        this.#pasteCharacter(character);
        break;
    }
  }

  #text(character: string): void {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x1b) this.#state = 'escape';
    else if (code === 0x0d) this.#key('enter');
    else if (code === 0x09) this.#key('tab');
    else if (code === 0x7f || code === 0x08) this.#key('backspace');
    else if (code === 0x00) this.#key('ctrl-space');
    else if (code < 0x20) this.#key(`ctrl-${String.fromCharCode(code + 0x40).toLowerCase()}`);
    else if (code === 0x20) this.#key('space', ' ');
    else if ((code < 0x80 || code > 0x9f) && code !== 0xff_fd) this.#key(character, character);
  }

  /** One of the introducers. */
  #escape(character: string): void {
    if (character === '[') {
      this.#state = 'control';
      this.#parameters = '';
    } else if (character === 'O') {
      this.#state = 'single shift';
      this.#parameters = '';
    } else {
      this.#state = 'string';
    }
  }

  #control(character: string): void {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x1b) {
      this.#state = 'escape';
    } else if (this.#parameters === '' && character === '[') {
      this.#state = 'linux function key';
    } else if (code >= 0x20 && code < 0x40) {
      this.#parameters = (this.#parameters + character).slice(0, maximumParameters);
    } else if (character === 'M' && this.#parameters === '') {
      this.#state = 'mouse';
      this.#swallow = 3;
    } else if (character === '~' && this.#parameters === '200') {
      this.#state = 'paste';
      this.#paste = '';
    } else {
      this.#state = 'text';
      this.#controlKey(character);
    }
  }

  #controlKey(final: string): void {
    if (!/^[\d;]*$/.test(this.#parameters)) return;
    const [first = '', modifier = ''] = this.#parameters.split(';');
    if (final === 'Z') this.#key('shift-tab');
    else if (final === '~') this.#emitNamed(numberedKeys.get(first), modifier);
    // CSI n R is an answer to a question about the cursor, or F3: nobody needs F3 with modifiers.
    else if (final !== 'R' || this.#parameters === '') this.#emitNamed(letteredKeys.get(final), modifier);
  }

  #singleShift(character: string): void {
    if (character === '\u001B') {
      this.#state = 'escape';
      return;
    }
    if (/[\d;]/.test(character)) {
      this.#parameters = (this.#parameters + character).slice(0, maximumParameters);
      return;
    }
    this.#state = 'text';
    this.#emitNamed(letteredKeys.get(character), this.#parameters.split(';').at(-1) ?? '');
  }

  #emitNamed(name: string | undefined, modifier: string): void {
    if (name === undefined) return;
    const bits = modifier === '' ? 0 : Number(modifier) - 1;
    const control = (bits & 4) === 0 ? '' : 'ctrl-';
    const alt = (bits & 2) === 0 ? '' : 'alt-';
    const shift = (bits & 1) === 0 ? '' : 'shift-';
    this.#key(control + alt + shift + name);
  }

  #string(character: string): void {
    if (character === '\u0007' || character === '\u009C') this.#state = 'text';
    else if (character === '\u001B') this.#state = 'string escape';
  }

  #pasteCharacter(character: string): void {
    this.#paste += character;
    // To look at the end of a string that grows is to copy it.
    if (character === '~' && this.#paste.endsWith(pasteEnd)) {
      this.#paste = this.#paste.slice(0, -pasteEnd.length);
      this.#endPaste();
      this.#state = 'text';
    } else if (this.#paste.length > 2 * maximumPaste) {
      // Nothing that is typed into this program is this long: keep the beginning, go on looking for the end.
      this.#paste = this.#paste.slice(0, maximumPaste) + this.#paste.slice(-pasteEnd.length);
    }
  }

  #endPaste(): void {
    this.#events.push({kind: 'paste', text: this.#paste.slice(0, maximumPaste)});
    this.#paste = '';
  }
}

type State =
  | 'text'
  | 'escape'
  | 'control'
  | 'linux function key'
  | 'single shift'
  | 'mouse'
  | 'string'
  | 'string escape'
  | 'paste';

const pasteEnd = '\u001B[201~';
const maximumPaste = 65_536;
const maximumParameters = 32;
/** What after ESC begins a sequence: CSI, SS3, OSC, DCS, APC, PM, SOS. */
const introducers: ReadonlySet<string> = new Set('[O]P_^X');
const lateSequence = /^(\[[\d;]*[A-Za-z~]|O[A-Z])/;

const letteredKeys = new Map([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['H', 'home'],
  ['F', 'end'],
  ['P', 'f1'],
  ['Q', 'f2'],
  ['R', 'f3'],
  ['S', 'f4'],
  // The Enter of a keypad in application mode.
  ['M', 'enter'],
]);

const numberedKeys = new Map([
  ['1', 'home'],
  ['2', 'insert'],
  ['3', 'delete'],
  ['4', 'end'],
  ['5', 'pageup'],
  ['6', 'pagedown'],
  ['7', 'home'],
  ['8', 'end'],
  ['11', 'f1'],
  ['12', 'f2'],
  ['13', 'f3'],
  ['14', 'f4'],
  ['15', 'f5'],
  ['17', 'f6'],
  ['18', 'f7'],
  ['19', 'f8'],
  ['20', 'f9'],
  ['21', 'f10'],
  ['23', 'f11'],
  ['24', 'f12'],
]);

/** The Linux console sends CSI [ A to CSI [ E for F1 to F5. */
const linuxFunctionKeys = new Map([
  ['A', 'f1'],
  ['B', 'f2'],
  ['C', 'f3'],
  ['D', 'f4'],
  ['E', 'f5'],
]);
