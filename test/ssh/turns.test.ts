import {afterEach, beforeEach, expect, it, vi} from 'vitest';
import {type Turn, Turns} from '../../source/ssh/turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

/** Asks for as many turns as there are names; `begun` has those whose turn came, `turn` has them. */
function ask(turns: Turns, names: readonly string[], signal = never) {
  const begun: string[] = [];
  const taken = new Map<string, Turn>();
  for (const name of names) {
    void turns.take(signal).then(turn => {
      begun.push(name);
      taken.set(name, turn);
    });
  }
  return {begun, turn: (name: string) => taken.get(name)};
}

it('lets so many begin, and the next when one has ended, in the order they came', async () => {
  const {begun, turn} = ask(new Turns(2, 1000), ['a', 'b', 'c', 'd']);
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['a', 'b']);
  turn('b')?.end();
  turn('b')?.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['a', 'b', 'c']);
});

it('waits for nobody who takes long', async () => {
  const {begun} = ask(new Turns(2, 1000), ['a', 'b', 'c', 'd', 'e']);
  await vi.advanceTimersByTimeAsync(999);
  expect(begun).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(1000);
  expect(begun).toHaveLength(5);
});

it('waits longer for one that asks for it', async () => {
  const {begun, turn} = ask(new Turns(1, 1000), ['a', 'b']);
  await vi.advanceTimersByTimeAsync(500);
  turn('a')?.last(4000);
  await vi.advanceTimersByTimeAsync(3999);
  expect(begun).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(['a', 'b']);
});

it('keeps nobody who gives up, and no timer when all have ended', async () => {
  const over = new AbortController();
  const turns = new Turns(1, 1000);
  const first = ask(turns, ['a']);
  const second = ask(turns, ['b'], over.signal);
  await vi.advanceTimersByTimeAsync(0);
  over.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(second.begun).toEqual(['b']);
  first.turn('a')?.end();
  second.turn('b')?.end();
  expect(vi.getTimerCount()).toBe(0);
});
