import type {EdgeClock} from '../cluster/back-off.ts';
import {isFilling, withTrend} from '../cluster/disk-trend.ts';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {current, failed, type Sample} from '../cluster/sample.ts';
import type {DiskReading, Filesystem} from '../cluster/snapshot.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {dockerExec} from './docker.ts';
import {dockerProblem} from './docker-problem.ts';

/** Needs no PostgreSQL: on a full disk none runs. A copy that pg_basebackup left beside PGDATA has a PG_VERSION as PGDATA has. */
export const diskScript = `
data=\${PGDATA:-/var/lib/postgres/pgaf}
df -Pk "$data" "$data/pg_wal/"
du -sk "$data/pg_wal/" "$data/log/"
for copy in "\${data%/*}"/backup/*/PG_VERSION; do [ -e "$copy" ] && echo "leftover \${copy%/PG_VERSION}"; done
true`;

const calmMs = 30_000;
/** While it fills, and after a failed look. */
const soonMs = 10_000;
const deadlineMs = 8000;

/** Looks at the disk below a container's PGDATA at once and every 30 s, more often while it is low or fills. One look at a time. */
export function watchDisk(
  {
    host,
    docker,
    container,
    clock,
  }: {host: HostConnection; docker: readonly string[]; container: string; clock: EdgeClock},
  listener: (sample: Sample<DiskReading>) => void,
): {close(): void; refresh(): void} {
  const source = `df ${container}@${host.name}`;
  const abort = new AbortController();
  let sample: Sample<DiskReading> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  const look = async () => {
    if (looking) return;
    clearTimeout(timer);
    looking = true;
    const outcome = await readDisk(host, docker, container, abort.signal);
    looking = false;
    if (abort.signal.aborted) return;
    const at = clock.now();
    sample = outcome.ok
      ? withTrend(sample, {value: outcome.value, at, source})
      : failed(sample, outcome.problem, at, source);
    const reading = current(sample);
    const isCalm = reading !== undefined && !isFilling(reading);
    timer = setTimeout(() => void look(), isCalm ? calmMs : soonMs);
    listener(sample);
  };
  void look();
  return {
    close() {
      abort.abort();
      clearTimeout(timer);
    },
    refresh: () => void look(),
  };
}

/** One look at the disk below a container's PGDATA. */
export async function readDisk(
  host: HostConnection,
  docker: readonly string[],
  container: string,
  signal?: AbortSignal,
): Promise<Outcome<DiskReading>> {
  const argv = dockerExec(docker, container, ['sh', '-c', diskScript], {environment: {LC_ALL: 'C'}});
  const outcome = await host.run(argv, {deadlineMs, ...(signal === undefined ? {} : {signal})});
  if (!outcome.ok) return outcome;
  const {exitCode, stdout, stderr} = outcome.value;
  if (exitCode !== 0)
    return {ok: false, problem: dockerProblem({exitCode, stderr, host: host.name, docker, container})};
  const reading = parseDisk(stdout);
  if (reading !== undefined) return good(reading);
  return bad('command-failed', `df in ${container} on ${host.name} did not say how full its disk is`, {
    detail: stderr.trim() || stdout,
  });
}

/** What the script printed; undefined when df said nothing of PGDATA. */
export function parseDisk(output: string): DiskReading | undefined {
  const lines = output.split('\n');
  const [data, wal] = lines.map(filesystemOf).filter(found => found !== undefined);
  if (data === undefined) return undefined;
  const ownWal = wal !== undefined && (wal.device !== data.device || wal.mount !== data.mount);
  return {
    filesystems: [{...data, holds: 'data'}, ...(ownWal ? [{...wal, holds: 'WAL'} as const] : [])],
    walBytes: folderBytes(lines, 'pg_wal'),
    logBytes: folderBytes(lines, 'log'),
    leftovers: lines.flatMap(line => /^leftover .*\/([^/]+)$/.exec(line)?.[1] ?? []),
  };
}

/** A line of `df -Pk`: device, kilobytes in all, used and free, percent, mount point. */
function filesystemOf(line: string): Omit<Filesystem, 'holds'> | undefined {
  const match = /^(\S.*?)\s+(\d+)\s+(\d+)\s+(\d+)\s+\d+%\s+(\/.*)$/.exec(line);
  if (match === null) return undefined;
  const [, device = '', total, used, free, mount = ''] = match;
  const bytes = (kilobytes: string | undefined) => Number(kilobytes) * 1024;
  return {device, mount, totalBytes: bytes(total), usedBytes: bytes(used), freeBytes: bytes(free)};
}

/** From a line of `du -sk`. */
function folderBytes(lines: readonly string[], folder: string): number | undefined {
  const line = lines.find(each => /^\d+\t/.test(each) && each.endsWith(`/${folder}/`));
  return line === undefined ? undefined : Number.parseInt(line, 10) * 1024;
}
