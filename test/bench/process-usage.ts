import {readProcessFile} from '../robot/local-processes.ts';

/** Clock ticks a second of /proc: 100 on every Linux that is met (USER_HZ). */
const ticksPerSecond = 100;

/** Seconds of CPU that one process has used, from the text of /proc/PID/stat. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident and proportional memory in bytes, from the text of /proc/PID/smaps_rollup. */
export function memoryBytes(rollup: string): {resident: number; proportional: number} {
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN);
  return {resident: kilobytes('Rss') * 1024, proportional: kilobytes('Pss') * 1024};
}

/** Seconds of CPU of local processes together; one that has ended counts as zero. */
export function localCpuSeconds(pids: readonly number[]): number {
  return sum(pids.map(pid => cpuSeconds(readProcessFile(`/proc/${pid}/stat`) ?? '() S 0 0 0 0 0 0 0 0 0 0 0 0')));
}

/** Seconds of CPU of the thread that a local process began with: what it draws and answers keys with. */
export function mainThreadCpuSeconds(pid: number): number {
  return cpuSeconds(readProcessFile(`/proc/${pid}/task/${pid}/stat`) ?? '() S 0 0 0 0 0 0 0 0 0 0 0 0 0');
}

/** Bytes that a local process has read so far, from whatever: files, sockets, terminal. */
export function localBytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readProcessFile(`/proc/${pid}/io`) ?? '')?.[1] ?? Number.NaN);
}

/** Memory of local processes together. */
export function localMemory(pids: readonly number[]): {resident: number; proportional: number} {
  const each = pids.map(pid => memoryBytes(readProcessFile(`/proc/${pid}/smaps_rollup`) ?? ''));
  return {resident: sum(each.map(one => one.resident)), proportional: sum(each.map(one => one.proportional))};
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
