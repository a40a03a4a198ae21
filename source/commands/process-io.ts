import {setTimeout as delay} from 'node:timers/promises';
import {askOnTerminal} from './ask-on-terminal.ts';
import type {CommandIo} from './command-io.ts';

/** This process's own streams and signals, for a command. A reader that went away (`| head`) ends the command quietly. */
export function processIo(): CommandIo {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  // A terminal that goes away may say so twice, and what is known has to be written down before the end.
  process.on('SIGHUP', () => ending.abort());
  onOutputClosed(() => ending.abort());
  // A terminal that is gone takes no words, and what is being done has to be brought to its end all the same.
  process.stderr.on('error', () => ending.abort());
  return {
    stdout: text => void process.stdout.write(text),
    stderr: text => void process.stderr.write(text),
    ask: askOnTerminal(),
    signal: ending.signal,
    sleep: async ms => {
      if (ending.signal.aborted) return;
      await delay(ms, undefined, {signal: ending.signal}).catch((error: Error) => {
        if (error.name !== 'AbortError') throw error;
      });
    },
  };
}

/** Calls back when nobody reads standard output any more (`| head`), which is then no defect; any other failure to write is sysexits' 74. */
export function onOutputClosed(listener: () => void): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = 74;
    listener();
  });
}
