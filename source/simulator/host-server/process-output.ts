import {Writable} from 'node:stream';
import type {ServerChannel} from 'ssh2';

/** The two outputs of a program in a session, which take turns. */
export type ProcessOutput = {
  stdout: Writable;
  stderr: Writable;
  /** Ends both; resolves when the channel has taken everything, or is over. */
  end(): Promise<void>;
};

/** A channel takes no more than this at once, so that a program notices soon that its reader is slow. */
const pieceBytes = 64 * 1024;

/**
 * Writes to a channel, one piece at a time: ssh2 mixes up what waits for the reader's window when both outputs wait. With a terminal
 * there is one output.
 */
export function processOutput(channel: ServerChannel, terminal: boolean, over: AbortSignal): ProcessOutput {
  let turn = Promise.resolve();
  const write = (target: Writable, chunk: Buffer): Promise<void> => {
    turn = turn.then(() => writeTo(channel, target, chunk, over));
    return turn;
  };
  const open = (target: Writable) =>
    new Writable({
      highWaterMark: pieceBytes,
      write(chunk: Buffer, _encoding, done) {
        void write(target, chunk).then(() => done());
      },
    });
  const stdout = open(channel);
  const stderr = terminal ? stdout : open(channel.stderr);
  return {
    stdout,
    stderr,
    async end() {
      for (const stream of new Set([stdout, stderr])) {
        if (stream.writableFinished || stream.destroyed) continue;
        await new Promise<void>(resolve => {
          stream.once('close', resolve);
          stream.end();
        });
      }
    },
  };
}

function writeTo(channel: ServerChannel, target: Writable, chunk: Buffer, over: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (over.aborted || !channel.writable) return resolve();
    const done = () => {
      over.removeEventListener('abort', done);
      forgetWaiting(channel);
      resolve();
    };
    over.addEventListener('abort', done);
    target.write(chunk, done);
  });
}

/** ssh2 keeps what waited for the window after it was sent, and would send it again the next time that the other output waits. */
function forgetWaiting(channel: ServerChannel): void {
  for (const name of ['_chunk', '_chunkcb', '_chunkErr', '_chunkcbErr']) Reflect.set(channel, name, undefined);
}
