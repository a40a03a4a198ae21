import {describe, expect, test} from 'vitest';
import {startClock, type Timer} from '../../../source/simulator/embedded/clock.ts';

/** A machine whose time the test moves. */
function machine() {
  let now = 1000;
  let due: {at: number; run: () => void}[] = [];
  const timer: Timer = {
    now: () => now,
    after(milliseconds, run) {
      const entry = {at: now + milliseconds, run};
      due.push(entry);
      return () => {
        due = due.filter(each => each !== entry);
      };
    },
  };
  return {
    timer,
    waiting: () => due.length,
    /** The machine did nothing meanwhile. */
    sleep(milliseconds: number) {
      now += milliseconds;
    },
    pass(milliseconds: number) {
      for (const end = now + milliseconds; ; ) {
        const next = due.toSorted((one, other) => one.at - other.at)[0];
        if (next === undefined || next.at > end) {
          now = end;
          return;
        }
        due = due.filter(each => each !== next);
        now = Math.max(now, next.at);
        next.run();
      }
    },
  };
}

function world() {
  const pieces: number[] = [];
  return {
    pieces,
    advance: (milliseconds: number) => pieces.push(milliseconds),
    time: () => pieces.reduce((a, b) => a + b, 0),
  };
}

describe('the clock of an embedded cluster', () => {
  test('goes as fast as it is told, in pieces of 50 ms at most', () => {
    const {timer, pass} = machine();
    const {advance, pieces, time} = world();
    const clock = startClock(advance, timer, {speed: 1, paused: false});
    pass(10_000);
    expect(time()).toBe(10_000);
    clock.setSpeed(10);
    pass(10_000);
    expect(time()).toBe(110_000);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(50);
  });

  test('stands still while paused, makes nothing up for it, and can be stepped', () => {
    const {timer, pass} = machine();
    const {advance, time} = world();
    const clock = startClock(advance, timer, {speed: 2, paused: true});
    pass(5000);
    expect(time()).toBe(0);
    clock.step(3000);
    expect(time()).toBe(3000);
    clock.resume();
    pass(1000);
    expect(time()).toBe(5000);
    clock.pause();
    pass(60_000);
    expect(clock.isPaused()).toBe(true);
    expect(time()).toBe(5000);
  });

  test('a machine that slept for a night catches up with a minute of it', () => {
    const {timer, pass, sleep} = machine();
    const {advance, time} = world();
    startClock(advance, timer, {speed: 1, paused: false});
    sleep(8 * 3_600_000);
    pass(1000);
    expect(time()).toBe(60_000 + 1000);
  });

  test('a world that takes longer than its time leaves room for others, and loses none', () => {
    const {timer, pass, sleep, waiting} = machine();
    const {advance, time} = world();
    let slow: boolean = true;
    const clock = startClock(
      milliseconds => {
        if (slow) sleep(15);
        advance(milliseconds);
      },
      timer,
      {speed: 100, paused: false},
    );
    pass(100);
    expect(time()).toBeLessThan(10_000);
    slow = false;
    pass(900);
    expect(time()).toBeGreaterThan(97_000);
    clock.close();
    expect(waiting()).toBe(0);
  });
});
