import type {Happening} from './happening.ts';
import {createRandom, type Random} from './random.ts';

/** Something due at a moment of simulated time; cancelled ones are passed over. */
export type Timer = {readonly at: number; readonly order: number; cancelled: boolean; readonly run: () => void};

/** Simulated time: what is due happens in order of time, and of arrival where the time is the same. */
export type Engine = {
  now(): number;
  random: Random;
  after(milliseconds: number, run: () => void): Timer;
  emit(happening: Happening): void;
  listen(listener: (happening: Happening) => void): () => void;
  advance(milliseconds: number): void;
};

/** `afterEach` is called after everything that happens. */
export function createEngine(options: {seed: number; startAt: number; afterEach: () => void}): Engine {
  let now = options.startAt;
  let order = 0;
  const due: Timer[] = [];
  const listeners = new Set<(happening: Happening) => void>();
  return {
    now: () => now,
    random: createRandom(options.seed),
    after(milliseconds, run) {
      order += 1;
      const timer = {at: now + Math.max(0, Math.round(milliseconds)), order, cancelled: false, run};
      push(due, timer);
      return timer;
    },
    emit(happening) {
      for (const listener of listeners) listener(happening);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advance(milliseconds) {
      const end = now + Math.max(0, milliseconds);
      for (let next = due[0]; next !== undefined && next.at <= end; next = due[0]) {
        pop(due);
        if (next.cancelled) continue;
        now = next.at;
        next.run();
        options.afterEach();
      }
      now = end;
    },
  };
}

/** A binary heap: the earliest first. */
function push(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  heap.push(timer);
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, timer)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    let smaller = heap[child];
    if (smaller === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && isBefore(right, smaller)) {
      child += 1;
      smaller = right;
    }
    if (isBefore(last, smaller)) break;
    heap[index] = smaller;
    index = child;
  }
  heap[index] = last;
}

function isBefore(left: Timer, right: Timer): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
