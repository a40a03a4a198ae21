import {closeSync, constants, openSync, writeSync} from 'node:fs';

/** Where frames go: at most one is on its way, and writing never waits for the terminal. */
export type Sink = {
  /** Still writing the last frame; do not call `write` then. */
  readonly busy: boolean;
  /** Bytes that the terminal has taken since the start. */
  readonly bytes: number;
  /** How long the last frame took to be taken, in ms. */
  readonly drainMs: number;
  write(frame: string | Uint8Array): void;
  /** Called whenever the sink is no longer busy; returns the unsubscriber. */
  onDrain(listener: () => void): () => void;
  /** Called once when the terminal is gone (its window or connection was closed). */
  onGone(listener: (error: Error) => void): void;
  /**
   * Last words: drops the frame that is on its way and writes `text` at once, waiting a third of a second at most for a
   * terminal that takes nothing. False when it did not take all of it.
   */
  finish(text: string): boolean;
  close(): void;
};

/** What a sink writes with: as writeSync of node:fs on a descriptor that does not block, it throws EAGAIN when the terminal takes nothing. */
export type SinkDevice = {
  write(bytes: Uint8Array, offset: number): number;
  close(): void;
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
  /** Stops the whole program for a moment. */
  pause(milliseconds: number): void;
};

/**
 * Opens the terminal of standard output a second time, so that writing to it without blocking changes nothing for the
 * programs that share it (O_NONBLOCK belongs to the opening, not to the terminal). Where that cannot be, standard output
 * itself is the device, which may block.
 */
export function openTerminalDevice(paths = ['/proc/self/fd/1', '/dev/tty']): SinkDevice {
  const descriptor = paths.reduce<number | undefined>((opened, path) => opened ?? tryOpen(path), undefined);
  return {
    write: (bytes, offset) => writeSync(descriptor ?? 1, bytes, offset),
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
    },
    now: () => performance.now(),
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    pause: milliseconds => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    },
  };
}

/** A sink on a device. While the terminal takes nothing it asks again, ever more seldom. */
export function createSink(device: SinkDevice): Sink {
  return new DeviceSink(device);
}

const firstRetryMs = 1;
const lastRetryMs = 50;
const longestFinishMs = 300;
const finishPauseMs = 10;

/** CAN: ends a control sequence that was cut off in the middle. */
const cancelSequence = '\u0018';

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
  readonly #drainListeners = new Set<() => void>();
  #goneListener: (error: Error) => void = () => undefined;

  constructor(device: SinkDevice) {
    this.#device = device;
  }

  get busy(): boolean {
    return this.#pending !== undefined;
  }

  write(frame: string | Uint8Array): void {
    if (this.#gone || frame.length === 0) return;
    if (this.#pending !== undefined) throw new Error('a frame is still on its way to the terminal');
    this.#pending = typeof frame === 'string' ? encoder.encode(frame) : frame;
    this.#offset = 0;
    this.#retryMs = firstRetryMs;
    this.#startedAt = this.#device.now();
    this.#push();
  }

  onDrain(listener: () => void): () => void {
    this.#drainListeners.add(listener);
    return () => this.#drainListeners.delete(listener);
  }

  onGone(listener: (error: Error) => void): void {
    this.#goneListener = listener;
  }

  finish(text: string): boolean {
    const torn = this.#pending !== undefined && this.#offset > 0;
    this.#drop();
    if (this.#gone) return false;
    const bytes = encoder.encode(torn ? cancelSequence + text : text);
    let offset = 0;
    for (let waited = 0; offset < bytes.length && waited < longestFinishMs; ) {
      try {
        const written = this.#device.write(bytes, offset);
        offset += written;
        this.bytes += written;
      } catch (error) {
        if (!isTemporary(error)) return false;
        this.#device.pause(finishPauseMs);
        waited += finishPauseMs;
      }
    }
    return offset === bytes.length;
  }

  close(): void {
    this.#drop();
    if (!this.#gone) this.#device.close();
    this.#gone = true;
  }

  #drop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#pending = undefined;
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
    if (waited) this.#drained();
  }

  #failed(error: unknown): void {
    if (isTemporary(error)) {
      this.#cancelRetry = this.#device.after(this.#retryMs, () => this.#push());
      this.#retryMs = Math.min(lastRetryMs, this.#retryMs * 2);
      return;
    }
    this.#pending = undefined;
    this.close();
    this.#goneListener(error instanceof Error ? error : new Error(String(error)));
    this.#drained();
  }

  #drained(): void {
    for (const listener of [...this.#drainListeners]) listener();
  }
}

const encoder = new TextEncoder();

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // Not on this system, or another user's: the next path may do.
    return undefined;
  }
}

function isTemporary(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR');
}
