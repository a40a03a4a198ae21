import {Duplex} from 'node:stream';
import type {ClientChannel} from 'ssh2';
import type {Problem} from '../cluster/problem.ts';

/**
 * An ssh2 channel as a stream that ends, breaks and is destroyed as a socket is. A bare channel ignores the error it is destroyed with and
 * never calls back for what is written after its end.
 */
export class ForwardedStream extends Duplex {
  readonly #channel: ClientChannel;
  #pending: ((error?: Error | null) => void) | undefined;
  #closed: boolean = false;

  /** `lost` says why the connection underneath is down, once it is. */
  constructor(channel: ClientChannel, lost: () => Problem | undefined) {
    super();
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => {
      if (lost() === undefined) this.push(null);
    });
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('close', () => {
      this.#closed = true;
      const problem = lost();
      const error = problem === undefined ? undefined : new Error(problem.message);
      this.#settle(error ?? new Error('the other side closed the stream'));
      // Without an error, what was received is still to be read; the stream is over when that is done.
      if (error !== undefined || this.readableEnded) this.destroy(error);
      else this.once('end', () => this.destroy());
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#closed || !this.#channel.writable) {
      done(new Error('the stream is closed'));
      return;
    }
    this.#pending = done;
    this.#channel.write(chunk, () => this.#settle(null));
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#closed) this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#settle(error);
    if (!this.#closed) {
      this.#channel.close();
      // The channel is only over when all that was sent before its end is read.
      this.#channel.resume();
    }
    done(error);
  }

  #settle(error: Error | null): void {
    const done = this.#pending;
    this.#pending = undefined;
    done?.(error);
  }
}
