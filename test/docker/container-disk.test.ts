import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {current, problemOf, type Sample} from '../../source/cluster/sample.ts';
import type {DiskReading} from '../../source/cluster/snapshot.ts';
import {parseDisk, watchDisk} from '../../source/docker/container-disk.ts';
import {type FakeDocker, fakeDocker} from './fake-docker.ts';
import {type LocalHost, openLocalHost} from './local-host.ts';

/** As a container of the lab printed it. */
const real = `Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/vda         264212084 24930816  81460096      24% /var/lib/postgres
/dev/vda         264212084 24930816  81460096      24% /var/lib/postgres
65544	/var/lib/postgres/pgaf/pg_wal/
12	/var/lib/postgres/pgaf/log/
`;

const data = {
  holds: 'data',
  device: '/dev/vda',
  mount: '/var/lib/postgres',
  totalBytes: 264_212_084 * 1024,
  usedBytes: 24_930_816 * 1024,
  freeBytes: 81_460_096 * 1024,
};

describe('what df and du print', () => {
  test('one disk', () => {
    expect(parseDisk(real)).toEqual({
      filesystems: [data],
      walBytes: 65_544 * 1024,
      logBytes: 12 * 1024,
      leftovers: [],
    });
  });

  test('WAL on a disk of its own, a device and a mount point with blanks, copies that were left', () => {
    const lines = real.split('\n');
    lines[2] = 'my nas:/wal disk       1000      900       100      90% /my wal';
    const reading = parseDisk(`${lines.join('\n')}leftover /var/lib/postgres/backup/node_2\n`);
    expect(reading?.filesystems).toEqual([
      data,
      {
        holds: 'WAL',
        device: 'my nas:/wal disk',
        mount: '/my wal',
        totalBytes: 1_024_000,
        usedBytes: 921_600,
        freeBytes: 102_400,
      },
    ]);
    expect(reading?.leftovers).toEqual(['node_2']);
  });

  test('nothing, when df did not find PGDATA', () => {
    expect(parseDisk('')).toBeUndefined();
    expect(parseDisk(real.split('\n').slice(3).join('\n'))).toBeUndefined();
  });
});

describe('watching it', () => {
  let fake: FakeDocker;
  let host: LocalHost;
  let close = () => {};
  beforeEach(() => {
    fake = fakeDocker('cat "$folder/error" >&2; cat "$folder/output"; exit "$(cat "$folder/status")"');
    host = openLocalHost('vm1');
    fake.write('error', '');
    fake.write('output', real);
    fake.write('status', '0');
  });
  afterEach(async () => {
    close();
    await host.close();
    fake.remove();
  });

  function watch(): {samples: Sample<DiskReading>[]; refresh(): void} {
    const samples: Sample<DiskReading>[] = [];
    const watching = watchDisk(
      {host, docker: fake.docker, container: 'pg_node1', clock: {now: Date.now, random: () => 0}},
      sample => samples.push(sample),
    );
    close = watching.close;
    return {samples, refresh: watching.refresh};
  }
  const soon = {timeout: 10_000, interval: 10};

  test('looks at once; a failed look says why and keeps what was seen last', async () => {
    const {samples, refresh} = watch();
    await vi.waitFor(() => expect(current(samples.at(-1))?.filesystems).toMatchObject([data]), soon);
    fake.write('error', 'Error response from daemon: No such container: pg_node1\n');
    fake.write('status', '1');
    refresh();
    await vi.waitFor(() => expect(problemOf(samples.at(-1))?.kind).toBe('container-missing'), soon);
    expect(samples.at(-1)).toMatchObject({source: 'df pg_node1@vm1', last: {value: {filesystems: [data]}}});
  });

  test('says what df said when it did not tell', async () => {
    fake.write('output', '');
    fake.write('error', 'df: /var/lib/postgres/pgaf: No such file or directory\n');
    const {samples} = watch();
    await vi.waitFor(() => expect(samples).toHaveLength(1), soon);
    expect(problemOf(samples[0])?.detail).toBe('df: /var/lib/postgres/pgaf: No such file or directory');
  });
});
