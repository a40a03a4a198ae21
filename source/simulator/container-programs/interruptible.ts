import type {ContainerProgram} from '../program.ts';
import {giveBack} from './input.ts';

/** On a terminal, Ctrl-C ends a program that reads no keys itself, with the exit status of an interrupt. */
export function interruptible(program: ContainerProgram): ContainerProgram {
  return async (process, place) => {
    if (process.terminal === undefined) return program(process, place);
    const interrupt = new AbortController();
    let ahead: Buffer[] = [];
    const onData = (chunk: Buffer) => {
      if (!chunk.includes(3)) {
        ahead.push(chunk);
        return;
      }
      ahead = [];
      process.stdout.write('^C\r\n');
      interrupt.abort();
    };
    process.stdin.on('data', onData);
    process.stdin.resume();
    const signal = AbortSignal.any([process.signal, interrupt.signal]);
    try {
      const status = await program({...process, signal}, place);
      return interrupt.signal.aborted ? 130 : status;
    } finally {
      process.stdin.off('data', onData);
      process.stdin.pause();
      giveBack(process.stdin, Buffer.concat(ahead));
    }
  };
}
