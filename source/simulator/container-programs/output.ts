import type {Writable} from 'node:stream';
import type {SimulatedProcess} from '../program.ts';

/** Prints text of a program; with a terminal every line feed goes with a carriage return, as the terminal driver does it. */
export type Output = {out(text: string): Promise<void>; error(text: string): Promise<void>};

/** Printing waits while the reader holds back. */
export function outputOf(process: SimulatedProcess): Output {
  const translate = process.terminal === undefined ? (text: string) => text : withCarriageReturns;
  return {
    out: text => write(process.stdout, translate(text), process.signal),
    error: text => write(process.stderr, translate(text), process.signal),
  };
}

/** Text as a terminal wants it. */
export function withCarriageReturns(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

async function write(stream: Writable, text: string, signal: AbortSignal): Promise<void> {
  if (text === '' || !stream.writable || signal.aborted || stream.write(text)) return;
  const {promise, resolve} = Promise.withResolvers<void>();
  const done = () => resolve();
  stream.once('drain', done);
  stream.once('close', done);
  signal.addEventListener('abort', done, {once: true});
  await promise;
  stream.off('drain', done);
  stream.off('close', done);
  signal.removeEventListener('abort', done);
}
