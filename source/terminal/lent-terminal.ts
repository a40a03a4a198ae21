import {LeftModes} from './left-modes.ts';
import type {Sink} from './sink.ts';

/** A terminal while it belongs to another program: bytes both ways as they are, nothing is interpreted or added. */
export type LentTerminal = {
  size(): {columns: number; rows: number};
  /** Returns the unsubscriber, as `listen` does. */
  onResize(listener: () => void): () => void;
  /** Hears what is typed. What nobody hears waits for the next listener; one at a time. */
  listen(listener: (bytes: Uint8Array) => void): () => void;
  /** While input is held, what is typed waits in the terminal. */
  hold(held: boolean): void;
  /** Resolves when the terminal has taken all of it. What is written before that waits its turn. */
  write(data: Uint8Array | string): Promise<void>;
};

/** As much of process.stdin and process.stdout as is needed. */
export type LentStreams = {
  stdin: Pick<NodeJS.ReadStream, 'on' | 'off' | 'resume' | 'pause' | 'setRawMode'>;
  stdout: Pick<NodeJS.WriteStream, 'on' | 'off' | 'getWindowSize'>;
};

/** Lends a terminal, raw from here on. `end` undoes what was left behind on it; false when it took no notice. */
export function lendTerminal({stdin, stdout}: LentStreams, sink: Sink): {lent: LentTerminal; end(): boolean} {
  const modes = new LeftModes();
  let unlisten: () => void = () => undefined;
  let ended = false;
  let turn = Promise.resolve();
  // Whoever stopped this program set the terminal as a shell wants it.
  const onContinued = () => {
    stdin.setRawMode(false);
    stdin.setRawMode(true);
  };
  stdin.setRawMode(true);
  process.on('SIGCONT', onContinued);

  return {
    lent: {
      size() {
        const [columns, rows] = stdout.getWindowSize();
        return {columns, rows};
      },
      onResize(listener) {
        stdout.on('resize', listener);
        return () => stdout.off('resize', listener);
      },
      listen(listener) {
        const onData = (data: Uint8Array | string) => listener(typeof data === 'string' ? Buffer.from(data) : data);
        stdin.on('data', onData);
        stdin.resume();
        unlisten = () => {
          stdin.off('data', onData);
          stdin.pause();
        };
        return unlisten;
      },
      hold(held) {
        if (held) stdin.pause();
        else stdin.resume();
      },
      write(data) {
        turn = turn.then(async () => {
          if (ended) return;
          const bytes = typeof data === 'string' ? Buffer.from(data) : data;
          modes.push(bytes);
          sink.write(bytes);
          if (sink.busy) await drained(sink);
        });
        return turn;
      },
    },
    end() {
      if (ended) return true;
      ended = true;
      unlisten();
      process.off('SIGCONT', onContinued);
      return sink.finish(modes.undo());
    },
  };
}

function drained(sink: Sink): Promise<void> {
  return new Promise(resolve => {
    const unsubscribe = sink.onDrain(() => {
      unsubscribe();
      resolve();
    });
  });
}
