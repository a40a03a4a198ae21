import {afterEach, beforeEach, expect, it, vi} from 'vitest';
import {Turns} from '../../source/ssh/turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

/** Asks for as many turns as there are names; `begun` has those whose turn came, `end` gives one back. */
function ask(turns: Turns, names: readonly string[], signal = never) {
  const begun: string[] = [];
  const back = new Map<string, () => void>();
  for (const name of names) {
    void turns.take(signal).then(give => {
      begun.push(name);
      back.set(name, give);
    });
  }
  return {begun, end: (name: string) => back.get(name)?.()};
}

it('lets so many begin, and the next when one has ended, in the order they came', async () => {
  const {begun, end} = ask(new Turns(2, 1000), ['a', 'b', 'c', 'd']);
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['a', 'b']);
  end('b');
  end('b');
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

it('keeps nobody who gives up, and no timer when all have ended', async () => {
  const over = new AbortController();
  const turns = new Turns(1, 1000);
  const first = ask(turns, ['a']);
  const second = ask(turns, ['b'], over.signal);
  await vi.advanceTimersByTimeAsync(0);
  over.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(second.begun).toEqual(['b']);
  first.end('a');
  second.end('b');
  expect(vi.getTimerCount()).toBe(0);
});
