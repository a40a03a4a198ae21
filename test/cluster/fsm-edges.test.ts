import {expect, test} from 'vitest';
import {isPossible, knowsEdgesOf} from '../../source/cluster/fsm-edges.ts';
import {readTrace} from './trace.ts';

test.each(['events_monitor1.csv', 'events_monitor2.csv', 'events_restarts.csv'])(
  'every transition that a real cluster made (%s) is possible',
  file => {
    const impossible = readTrace(file).filter(event => !isPossible(event.reportedState, event.assignedState));
    expect(impossible.map(event => `${event.id}: ${event.reportedState} -> ${event.assignedState}`)).toEqual([]);
  },
);

test.each([
  ['wait_primary', 'draining'],
  ['wait_primary', 'demote_timeout'],
  ['demote_timeout', 'wait_primary'],
  ['draining', 'primary'],
  ['primary', 'report_lsn'],
  ['wait_maintenance', 'single'],
] as const)('%s -> %s, which the monitor is known to assign, is a dead end', (reported, assigned) => {
  expect(isPossible(reported, assigned)).toBe(false);
});

test('any node can be dropped', () => {
  expect(isPossible('secondary', 'dropped')).toBe(true);
});

test.each([
  ['2.0', true],
  ['2.1', true],
  ['2.2', true],
  ['2.3-dev', false],
  ['2.20', false],
  ['3.0', false],
])('the transitions of version %s are known: %s', (version, known) => {
  expect(knowsEdgesOf(version)).toBe(known);
});
