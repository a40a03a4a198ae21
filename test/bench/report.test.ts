import {expect, test} from 'vitest';
import {cpuSeconds, memoryBytes} from './process-usage.ts';
import {isWithinBudget, markdown} from './report.ts';
import {median, worst} from './statistics.ts';

test('the table has every number beside its budget', () => {
  const table = markdown([
    {what: 'first frame', unit: 'ms', budget: 200, console: 143.4, watch: 412},
    {what: 'idle CPU', unit: '%', budget: 2, console: 2.51, watch: 1.7, note: 'over 20 s'},
    {what: 'stall', unit: 'ms', console: Number.NaN},
  ]);
  expect(table.split('\n')).toEqual([
    '| what        | budget |   pgaf | pg_autoctl watch | pgaf / watch |                 |',
    '|-------------|-------:|-------:|-----------------:|-------------:|-----------------|',
    '| first frame | 200 ms | 143 ms |           412 ms |        0.35x | ok              |',
    '| idle CPU    |  2.00% |  2.51% |            1.70% |        1.48x | OVER; over 20 s |',
    '| stall       |        |      ? |                  |              |                 |',
  ]);
});

test('what was not measured is not within its budget', () => {
  expect(isWithinBudget({what: '', unit: 'ms', budget: 8})).toBeUndefined();
  expect(isWithinBudget({what: '', unit: 'ms', budget: 8, console: Number.NaN})).toBeUndefined();
  expect(isWithinBudget({what: '', unit: 'ms', budget: 8, console: 8})).toBe(true);
  expect(isWithinBudget({what: '', unit: 'ms', budget: 8, console: 8.1})).toBe(false);
});

test('median and worst', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(worst([3, 1, 2])).toBe(3);
  expect(median([])).toBeNaN();
  expect(worst([])).toBeNaN();
});

test('processes are read as /proc writes them', () => {
  const stat = '4242 (a (b) c) S 1 4242 4242 34816 4242 4194304 3000 0 0 0 150 50 0 0 20 0 11 0 1 2 3';
  expect(cpuSeconds(stat)).toBe(2);
  expect(
    memoryBytes('55 ---p [rollup]\nRss:              102400 kB\nPss:               51200 kB\nPss_Dirty:  1 kB\n'),
  ).toEqual({
    resident: 104_857_600,
    proportional: 52_428_800,
  });
});
