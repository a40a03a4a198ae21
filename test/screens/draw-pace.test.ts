import {afterEach, beforeEach, expect, it, vi} from 'vitest';
import {paceDrawing} from '../../source/screens/draw-pace.ts';

/** The real one, whatever is faked. */
function nextTick(): Promise<void> {
  return new Promise(resolve => process.nextTick(resolve));
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A pace, and at which millisecond since the start it drew. */
function start(situation = {busy: false, flooding: false}) {
  const began = performance.now();
  const drawn: number[] = [];
  const pace = paceDrawing(
    () => drawn.push(Math.round(performance.now() - began)),
    () => situation,
  );
  return {pace, drawn, situation};
}

it('draws all changes of one turn once, at once', () => {
  const {pace, drawn} = start();
  pace.soon();
  pace.soon();
  pace.soon();
  expect(drawn).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(drawn).toHaveLength(1);
});

it('draws what is urgent at most fifty times a second, the last one included', () => {
  const {pace, drawn} = start();
  for (let millisecond = 0; millisecond < 100; millisecond += 1) {
    pace.soon();
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(50);
  expect(drawn.length).toBeGreaterThanOrEqual(5);
  expect(drawn.length).toBeLessThanOrEqual(7);
});

it('draws a key before anything that waits in the event loop, whenever the last drawing was', async () => {
  const {pace, drawn} = start();
  pace.soon();
  vi.advanceTimersByTime(1);
  pace.key();
  pace.key();
  await nextTick();
  expect(drawn).toHaveLength(2);
});

it('draws no key after it was stopped', async () => {
  const {pace, drawn} = start();
  pace.key();
  pace.stop();
  await nextTick();
  expect(drawn).toEqual([]);
});

it('draws samples at once after quiet, then once a second', () => {
  const {pace, drawn} = start();
  for (let times = 0; times < 100; times += 1) {
    pace.calm();
    vi.advanceTimersByTime(10);
  }
  expect(drawn[0]).toBe(0);
  expect(drawn).toEqual([0, 1000]);
});

it('draws a flood of log lines ten times a second, the first one at once', () => {
  const {pace, drawn} = start({busy: false, flooding: true});
  for (let times = 0; times < 1000; times += 1) {
    pace.calm();
    vi.advanceTimersByTime(1);
  }
  expect(drawn[0]).toBe(0);
  expect(drawn).toHaveLength(11);
});

it('prepares no calm frame while the terminal takes none', () => {
  const {pace, drawn, situation} = start({busy: true, flooding: false});
  pace.calm();
  vi.advanceTimersByTime(1000);
  expect(drawn).toEqual([]);
  situation.busy = false;
  vi.advanceTimersByTime(1000);
  expect(drawn).toHaveLength(1);
});

it('draws nothing after it was stopped, and nothing unasked', () => {
  const {pace, drawn} = start();
  vi.advanceTimersByTime(10_000);
  pace.soon();
  pace.calm();
  pace.stop();
  vi.advanceTimersByTime(10_000);
  expect(drawn).toHaveLength(1);
});
