import type {Socket} from 'node:net';
import {Duplex} from 'node:stream';
import type {Gate} from './gate.ts';
import {Lane} from './lane.ts';

/**
 * A TCP connection as the sshd of a simulated host sees it: delayed by the network, and silent both ways while the gate does not let
 * bytes pass. Both ends learn of the other's end only then.
 */
export class Link extends Duplex {
  readonly #socket: Socket;
  readonly #inward: Lane;
  readonly #outward: Lane;
  readonly #leave: () => void;
  #written: (() => void) | undefined;
  #isCut: boolean = false;
  #inwardEnded: boolean = false;

  constructor(socket: Socket, gate: Gate) {
    super({allowHalfOpen: false});
    this.#socket = socket;
    const open = gate.state() === 'open';
    const delayMs = () => gate.delayMs();
    this.#inward = new Lane({delayMs, deliver: chunk => this.#receive(chunk), drained: () => socket.resume()}, open);
    this.#outward = new Lane({delayMs, deliver: chunk => this.#transmit(chunk), drained: () => this.#settle()}, open);
    const onData = (chunk: Buffer) => {
      if (!this.#inward.send(chunk)) socket.pause();
    };
    const onEnd = () => this.#inward.send(null);
    const onDrain = () => this.#outward.setOpen(gate.state() === 'open');
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('drain', onDrain);
    const unsubscribe = gate.subscribe(state => {
      this.#inward.setOpen(state === 'open');
      this.#outward.setOpen(state === 'open');
    });
    this.#leave = () => {
      unsubscribe();
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('drain', onDrain);
    };
  }

  /** The server's side is gone at once; returns the socket, on which the other side hears nothing. */
  cut(): Socket {
    this.#isCut = true;
    this.destroy();
    return this.#socket;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written = done;
    if (this.#outward.send(chunk)) this.#settle();
  }

  override _final(done: () => void): void {
    this.#outward.send(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inward.close();
    this.#outward.close();
    this.#settle();
    this.#leave();
    if (!this.#isCut) this.#socket.destroy();
    done(error);
  }

  #receive(chunk: Buffer | null): void {
    // The end comes twice: with the other side's, and with the close.
    if (this.#inwardEnded || this.destroyed) return;
    this.#inwardEnded = chunk === null;
    if (!this.push(chunk) && chunk !== null) this.#socket.pause();
  }

  #transmit(chunk: Buffer | null): void {
    if (this.#socket.destroyed) return;
    if (chunk === null) this.#socket.end();
    else if (!this.#socket.write(chunk)) this.#outward.setOpen(false);
  }

  #settle(): void {
    const done = this.#written;
    this.#written = undefined;
    done?.();
  }
}
