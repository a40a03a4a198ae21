import {Duplex} from 'node:stream';
import {errorText, type Outcome} from '../cluster/problem.ts';

/**
 * What `pg` takes for a TCP socket: a byte stream that is opened when `pg` connects, here through SSH. Ends and breaks as a socket does.
 */
export class TunnelSocket extends Duplex {
  readonly #open: () => Promise<Outcome<Duplex>>;
  #channel: Duplex | undefined;

  constructor(open: () => Promise<Outcome<Duplex>>) {
    // Half-open would keep 'close' from `pg` after the server's end.
    super({allowHalfOpen: false});
    this.#open = open;
  }

  connect(): this {
    void this.#connect();
    return this;
  }

  async #connect(): Promise<void> {
    const outcome = await this.#open();
    if (!outcome.ok) {
      this.destroy(new TunnelError(outcome.problem.message, outcome));
      return;
    }
    const channel = outcome.value;
    channel.on('error', error => this.destroy(new Error(errorText(error))));
    if (this.destroyed) {
      channel.destroy();
      return;
    }
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => this.push(null));
    channel.on('close', () => this.destroy());
    this.emit('connect');
  }

  override _read(): void {
    this.#channel?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // A closed channel never calls back.
    if (this.#channel?.writable !== true) done(new Error('the SSH channel is closed'));
    else this.#channel.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel?.destroy();
    // Later, or the cause is masked by pg's "Connection terminated unexpectedly".
    setImmediate(done, error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** The stream could not be opened; `outcome.problem` says why in the ssh edge's own words. */
export class TunnelError extends Error {
  readonly outcome: Extract<Outcome<Duplex>, {ok: false}>;

  constructor(message: string, outcome: Extract<Outcome<Duplex>, {ok: false}>) {
    super(message);
    this.outcome = outcome;
  }
}
