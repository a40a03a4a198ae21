import {createInterface, type Interface} from 'node:readline';
import {PassThrough, Writable} from 'node:stream';
import type {Outcome} from '../cluster/problem.ts';
import type {LentTerminal} from '../terminal/lent-terminal.ts';
import {completeAutoctl} from './autoctl-completion.ts';
import {commandWords} from './command-words.ts';
import {EscapeRecogniser} from './escape.ts';
import type {HandedOver} from './hand-over.ts';

export type AutoctlPrompt = {
  /** Shown before each line. */
  prompt: string;
  /** Completes --name. */
  nodes: readonly string[];
  /** Earlier lines, newest last; what is typed is added. */
  history: string[];
  /** Runs pg_autoctl with these words on the terminal. */
  run(words: readonly string[]): Promise<Outcome<HandedOver>>;
};

/** Lines for pg_autoctl, one after the other, until ctrl-d, `exit` or the escape. Resolves with the last exit status. */
export async function autoctlPrompt(lent: LentTerminal, options: AutoctlPrompt): Promise<number> {
  let status = 0;
  const lines = new Lines(lent, options);
  try {
    for (;;) {
      const line = await lines.next();
      if (line === undefined) return status;
      const words = commandWords(line);
      if (!words.ok) {
        await lent.write(`${words.problem.message}\r\n`);
        continue;
      }
      const [first, ...rest] = words.value;
      if (first === undefined) continue;
      if (rest.length === 0 && ['exit', 'quit', 'q', '\\q'].includes(first)) return status;
      const given = first === 'pg_autoctl' ? rest : words.value;
      lines.leaveTerminal();
      const ended = await options.run(given.length === 0 || given[0] === '?' ? ['help'] : given);
      if (!ended.ok) await lent.write(told(ended.problem.message, ended.problem.remedy));
      else if (ended.value.kind === 'exited') status = ended.value.status;
      else if (ended.value.kind === 'lost')
        await lent.write(told(ended.value.problem.message, ended.value.problem.remedy));
      if (ended.ok && ended.value.kind === 'exited' && status !== 0) await lent.write(`(exit status ${status})\r\n`);
    }
  } finally {
    await lines.close();
  }
}

const mostTypedAhead = 64;

function told(message: string, remedy: string | undefined): string {
  return `${[message, ...(remedy === undefined ? [] : [`  ${remedy}`])].join('\r\n')}\r\n`;
}

/** The lines that a person types, edited by node:readline: history, completion and keys are those of every Node prompt. */
class Lines {
  readonly #lent: LentTerminal;
  readonly #keys = new PassThrough();
  readonly #screen: Writable & {columns?: number; rows?: number};
  readonly #reader: Interface;
  readonly #typed: string[] = [];
  readonly #unresize: () => void;
  #closed: boolean = false;
  #unlisten: (() => void) | undefined;
  #wake: () => void = () => undefined;

  constructor(lent: LentTerminal, {prompt, nodes, history}: AutoctlPrompt) {
    this.#lent = lent;
    this.#screen = new Writable({
      write(chunk: Buffer, _encoding, done) {
        void lent.write(chunk.toString().replaceAll(/\r?\n/g, '\r\n')).then(() => done());
      },
    });
    const follow = () => {
      const {columns, rows} = lent.size();
      Object.assign(this.#screen, {columns, rows});
      this.#screen.emit('resize');
    };
    follow();
    this.#unresize = lent.onResize(follow);
    this.#reader = createInterface({
      input: this.#keys,
      output: this.#screen,
      terminal: true,
      prompt,
      history: history.toReversed(),
      historySize: 200,
      removeHistoryDuplicates: true,
      escapeCodeTimeout: 25,
      completer: (line: string) => completeAutoctl(line, nodes),
    });
    this.#reader.on('line', line => {
      if (line.trim() !== '') history.push(line);
      this.#typed.push(line);
      // What follows belongs to the command; readline would go on reading.
      this.leaveTerminal();
      this.#wake();
    });
    this.#reader.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
    this.#reader.on('SIGINT', () => {
      this.#screen.write('^C\n');
      this.#reader.write(null, {ctrl: true, name: 'e'});
      this.#reader.write(null, {ctrl: true, name: 'u'});
    });
    // Stopping is for who runs this program, and not for a line.
    this.#reader.on('SIGTSTP', () => undefined);
  }

  /** The next line; undefined when there is none any more. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const line = this.#typed.shift();
      if (line !== undefined) return line;
      if (this.#closed) return undefined;
      this.#takeTerminal();
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** From here on the keys are somebody else's. */
  leaveTerminal(): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  async close(): Promise<void> {
    this.leaveTerminal();
    this.#unresize();
    this.#reader.close();
    await new Promise(resolve => this.#screen.end(resolve));
  }

  #takeTerminal(): void {
    if (this.#unlisten !== undefined) return;
    const recogniser = new EscapeRecogniser();
    this.#unlisten = this.#lent.listen(bytes => {
      const {send, leave} = recogniser.push(bytes);
      if (leave) this.#reader.close();
      // Of what comes at once readline takes a tab for a part of a paste. A few keys are typed.
      else if (send.length > mostTypedAhead) this.#keys.write(send);
      else for (const byte of send) this.#keys.write(Uint8Array.of(byte));
    });
    this.#reader.prompt(true);
  }
}
