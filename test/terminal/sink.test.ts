import {expect, test} from 'vitest';
import {createSink, type SinkDevice} from '../../source/terminal/sink.ts';

/** A terminal that takes as many bytes as it is given room for, then none. */
class SlowDevice implements SinkDevice {
  taken = '';
  room = 0;
  failure: string | undefined;
  pauses = 0;
  closed = false;
  time = 0;
  #retry: (() => void) | undefined;

  write(bytes: Uint8Array, offset: number): number {
    if (this.failure !== undefined) throw Object.assign(new Error(this.failure), {code: this.failure});
    if (this.room === 0) throw Object.assign(new Error('EAGAIN'), {code: 'EAGAIN'});
    const part = bytes.subarray(offset, offset + this.room);
    this.room -= part.length;
    this.taken += new TextDecoder().decode(part);
    return part.length;
  }

  after(_milliseconds: number, run: () => void): () => void {
    this.#retry = run;
    return () => {
      this.#retry = undefined;
    };
  }

  /** Lets time pass until the sink asks again. */
  retry(): void {
    const run = this.#retry;
    this.#retry = undefined;
    run?.();
  }

  now(): number {
    return this.time;
  }

  pause(): void {
    this.pauses++;
  }

  close(): void {
    this.closed = true;
  }
}

test('a frame that the terminal takes at once leaves the sink free', () => {
  const device = new SlowDevice();
  device.room = 100;
  const sink = createSink(device);
  sink.write('héllo');
  expect(device.taken).toBe('héllo');
  expect(sink.busy).toBe(false);
  expect(sink.bytes).toBe(6);
});

test('a terminal that takes part of a frame gets the rest later, and the sink says when it is free', () => {
  const device = new SlowDevice();
  const sink = createSink(device);
  let drained = 0;
  sink.onDrain(() => drained++);
  device.room = 3;
  sink.write('frame one');
  expect(sink.busy).toBe(true);
  expect(() => sink.write('frame two')).toThrow();
  device.retry();
  expect(sink.busy).toBe(true);
  device.room = 100;
  device.time = 250;
  device.retry();
  expect(device.taken).toBe('frame one');
  expect([sink.busy, drained, sink.drainMs]).toEqual([false, 1, 250]);
});

test.each(['EIO', 'EPIPE', 'ENXIO'])(
  'a terminal that is gone (%s) is reported once and never written to again',
  failure => {
    const device = new SlowDevice();
    const sink = createSink(device);
    const gone: string[] = [];
    sink.onGone(error => gone.push(error.message));
    device.failure = failure;
    sink.write('frame');
    sink.write('another');
    expect(sink.finish('bye')).toBe(false);
    expect(gone).toEqual([failure]);
    expect([sink.busy, device.closed]).toEqual([false, true]);
  },
);

test('the last words cut a torn frame off and come at once', () => {
  const device = new SlowDevice();
  const sink = createSink(device);
  device.room = 4;
  sink.write('\u001B[12;34Htext');
  device.room = 100;
  expect(sink.finish('bye')).toBe(true);
  expect(device.taken).toBe('\u001B[12\u0018bye');
  device.retry();
  expect(device.taken).toBe('\u001B[12\u0018bye');
});

test('the last words give up on a terminal that takes nothing', () => {
  const device = new SlowDevice();
  const sink = createSink(device);
  expect(sink.finish('bye')).toBe(false);
  expect(device.pauses).toBeGreaterThan(1);
});
