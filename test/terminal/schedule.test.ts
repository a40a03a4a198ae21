import {expect, test} from 'vitest';
import {createSchedule} from '../../source/terminal/schedule.ts';

/** A clock that the test moves. */
function start(intervalMs: number, {rest = 0, took = 0} = {}) {
  let time = 0;
  let timers: Array<{due: number; run: () => void}> = [];
  const runs: number[] = [];
  const state = {busy: false};
  const clock = {
    now: () => time,
    after(milliseconds: number, run: () => void) {
      const timer = {due: time + milliseconds, run};
      timers.push(timer);
      return () => {
        timers = timers.filter(other => other !== timer);
      };
    },
  };
  const pass = (milliseconds: number) => {
    for (const until = time + milliseconds; time < until; time++) {
      const due = timers.filter(timer => timer.due <= time);
      timers = timers.filter(timer => timer.due > time);
      for (const {run} of due) run();
    }
  };
  const run = () => {
    runs.push(time);
    time += took;
  };
  const schedule = createSchedule(run, {intervalMs, rest, busy: () => state.busy, clock});
  return {schedule, runs, pass, state, waiting: () => timers.length};
}

test('the first change after quiet shows at once', () => {
  const {schedule, runs, pass, waiting} = start(100);
  schedule.request();
  expect(runs).toEqual([0]);
  pass(1000);
  schedule.request();
  expect(runs).toEqual([0, 1000]);
  expect(waiting()).toBe(0);
});

test('a flood shows at the interval, its last change included', () => {
  const {schedule, runs, pass} = start(100);
  for (let index = 0; index < 250; index++) {
    schedule.request();
    pass(1);
  }
  pass(1000);
  expect(runs).toEqual([0, 100, 200, 300]);
});

test('nothing runs while nothing changes', () => {
  const {schedule, runs, pass, waiting} = start(100);
  pass(10_000);
  schedule.request();
  pass(10_000);
  expect(runs).toHaveLength(1);
  expect(waiting()).toBe(0);
});

test('a key does not wait, and takes what waited with it', () => {
  const {schedule, runs, pass} = start(100);
  schedule.request();
  pass(10);
  schedule.request();
  schedule.now();
  pass(50);
  expect(runs).toEqual([0, 10]);
});

test('waits while the terminal is busy', () => {
  const {schedule, runs, pass, state} = start(100);
  state.busy = true;
  schedule.request();
  pass(250);
  expect(runs).toEqual([]);
  state.busy = false;
  pass(100);
  expect(runs).toHaveLength(1);
});

test('stopped, it runs no more', () => {
  const {schedule, runs, pass} = start(100);
  schedule.request();
  schedule.request();
  schedule.stop();
  pass(1000);
  expect(runs).toEqual([0]);
});

test('rests after a run in proportion to what it took, when that is longer than the interval', () => {
  const slow = start(20, {rest: 3, took: 10});
  slow.schedule.request();
  slow.schedule.request();
  slow.pass(100);
  expect(slow.runs).toEqual([0, 40]);
  const quick = start(20, {rest: 3, took: 2});
  quick.schedule.request();
  quick.schedule.request();
  quick.pass(100);
  expect(quick.runs).toEqual([0, 20]);
});
