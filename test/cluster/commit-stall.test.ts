import {expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {withCommitStall} from '../../source/cluster/commit-stall.ts';
import {parseLsn} from '../../source/cluster/lsn.ts';
import type {Sample} from '../../source/cluster/sample.ts';
import type {PostgresReading} from '../../source/cluster/snapshot.ts';
import {cluster, failedSample, host, now, primaryReading, replicationRow, sample} from './example-cluster.ts';

/** One look a second: the position written, and how far behind the two standbys have flushed. */
function looks(
  ...rows: readonly (readonly [written: string, behind: number, waiting: number])[]
): Sample<PostgresReading> {
  let last: Sample<PostgresReading> | undefined;
  rows.forEach(([written, behind, waitingForSyncRep], index) => {
    const replication = [2, 3].map(id => replicationRow(id, {flushLagBytes: behind}));
    const reading = primaryReading({currentLsn: parseLsn(written), replication, waitingForSyncRep});
    last = withCommitStall(last, sample(reading, {at: now - 300 - 1000 * (rows.length - 1 - index)}));
  });
  return last ?? sample(primaryReading());
}

const stalled = (of: Sample<PostgresReading>) => ('value' in of ? of.value.commitsStalledSeconds : undefined);
const level = (postgres: Sample<PostgresReading>) =>
  assess(cluster({hosts: [host(1, {postgres}), host(2), host(3)]}), now).verdict.level;

test('commits that wait while nothing is acknowledged are counted, although the standbys still seem to stream', () => {
  const cut = looks(['0/5000100', 0x100, 1], ['0/5000200', 0x200, 2], ['0/5000200', 0x200, 2], ['0/5000300', 0x300, 3]);
  expect(stalled(cut)).toBe(3);
  expect(level(cut)).toBe('blocked');
});

test('a busy primary whose standbys acknowledge is not stalled, however many commits wait at each look', () => {
  const busy = looks(['0/5000100', 0x10, 5], ['0/5000200', 0x10, 5], ['0/5000300', 0x10, 5], ['0/5000400', 0x10, 5]);
  expect(stalled(busy)).toBe(0);
  expect(level(busy)).toBe('healthy');
});

test('an idle primary is not stalled', () => {
  expect(stalled(looks(['0/5000100', 0, 0], ['0/5000100', 0, 0], ['0/5000100', 0, 0]))).toBe(0);
});

test('one acknowledgement ends it', () => {
  expect(stalled(looks(['0/5000200', 0x100, 1], ['0/5000200', 0x100, 1], ['0/5000200', 0, 1]))).toBe(0);
});

test('nothing is concluded over a failed look', () => {
  const before = failedSample<PostgresReading>('timeout', 'no answer');
  expect(stalled(withCommitStall(before, sample(primaryReading({waitingForSyncRep: 1}))))).toBe(0);
  expect(stalled(withCommitStall(sample(primaryReading()), before))).toBeUndefined();
});

test('a standby that was seen to acknowledge is known to have done so, and since when not any more', () => {
  const ages = (of: Sample<PostgresReading>) => ('value' in of ? [...(of.value.flushedAgoSeconds ?? [])] : []);
  const names = [2, 3].map(id => `pgautofailover_standby_${id}`);
  expect(ages(looks(['0/5000100', 0, 0], ['0/5000100', 0, 0]))).toEqual([]);
  expect(ages(looks(['0/5000100', 0, 0], ['0/5000200', 0, 0]))).toEqual(names.map(name => [name, 0]));
  const stopped = looks(['0/5000100', 0, 0], ['0/5000200', 0, 0], ['0/5000300', 0x100, 1], ['0/5000400', 0x200, 1]);
  expect(ages(stopped)).toEqual(names.map(name => [name, 2]));
});
