import type {Readable} from 'node:stream';
import {LineSplitter} from '../../logs/line-splitter.ts';
import {createBell} from '../bell.ts';
import type {SimulatedProcess} from '../program.ts';
import {applyKeys, emptyLine, type LineState, shownLine} from './line-editor.ts';
import type {Output} from './output.ts';

/** What a program read: a line, Ctrl-C, or the end of its input. */
export type Input = {kind: 'line'; text: string} | {kind: 'interrupt'} | {kind: 'end'};

export type LineReader = {
  /** The next line; a terminal shows the prompt, echoes and edits. */
  read(prompt: string): Promise<Input>;
  /** Leaves the input to another program, until the next read. */
  release(): void;
};

/** Reads a program's input line by line. Without a terminal there is no prompt and no echo. */
export function createLineReader(process: SimulatedProcess, output: Output): LineReader {
  return process.terminal === undefined ? plainReader(process) : terminalReader(process, output);
}

/** Takes the lines of a program's input until its end or the signal; false: Ctrl-C came. Then the input is another program's. */
export async function takeLines(
  process: SimulatedProcess,
  output: Output,
  take: (line: string) => void | Promise<void>,
): Promise<boolean> {
  const reader = createLineReader(process, output);
  try {
    for (;;) {
      const input = await reader.read('');
      if (input.kind !== 'line') return input.kind === 'end';
      await take(input.text);
    }
  } finally {
    reader.release();
  }
}

const longestLine = 1024 * 1024;

function plainReader(process: SimulatedProcess): LineReader {
  const {signal} = process;
  const lines: string[] = [];
  const bell = createBell();
  let ended = false;
  const splitter = new LineSplitter(
    more => {
      lines.push(...more);
      bell.ring();
    },
    {maxLineLength: longestLine},
  );
  const ear = createEar(
    process,
    chunk => splitter.push(chunk),
    () => {
      if (!ended) splitter.end();
      ended = true;
      bell.ring();
    },
  );
  return {
    async read() {
      ear.listen();
      while (lines.length === 0 && !ended && !signal.aborted) await bell.rung(signal);
      const text = lines.shift();
      return text === undefined || signal.aborted ? {kind: 'end'} : {kind: 'line', text};
    },
    release: ear.leave,
  };
}

function terminalReader(process: SimulatedProcess, output: Output): LineReader {
  const {stdin, signal} = process;
  const history: string[] = [];
  const bell = createBell();
  /** Keys that were pressed before anything asked for them. */
  let waiting = '';
  /** The beginning of a character whose end is still on its way. */
  let torn: Buffer<ArrayBufferLike> = Buffer.of();
  let ended = false;
  const ear = createEar(
    process,
    chunk => {
      const bytes = Buffer.concat([torn, chunk]);
      const whole = wholeCharacters(bytes);
      waiting += bytes.toString('utf8', 0, whole);
      torn = bytes.subarray(whole);
      bell.ring();
    },
    () => {
      ended = true;
      bell.ring();
    },
  );
  return {
    async read(prompt) {
      ear.listen();
      let state: LineState = emptyLine(history);
      await output.out(prompt);
      for (;;) {
        const result = applyKeys(state, waiting);
        waiting = result.rest;
        const changed = result.state !== state;
        state = result.state;
        if (result.done !== undefined) {
          if (result.done === 'line') {
            await output.out(`${shownLine(prompt, state)}\n`);
            if (state.text.trim() !== '') history.push(state.text);
            return {kind: 'line', text: state.text};
          }
          await output.out(result.done === 'interrupt' ? '^C\n' : '');
          return {kind: result.done};
        }
        if (changed) await output.out(shownLine(prompt, state));
        if (ended || signal.aborted) return {kind: 'end'};
        if (waiting !== '' && !result.partial) continue;
        await bell.rung(signal);
      }
    },
    release() {
      ear.leave();
      giveBack(stdin, Buffer.concat([Buffer.from(waiting), torn]));
      waiting = '';
      torn = Buffer.of();
    },
  };
}

/** Listens to a program's input from `listen` until `leave`; `onEnd`: nothing more comes, or the program is to end. May be called twice. */
function createEar({stdin, signal}: SimulatedProcess, onData: (chunk: Buffer) => void, onEnd: () => void) {
  let listening = false;
  return {
    listen() {
      if (!listening) {
        listening = true;
        stdin.on('data', onData).on('end', onEnd).on('close', onEnd);
        signal.addEventListener('abort', onEnd);
        if (signal.aborted || stdin.readableEnded || stdin.destroyed) onEnd();
      }
      stdin.resume();
    },
    leave() {
      if (!listening) return;
      listening = false;
      stdin.off('data', onData).off('end', onEnd).off('close', onEnd);
      signal.removeEventListener('abort', onEnd);
      stdin.pause();
    },
  };
}

/** Puts back keys that were read ahead: they are for whoever reads next. */
export function giveBack(stdin: Readable, keys: Uint8Array): void {
  if (keys.length > 0 && !stdin.readableEnded && !stdin.destroyed) stdin.unshift(keys);
}

/** How many of these bytes of UTF-8 come before a last character that is not whole. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
