import {createLineReader} from '../container-programs/input.ts';
import {interruptible} from '../container-programs/interruptible.ts';
import {outputOf} from '../container-programs/output.ts';
import {tools} from '../container-programs/tools.ts';
import type {ContainerProgram, SimulatedProcess} from '../program.ts';
import {clockSkewOf} from './docker/daemon.ts';
import type {HostPlace} from './host-place.ts';

/** The small programs of a host, by name: enough not to feel lost there. */
export function hostTools(place: HostPlace): Readonly<Record<string, ContainerProgram>> {
  const {world, host} = place;
  const view = () => world.hosts().find(each => each.name === host);
  const clock = () => world.now() + clockSkewOf(world, host);
  const same = Object.fromEntries(
    ['true', 'false', 'echo', 'df', 'sleep', 'env', 'printenv'].flatMap(name => {
      const tool = tools[name];
      return tool === undefined ? [] : [[name, interruptible(tool)]];
    }),
  );
  const user = ({environment}: SimulatedProcess) => environment.USER || 'root';
  return {
    ...same,
    hostname: print(({argv}) =>
      argv.includes('-I') || argv.includes('-i') ? `${view()?.address ?? ''}\n` : `${host}\n`,
    ),
    whoami: print(process => `${user(process)}\n`),
    id: print(process => {
      const number = user(process) === 'root' ? 0 : 1000;
      if (process.argv.includes('-u')) return process.argv.includes('-n') ? `${user(process)}\n` : `${number}\n`;
      return `uid=${number}(${user(process)}) gid=${number}(${user(process)}) groups=${number}(${user(process)}),998(docker)\n`;
    }),
    uname: print(({argv}) => unameText(argv.slice(1), host)),
    nproc: print(() => '2\n'),
    pwd: print(({environment}) => `${environment.HOME || '/'}\n`),
    date: print(({argv}) => dateText(argv[1], clock())),
    uptime: print(() => uptimeText(clock(), world.now() - (view()?.bootedAt ?? world.now()))),
    clear: print(() => '\x1b[H\x1b[2J'),
    ls: (process, where) => listFiles(place, process, where),
    cat: (process, where) => catFiles(place, process, where),
  };
}

function print(text: (process: SimulatedProcess) => string): ContainerProgram {
  return async process => {
    await outputOf(process).out(text(process));
    return 0;
  };
}

function unameText(flags: readonly string[], host: string): string {
  if (flags.includes('-a'))
    return `Linux ${host} 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 x86_64 GNU/Linux\n`;
  const parts: Record<string, string> = {'-m': 'x86_64', '-n': host, '-r': '6.1.0-28-amd64', '-s': 'Linux'};
  return `${flags.map(flag => parts[flag]).find(part => part !== undefined) ?? 'Linux'}\n`;
}

function dateText(format: string | undefined, at: number): string {
  if (format === '+%s') return `${Math.floor(at / 1000)}\n`;
  if (format === '+%s%N') return `${at}000000\n`;
  if (format === '+%s.%N') return `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}000000\n`;
  return `${new Date(at).toUTCString().replace('GMT', 'UTC')}\n`;
}

function uptimeText(at: number, milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const days = Math.floor(minutes / 1440);
  const rest = `${Math.floor((minutes % 1440) / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  const time = new Date(at).toISOString().slice(11, 19);
  return ` ${time} up ${days > 0 ? `${days} days, ` : ''}${rest},  1 user,  load average: 0.12, 0.09, 0.08\n`;
}

function absolute(path: string, {environment}: SimulatedProcess): string {
  return path.startsWith('/') ? path : `${environment.HOME || ''}/${path.replace(/^\.\//, '')}`;
}

async function listFiles({files}: HostPlace, process: SimulatedProcess, _where: unknown): Promise<number> {
  const folder = absolute(process.argv.find((word, index) => index > 0 && !word.startsWith('-')) ?? '', process);
  const prefix = `${folder.replace(/\/+$/, '')}/`;
  const names = new Set(
    [...files.keys()].flatMap(path => (path.startsWith(prefix) ? [path.slice(prefix.length).split('/')[0] ?? ''] : [])),
  );
  await outputOf(process).out(
    [...names]
      .sort((one, other) => (one < other ? -1 : 1))
      .map(name => `${name}\n`)
      .join(''),
  );
  return 0;
}

async function catFiles({files, world, host}: HostPlace, process: SimulatedProcess, _where: unknown): Promise<number> {
  const output = outputOf(process);
  const paths = process.argv.slice(1).filter(word => !word.startsWith('-'));
  let status = 0;
  for (const path of paths) {
    const text =
      path === '/etc/hostname'
        ? `${host}\n`
        : path === '/etc/hosts'
          ? hostsFile(world.hosts())
          : files.get(absolute(path, process));
    if (text !== undefined) await output.out(text);
    else {
      await output.error(`cat: ${path}: No such file or directory\n`);
      status = 1;
    }
  }
  if (paths.length > 0) return status;
  const reader = createLineReader(process, output);
  for (let input = await reader.read(''); input.kind === 'line'; input = await reader.read(''))
    await output.out(`${input.text}\n`);
  reader.release();
  return 0;
}

function hostsFile(hosts: readonly {name: string; address: string}[]): string {
  return `127.0.0.1\tlocalhost\n${hosts.map(({name, address}) => `${address}\t${name}\n`).join('')}`;
}
