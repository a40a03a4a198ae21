import {outputOf} from '../../container-programs/output.ts';
import {waitFor} from '../../container-programs/wait.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options, OptionTable} from '../options.ts';
import {containerOf} from './daemon.ts';
import {formatted} from './table.ts';

export const statsOptions: OptionTable = {
  flags: ['all', 'no-stream', 'no-trunc'],
  valued: ['format'],
  short: {a: 'all'},
};

const memory = 7.764;

/** `docker stats`: what containers use, once with --no-stream, else every second. */
export async function dockerStats(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const {world, host} = place;
  for (const name of options.words) containerOf(world, host, name);
  for (;;) {
    // Its numbers are of a second that passes meanwhile.
    if (!(await waitFor(world, 1000, process.signal))) return 130;
    const shown =
      options.words.length > 0
        ? options.words.map(name => containerOf(world, host, name))
        : world.containers(host).filter(each => options.has('all') || isAlive(each));
    const rows = shown.map(each => row(each, place, options.has('no-trunc')));
    const text = formatted(rows, options.value('format'), [
      ['CONTAINER ID', 'ID'],
      ['NAME', 'Name'],
      ['CPU %', 'CPUPerc'],
      ['MEM USAGE / LIMIT', 'MemUsage'],
      ['MEM %', 'MemPerc'],
      ['NET I/O', 'NetIO'],
      ['BLOCK I/O', 'BlockIO'],
      ['PIDS', 'PIDs'],
    ]);
    const clear = process.terminal === undefined || options.has('no-stream') ? '' : '\x1b[H\x1b[2J';
    await outputOf(process).out(`${clear}${text}`);
    if (options.has('no-stream')) return 0;
  }
}

function isAlive({state}: ContainerView): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

function row(container: ContainerView, {world, host}: HostPlace, whole: boolean): Record<string, string> {
  const id = whole ? container.id : container.id.slice(0, 12);
  const runs = container.state === 'running';
  const postgres = container.role === 'monitor' ? world.monitor.answers() : world.postgres(host, container.name).ok;
  const lives = runs || container.state === 'paused';
  const mebibytes = lives ? (postgres ? 60 : 12) + (world.now() % 97) / 100 : 0;
  const percent = runs ? (postgres ? 1.2 : 0.3) + (world.now() % 83) / 100 : 0;
  return {
    BlockIO: '0B / 0B',
    CPUPerc: `${percent.toFixed(2)}%`,
    Container: id,
    ID: id,
    MemPerc: `${((mebibytes / 1024 / memory) * 100).toFixed(2)}%`,
    MemUsage: lives ? `${mebibytes.toFixed(2)}MiB / ${memory}GiB` : '0B / 0B',
    Name: container.name,
    NetIO: '0B / 0B',
    PIDs: String(lives ? (postgres ? 12 : 3) : 0),
  };
}
