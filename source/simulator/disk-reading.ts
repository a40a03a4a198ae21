import type {DiskReading} from '../cluster/snapshot.ts';
import {dataDirectory} from './container-programs/places.ts';
import type {World} from './world.ts';

/** PostgreSQL keeps so much WAL for standbys that come back (wal_keep_size of pg_auto_failover), and one segment that it writes. */
const walKept = 8 * 1024 ** 3;
const walSegment = 16 * 1024 ** 2;

/** Kilobytes that the folders of a container have, by their paths. */
export function folderKilobytes(world: World, host: string, container: string): ReadonlyMap<string, number> {
  const keeper = world.keeper(host, container);
  const wal =
    keeper === undefined ? walSegment * 4 : Math.min(walKept, Math.floor(keeper.lsn / walSegment) * walSegment);
  return new Map([
    [`${dataDirectory}/pg_wal`, (wal + walSegment) / 1024 + 8],
    [`${dataDirectory}/log`, 12],
  ]);
}

/** The disk of a host as `df -Pk` prints it in kilobytes: in a container below its volume. */
export function diskKilobytes(world: World, host: string) {
  const disk = world.host(host)?.disk ?? {totalBytes: 0, usedBytes: 0};
  const [total, used] = [Math.floor(disk.totalBytes / 1024), Math.floor(disk.usedBytes / 1024)];
  const free = Math.max(0, total - used);
  return {device: '/dev/vda1', total, used, free, percent: total === 0 ? 0 : Math.ceil((used / total) * 100)};
}

/** What the console's look at the disk of a container gives. */
export function diskReading(world: World, host: string, container: string): DiskReading {
  const {device, total, used, free} = diskKilobytes(world, host);
  const folders = folderKilobytes(world, host, container);
  const bytes = (folder: string) => (folders.get(`${dataDirectory}/${folder}`) ?? 0) * 1024;
  return {
    filesystems: [
      {
        holds: 'data',
        device,
        mount: '/var/lib/postgres',
        totalBytes: total * 1024,
        usedBytes: used * 1024,
        freeBytes: free * 1024,
      },
    ],
    walBytes: bytes('pg_wal'),
    logBytes: bytes('log'),
    leftovers: [],
  };
}
