import {closeSync, constants, openSync, writeSync} from 'node:fs';

/** Where frames go: at most one is on its way, and writing never waits for the terminal. */
export type Sink = {
  /** Still writing the last frame; do not call `write` then. */
  readonly busy: boolean;
  /** Bytes that the terminal has taken since the start. */
  readonly bytes: number;
  /** How long the last frame took to be taken, in ms. */
  readonly drainMs: number;
  write(frame: string): void;
  /** Called when the sink is no longer busy. */
  onDrain(listener: () => void): void;
  /** Called once when the terminal is gone (its window or connection was closed). */
  onGone(listener: (error: Error) => void): void;
  /** Gives up what has not been written; true when the terminal was left in the middle of a frame. */
  abandon(): boolean;
  close(): void;
};

/** What a sink writes with: as writeSync of node:fs on a descriptor that does not block, it throws EAGAIN when the terminal takes nothing. */
export type SinkDevice = {
  write(bytes: Uint8Array, offset: number): number;
  close(): void;
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
};

/**
 * Opens the terminal of standard output a second time, so that writing to it without blocking changes nothing for the
 * programs that share it (O_NONBLOCK belongs to the opening, not to the terminal). Undefined when there is no such terminal.
 */
export function openTerminalDevice(paths = ['/proc/self/fd/1', '/dev/fd/1', '/dev/tty']): SinkDevice | undefined {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  for (const path of paths) {
    const descriptor = tryOpen(path, flags);
    if (descriptor === undefined) continue;
    return {
      write: (bytes, offset) => writeSync(descriptor, bytes, offset),
      close: () => closeSync(descriptor),
      now: () => performance.now(),
      after: (milliseconds, run) => {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
    };
  }
  return undefined;
}

/** A sink on a device. While the terminal takes nothing it asks again, ever more seldom. */
export function createSink(device: SinkDevice): Sink {
  return new DeviceSink(device);
}

const firstRetryMs = 1;
const lastRetryMs = 50;

class DeviceSink implements Sink {
  bytes = 0;
  drainMs = 0;
  readonly #device: SinkDevice;
  #pending: Uint8Array | undefined;
  #offset = 0;
  #startedAt = 0;
  #retryMs = firstRetryMs;
  #cancelRetry: (() => void) | undefined;
  #gone: boolean = false;
  #drainListener: () => void = () => undefined;
  #goneListener: (error: Error) => void = () => undefined;

  constructor(device: SinkDevice) {
    this.#device = device;
  }

  get busy(): boolean {
    return this.#pending !== undefined;
  }

  write(frame: string): void {
    if (this.#gone || frame === '') return;
    if (this.#pending !== undefined) throw new Error('a frame is still on its way to the terminal');
    this.#pending = encoder.encode(frame);
    this.#offset = 0;
    this.#retryMs = firstRetryMs;
    this.#startedAt = this.#device.now();
    this.#push();
  }

  onDrain(listener: () => void): void {
    this.#drainListener = listener;
  }

  onGone(listener: (error: Error) => void): void {
    this.#goneListener = listener;
  }

  abandon(): boolean {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const torn = this.#pending !== undefined && this.#offset > 0;
    this.#pending = undefined;
    return torn;
  }

  close(): void {
    this.abandon();
    if (!this.#gone) this.#device.close();
    this.#gone = true;
  }

  #push(): void {
    const waited = this.#cancelRetry !== undefined;
    this.#cancelRetry = undefined;
    const pending = this.#pending;
    if (pending === undefined) return;
    try {
      while (this.#offset < pending.length) {
        const written = this.#device.write(pending, this.#offset);
        this.#offset += written;
        this.bytes += written;
        if (written > 0) this.#retryMs = firstRetryMs;
      }
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#pending = undefined;
    this.drainMs = this.#device.now() - this.#startedAt;
    if (waited) this.#drainListener();
  }

  #failed(error: unknown): void {
    if (codeOf(error) === 'EAGAIN' || codeOf(error) === 'EINTR') {
      this.#cancelRetry = this.#device.after(this.#retryMs, () => this.#push());
      this.#retryMs = Math.min(lastRetryMs, this.#retryMs * 2);
      return;
    }
    this.#pending = undefined;
    this.close();
    this.#goneListener(error instanceof Error ? error : new Error(String(error)));
  }
}

const encoder = new TextEncoder();

function tryOpen(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch {
    // Not on this system, or another user's: the next path may do.
    return undefined;
  }
}

/** The code of a system error: EAGAIN, EIO; undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
