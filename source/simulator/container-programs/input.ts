import type {Readable} from 'node:stream';
import {LineSplitter} from '../../logs/line-splitter.ts';
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

const longestLine = 1024 * 1024;

function plainReader({stdin, signal}: SimulatedProcess): LineReader {
  const lines: string[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const splitter = new LineSplitter(
    more => {
      lines.push(...more);
    },
    {maxLineLength: longestLine},
  );
  const onData = (chunk: Buffer) => {
    splitter.push(Buffer.from(chunk));
    if (lines.length > 0) wake?.();
  };
  const onEnd = () => {
    if (!ended) splitter.end();
    ended = true;
    wake?.();
  };
  let listening = false;
  const listen = () => {
    if (listening) return;
    listening = true;
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.on('close', onEnd);
    if (stdin.readableEnded || stdin.destroyed) onEnd();
  };
  signal.addEventListener('abort', onEnd, {once: true});
  return {
    async read() {
      listen();
      stdin.resume();
      if (lines.length === 0 && !ended && !signal.aborted) {
        const {promise, resolve} = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        wake = undefined;
      }
      const text = lines.shift();
      return text === undefined || signal.aborted ? {kind: 'end'} : {kind: 'line', text};
    },
    release() {
      if (!listening) return;
      listening = false;
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.off('close', onEnd);
      stdin.pause();
    },
  };
}

function terminalReader({stdin, signal}: SimulatedProcess, output: Output): LineReader {
  const history: string[] = [];
  /** Keys that were pressed before anything asked for them. */
  let waiting = '';
  let wake: (() => void) | undefined;
  let ended = false;
  const onData = (chunk: Buffer) => {
    waiting += chunk.toString('utf8');
    wake?.();
  };
  const onEnd = () => {
    ended = true;
    wake?.();
  };
  let listening = false;
  signal.addEventListener('abort', onEnd, {once: true});

  return {
    async read(prompt) {
      if (!listening) {
        listening = true;
        stdin.on('data', onData);
        stdin.on('end', onEnd);
        stdin.on('close', onEnd);
        if (stdin.readableEnded || stdin.destroyed) onEnd();
      }
      stdin.resume();
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
        const {promise, resolve} = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        wake = undefined;
      }
    },
    release() {
      if (!listening) return;
      listening = false;
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.off('close', onEnd);
      stdin.pause();
      giveBack(stdin, waiting);
      waiting = '';
    },
  };
}

/** Puts back keys that were read ahead: they are for whoever reads next. */
export function giveBack(stdin: Readable, keys: string): void {
  if (keys !== '' && !stdin.readableEnded && !stdin.destroyed) stdin.unshift(Buffer.from(keys));
}
