import {afterEach, expect, test} from 'vitest';
import {readDisk} from '../../source/docker/container-disk.ts';
import type {HostConnection} from '../../source/ssh/host-connection.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {openLabHost} from './lab-host.ts';

const lab = await sharedLab();
const open: HostConnection[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(connection => connection.close()));
});

async function run(host: HostConnection, ...argv: string[]): Promise<string> {
  const outcome = await host.run(argv, {deadlineMs: 10_000});
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.value.stdout;
}

test.each(['pg_node3', 'pg_monitor'])('the disk of %s is that of its volume on the host', async container => {
  const host = openLabHost(lab, 'vm3', 'root');
  open.push(host);
  const ofHome = '{{range .Mounts}}{{if eq .Destination "/var/lib/postgres"}}{{.Source}}{{end}}{{end}}';
  const source = await run(host, 'docker', 'inspect', '--format', ofHome, container);
  const reading = await readDisk(host, ['docker'], container);
  const [, total, used] = (await run(host, 'df', '--output=target,size,used', '-B1', source.trim()))
    .trim()
    .split(/\s+/)
    .slice(-3);
  if (!reading.ok) throw new Error(reading.problem.message);
  const {filesystems, walBytes = 0, leftovers} = reading.value;
  expect(filesystems).toHaveLength(1);
  expect(filesystems[0]).toMatchObject({holds: 'data', totalBytes: Number(total)});
  // Others write to the same disk meanwhile.
  expect(Math.abs((filesystems[0]?.usedBytes ?? 0) - Number(used))).toBeLessThan(2 * 1024 ** 3);
  expect(walBytes).toBeGreaterThan(16 * 1024 ** 2 - 1);
  expect(leftovers).toEqual([]);
});
