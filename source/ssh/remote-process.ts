import {Writable} from 'node:stream';
import type {ClientChannel} from 'ssh2';
import type {Problem} from '../cluster/problem.ts';
import type {SshConnection} from './connect.ts';
import type {ProcessEnd, RemoteProcess, Session} from './host-connection.ts';

/** A process that was started in a channel, until its end, the connection's, or close(). */
export function remoteProcess(channel: ClientChannel, connection: SshConnection): RemoteProcess & Session {
  const ended = Promise.withResolvers<ProcessEnd>();
  let exitCode: number | null = null;
  let signal: string | null = null;
  let exited = false;
  let over = false;

  const drain = () => {
    // Channels are only over when both outputs are read (ssh2 #498).
    channel.resume();
    channel.stderr.resume();
  };
  const finish = (problem?: Problem) => {
    over = true;
    ended.resolve(problem === undefined ? {exitCode, signal} : {exitCode, signal, problem});
  };
  channel.on('exit', (code: number | null, name?: string) => {
    exited = true;
    exitCode = code;
    signal = name ?? null;
    // Not at once: start, output and end may come in one packet, before anyone could begin to read.
    setImmediate(() => {
      if (channel.stderr.readableFlowing === null) channel.stderr.resume();
    });
  });
  channel.on('error', ignoreChannelError);
  channel.stderr.on('error', ignoreChannelError);
  channel.on('close', () => {
    if (exited || over) return finish();
    // The connection's own reason, where it is the cause, is known a moment later.
    setImmediate(() => finish(connection.lost() ?? unexplainedEnd(connection)));
  });
  void connection.closed.then(problem => {
    if (!exited) finish(problem);
  });

  return {
    stdin: new ChannelInput(channel),
    stdout: channel,
    stderr: channel.stderr,
    resize({columns, rows}) {
      if (!over) channel.setWindow(rows, columns, 0, 0);
    },
    ended: ended.promise,
    write(text) {
      if (!over && channel.writable) channel.write(text);
    },
    close() {
      if (over) return;
      finish();
      channel.close();
      drain();
    },
  };
}

/** The input of a channel. A bare channel never calls back for what is written after its end; here that is taken and forgotten. */
class ChannelInput extends Writable {
  readonly #channel: ClientChannel;
  #pending: (() => void) | undefined;
  #closed: boolean = false;

  constructor(channel: ClientChannel) {
    super();
    this.#channel = channel;
    channel.on('close', () => {
      this.#closed = true;
      this.#settle();
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#closed || !this.#channel.writable) {
      done();
      return;
    }
    this.#pending = done;
    this.#channel.write(chunk, () => this.#settle());
  }

  override _final(done: () => void): void {
    if (!this.#closed) this.#channel.end();
    done();
  }

  #settle(): void {
    const done = this.#pending;
    this.#pending = undefined;
    done?.();
  }
}

function unexplainedEnd({settings}: SshConnection): Problem {
  return {
    kind: 'closed',
    message: `the command on ${settings.name} ended without an exit status: the session was closed there`,
  };
}

/** An error of a channel is always followed by its close, where it is reported. */
function ignoreChannelError() {}
