import {openSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {type Readable, Writable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {ReadStream, WriteStream} from 'node:tty';

/** Questions and answers, a line each, with one person. */
export type Dialog = {
  say(text: string): void;
  /**
   * The line that was typed, without its end; undefined when the person does not answer any more (ctrl-C, ctrl-D, hang-up). `typed`: a line
   * that was pasted is an empty one.
   */
  question(prompt: string, options?: {hidden?: boolean; typed?: boolean}): Promise<string | undefined>;
  /** Waits so long, and forgets what has been typed until then: it was not meant for what is asked next. */
  forgetTyped(ms: number): Promise<void>;
  /** Whether ctrl-C ended it. */
  interrupted(): boolean;
  /** Resolves when the person does not answer any more. */
  ended: Promise<void>;
  close(): void;
};

/** Bracketed paste (xterm, DECSET 2004): the terminal says what is pasted. */
const markPastes = '\u001b[?2004h';
const doNotMarkPastes = '\u001b[?2004l';

/** A dialog over any two streams. `terminal`: a person types there (line editing; hidden answers are not echoed). */
export function openDialog(input: Readable, output: Writable, terminal: boolean): Dialog {
  let hidden = false;
  let interrupted = false;
  let over = false;
  let pasted = false;
  const ended = Promise.withResolvers<void>();
  let waiting: ((line: string | undefined) => void) | undefined;
  const typedAhead: string[] = [];
  const echo = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!hidden) output.write(chunk);
      done();
    },
  });
  const lines = createInterface({input, output: echo, terminal, historySize: 0, prompt: ''});
  const onKey = (_text: unknown, key: {name?: string} | undefined) => {
    if (key?.name === 'paste-start') pasted = true;
  };
  input.on('keypress', onKey);
  const answer = (line: string | undefined) => {
    const resolve = waiting;
    waiting = undefined;
    if (resolve !== undefined) resolve(line);
    else if (line !== undefined) typedAhead.push(line);
  };
  lines.on('line', answer);
  lines.on('SIGINT', () => {
    interrupted = true;
    output.write('\n');
    lines.close();
  });
  lines.on('close', () => {
    input.off('keypress', onKey);
    over = true;
    ended.resolve();
    answer(undefined);
  });
  return {
    say: text => void output.write(text),
    async question(prompt, options = {}) {
      const early = typedAhead.shift();
      if (early !== undefined) {
        output.write(`${prompt}\n`);
        return early;
      }
      if (over) return undefined;
      const {promise, resolve} = Promise.withResolvers<string | undefined>();
      waiting = resolve;
      lines.setPrompt(prompt);
      lines.prompt();
      hidden = options.hidden === true;
      pasted = false;
      if (options.typed === true) output.write(markPastes);
      const line = await promise;
      if (options.typed === true) output.write(doNotMarkPastes);
      // The end of the line was not echoed either.
      if (hidden) output.write('\n');
      hidden = false;
      return options.typed === true && pasted && line !== undefined ? '' : line;
    },
    async forgetTyped(ms) {
      hidden = true;
      await delay(ms);
      hidden = false;
      typedAhead.length = 0;
      // Only a terminal's line can be cleared before its end.
      if (terminal && !over) lines.write(null, {ctrl: true, name: 'u'});
    },
    interrupted: () => interrupted,
    ended: ended.promise,
    close: () => lines.close(),
  };
}

/** The terminal that the person sits at, even when standard input and output lead elsewhere; undefined where there is none (cron, a service). */
export function openControllingTerminal(): Dialog | undefined {
  let descriptor: number;
  try {
    descriptor = openSync('/dev/tty', 'r+');
  } catch {
    // ENXIO: nobody is there to be asked.
    return undefined;
  }
  const input = new ReadStream(descriptor);
  const output = new WriteStream(descriptor);
  const dialog = openDialog(input, output, true);
  return {
    ...dialog,
    close() {
      dialog.close();
      input.destroy();
      output.destroy();
    },
  };
}
