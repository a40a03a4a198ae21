import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {fillRate, isFilling, withTrend} from '../../source/cluster/disk-trend.ts';
import {current, type Sample} from '../../source/cluster/sample.ts';
import type {DiskReading, Filesystem, HostSnapshot} from '../../source/cluster/snapshot.ts';
import {statusDocument} from '../../source/cluster/status-document.ts';
import {cluster, failedSample, host, now, primaryReading, sample} from './example-cluster.ts';

const gigabyte = 1024 ** 3;

function disk(freeGigabytes: number, more: Partial<Filesystem> = {}): DiskReading {
  const filesystem: Filesystem = {
    holds: 'data',
    device: '/dev/vda1',
    mount: '/var/lib/postgres',
    totalBytes: 100 * gigabyte,
    usedBytes: (100 - freeGigabytes) * gigabyte,
    freeBytes: freeGigabytes * gigabyte,
    ...more,
  };
  return {filesystems: [filesystem], walBytes: 8 * gigabyte, logBytes: 12_288, leftovers: []};
}

/** Seconds before now, and gigabytes that were free then. */
type Look = readonly [ago: number, free: number];

function looks(...seen: readonly Look[]): Sample<DiskReading> | undefined {
  let last: Sample<DiskReading> | undefined;
  for (const [ago, free] of seen) last = withTrend(last, {value: disk(free), at: now - ago * 1000, source: 'df'});
  return last;
}

function findings(...hosts: readonly HostSnapshot[]) {
  const others = [host(1), host(2), host(3)].filter(each => !hosts.some(given => given.name === each.name));
  return assess(cluster({hosts: [...hosts, ...others]}), now).findings.filter(finding => finding.code === 'R32');
}

describe('R32', () => {
  test.each([
    [21, undefined],
    [19, 'warning'],
    [9, 'critical'],
    [0, 'critical'],
  ])('%i %% free: %s', (free, severity) => {
    expect(findings(host(1, {nodeDisk: sample(disk(free))}))[0]?.severity).toBe(severity);
  });

  test('names the disk, what is on it, how long it lasts, and what keeps the WAL', () => {
    const slot = {name: 'pgautofailover_standby_3', nodeId: 3, active: false, retainedBytes: 4 * gigabyte};
    const [finding] = findings(
      host(1, {nodeDisk: looks([60, 18], [30, 15], [0, 12]), postgres: sample(primaryReading({slots: [slot]}))}),
    );
    expect(finding).toMatchObject({
      node: 'pg_node1',
      severity: 'critical',
      title: 'the disk of pg_node1 on ubuntu24.04-1 is 88 % full, full in about 2 min',
      evidence: [
        'df: 88 GB of 100 GB used, 12 GB left, on /var/lib/postgres',
        'it fills by 102 MB a second, seen for 60 s',
        'pg_wal has 8.0 GB',
        'slot pgautofailover_standby_3 (pg_node3) is not read from and keeps 4.0 GB of WAL',
      ],
    });
    expect(finding?.remedy).toContain('bring pg_node3 back, or drop it');
    expect(finding?.remedy).toContain('Never delete files in pg_wal');
  });

  test('one that fills is told before it is nearly full, one with plenty of room is not', () => {
    expect(findings(host(1, {nodeDisk: looks([60, 46], [0, 45])}))[0]?.severity).toBe('warning');
    expect(findings(host(1, {nodeDisk: looks([60, 86], [0, 80])}))).toEqual([]);
  });

  test('what is forecast counts from the look, not from when it is read', () => {
    const title = (ago: number) => findings(host(1, {nodeDisk: looks([ago + 60, 18], [ago, 12])}))[0]?.title;
    expect(title(0)).toContain('full in about 2 min');
    expect(title(80)).toContain('full in about 40 s');
  });

  test('a disk that a node and the monitor share is told once, and one of its own as well', () => {
    const reading = sample(disk(5));
    expect(findings(host(3, {nodeDisk: reading, monitorDisk: reading})).map(finding => finding.title)).toEqual([
      'the disk of pg_node3 and the monitor on ubuntu24.04-3 is 95 % full',
    ]);
    const other = sample(disk(5, {device: '/dev/vdb', mount: '/monitor'}));
    const own = findings(host(3, {nodeDisk: sample(disk(50)), monitorDisk: other}));
    expect(own.map(({node, title}) => [node, title])).toEqual([
      [null, 'the disk of the monitor on ubuntu24.04-3 is 95 % full'],
    ]);
  });

  test('a disk of the WAL alone is told as such', () => {
    const [data] = disk(50).filesystems;
    const [wal] = disk(1, {holds: 'WAL', device: '/dev/vdc', mount: '/wal'}).filesystems;
    if (data === undefined || wal === undefined) throw new Error('a disk has a filesystem');
    const both = {...disk(50), filesystems: [data, wal]};
    expect(findings(host(2, {nodeDisk: sample(both)})).map(finding => finding.title)).toEqual([
      'the WAL disk of pg_node2 on ubuntu24.04-2 is 99 % full',
    ]);
  });

  test('what was last seen before the host was lost, or long ago, says nothing of now', () => {
    const last = {value: disk(1), at: now - 5000};
    expect(findings(host(1, {nodeDisk: failedSample('not-connected', 'not connected', last)}))).toEqual([]);
    expect(findings(host(1, {nodeDisk: sample(disk(1), {at: now - 200_000})}))).toEqual([]);
  });

  test('stands in the document of status', () => {
    const snapshot = cluster({hosts: [host(1, {nodeDisk: sample(disk(0))}), host(2), host(3)]});
    const document = statusDocument(snapshot, assess(snapshot, now), now);
    expect(document.findings[0]).toMatchObject({
      code: 'R32',
      severity: 'critical',
      node: 'pg_node1',
      title: 'the disk of pg_node1 on ubuntu24.04-1 is full: PostgreSQL cannot write',
    });
  });
});

describe('how fast a disk fills', () => {
  const rate = (...seen: readonly Look[]) => {
    const filesystem = current(looks(...seen))?.filesystems[0];
    return filesystem === undefined ? undefined : fillRate(filesystem);
  };

  test('is not known from one look, or from two that are close', () => {
    expect(rate([0, 50])).toBeUndefined();
    expect(rate([5, 60], [0, 50])).toBeUndefined();
  });

  test('is that of the last minutes', () => {
    expect(rate([600, 90], [40, 50], [0, 46])).toBeCloseTo(0.1 * gigabyte);
  });

  test('begins anew when space was made', () => {
    expect(rate([80, 20], [60, 10], [40, 60], [20, 58], [0, 56])).toBeCloseTo(0.1 * gigabyte);
    expect(rate([40, 20], [20, 10], [0, 60])).toBeUndefined();
  });

  test('makes it worth a look sooner', () => {
    expect(isFilling(disk(60))).toBe(false);
    expect(isFilling(disk(20))).toBe(true);
    expect(isFilling(current(looks([60, 46], [0, 45])) ?? disk(60))).toBe(true);
  });
});
