import {diskKilobytes, folderKilobytes} from '../disk-reading.ts';
import {absolutePath} from '../files.ts';
import type {ContainerPlace, SimulatedProcess} from '../program.ts';
import {outputOf} from './output.ts';
import {dataDirectory} from './places.ts';

/** The volume of a container is mounted there. */
const volume = '/var/lib/postgres';

/** `df` with -h, -k and -P: of all filesystems, or of those that the paths are on. */
export async function df(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const words = process.argv.slice(1);
  const flags = words.filter(word => word.startsWith('-')).join('');
  const asked = words.filter(word => !word.startsWith('-'));
  const {files} = place;
  const missing = asked.filter(path => files !== undefined && files.entry(absolutePath(path, '/')) === undefined);
  for (const path of missing) await outputOf(process).error(`df: ${path}: No such file or directory\n`);
  const paths = asked.filter(path => !missing.includes(path));
  if (missing.length > 0 && paths.length === 0) return 1;
  // A host has its disk at the root.
  const inside = place.container !== place.host;
  const mounts = paths.map(path => (inside && isBelow(path) ? volume : '/'));
  const shown = paths.length === 0 ? ['/', ...(inside ? [volume] : [])] : mounts;
  const disk = diskKilobytes(place.world, place.host);
  const human = flags.includes('h');
  const cell = (kilobytes: number) => (human ? `${Math.round(kilobytes / 1024 ** 2)}G` : String(kilobytes));
  const rows = shown.map(mount => [
    inside && mount === '/' ? 'overlay' : disk.device,
    cell(disk.total),
    cell(disk.used),
    cell(disk.free),
    `${disk.percent}%`,
    mount,
  ]);
  const sizes = human ? 'Size' : flags.includes('P') ? '1024-blocks' : '1K-blocks';
  const [available, percent] = human
    ? ['Avail', 'Use%']
    : flags.includes('P')
      ? ['Available', 'Capacity']
      : ['Available', 'Use%'];
  await outputOf(process).out(columns([['Filesystem', sizes, 'Used', available, percent, 'Mounted on'], ...rows]));
  return missing.length > 0 ? 1 : 0;
}

/** `du -s` with -k and -h, of the folders whose sizes are known. */
export async function du(process: SimulatedProcess, {world, host, container}: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const words = process.argv.slice(1);
  const human = words.some(word => /^-[a-z]*h/.test(word));
  const folders = folderKilobytes(world, host, container);
  let status = 0;
  for (const path of words.filter(word => !word.startsWith('-'))) {
    const kilobytes = folders.get(path.replace(/\/+$/, ''));
    if (kilobytes === undefined) {
      status = 1;
      await output.error(`du: cannot access '${path}': No such file or directory\n`);
      continue;
    }
    const shown = human
      ? kilobytes >= 1024 ** 2
        ? `${(kilobytes / 1024 ** 2).toFixed(1)}G`
        : kilobytes >= 1024
          ? `${Math.round(kilobytes / 1024)}M`
          : `${kilobytes}K`
      : String(kilobytes);
    await output.out(`${shown}\t${path}\n`);
  }
  return status;
}

function isBelow(path: string): boolean {
  return path === '.' || path === dataDirectory || path === volume || path.startsWith(`${volume}/`);
}

/** As df aligns them: the first to the left, the numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const least = rows[0]?.[1] === 'Size' ? [14, 5, 5, 5, 4, 0] : [14, 9, 4, 9, 4, 0];
  const widths = least.map((width, column) => Math.max(width, ...rows.map(cells => cells[column]?.length ?? 0)));
  return rows
    .map(cells => {
      const padded = cells.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : column === 5 ? cell : cell.padStart(widths[column] ?? 0),
      );
      return `${padded.join(' ')}\n`;
    })
    .join('');
}
