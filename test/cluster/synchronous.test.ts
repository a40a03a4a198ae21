import {expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {bad} from '../../source/cluster/problem.ts';
import {parseSynchronousStandbyNames} from '../../source/cluster/synchronous.ts';
import {at, host, monitorNode, postgresReading, withNodes} from '../snapshots/snapshot.ts';

test.each([
  ['', undefined],
  ['  ', undefined],
  ['ANY 1 (a, b)', {required: 1, names: ['a', 'b']}],
  ['any 2 (a,b,c)', {required: 2, names: ['a', 'b', 'c']}],
  ['FIRST 1 ("a", b)', {required: 1, names: ['a', 'b']}],
  ['2 (a, b)', {required: 2, names: ['a', 'b']}],
  ['a', {required: 1, names: ['a']}],
  ['*', {required: 1, names: ['*']}],
])('synchronous_standby_names %j', (text, expected) => {
  expect(parseSynchronousStandbyNames(text)).toEqual(expected);
});

test.each([
  [12, 'blocked', 'the connection of one that is gone still shows'],
  [60, 'degraded', 'the primary would have ended the connection of one that is gone: only its keeper is dead (R11)'],
])('standbys that are not heard for %i s, but stream as the primary shows it: %s, as %s', (age, level) => {
  const hidden = {error: bad('timeout', 'no answer').problem, at, source: 'ssh'};
  const silent = {reportAgeSeconds: age};
  const seen = {
    ...withNodes([monitorNode(1), monitorNode(2, silent), monitorNode(3, silent)]),
    hosts: [host(1), host(2, {postgres: hidden}), host(3, {postgres: hidden})],
  };
  expect(assess(seen, at).verdict.level).toBe(level);
});

test('a standby that nobody hears, and that was just seen to acknowledge, is counted on', () => {
  const hidden = {error: bad('timeout', 'no answer').problem, at, source: 'ssh'};
  const lately = new Map([['pgautofailover_standby_2', 1]]);
  const value = postgresReading(1, {flushedAgoSeconds: lately});
  const seen = {
    ...withNodes([monitorNode(1), monitorNode(2, {reportAgeSeconds: 12}), monitorNode(3, {reportAgeSeconds: 12})]),
    hosts: [host(1, {postgres: {value, at, source: 'psql'}}), host(2, {postgres: hidden}), host(3, {postgres: hidden})],
  };
  expect(assess(seen, at).verdict).toMatchObject({level: 'degraded', writable: true});
});
