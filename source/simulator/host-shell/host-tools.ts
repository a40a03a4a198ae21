import {interruptible} from '../container-programs/interruptible.ts';
import {print, tools} from '../container-programs/tools.ts';
import {hostTime} from '../host-clock.ts';
import type {ContainerProgram, SimulatedProcess} from '../program.ts';
import {fileTools} from './file-tools.ts';
import type {HostPlace} from './host-place.ts';

/** The small programs of a host, by name: enough not to feel lost there. */
export function hostTools({world, host}: HostPlace): Readonly<Record<string, ContainerProgram>> {
  const view = () => world.host(host);
  const clock = () => hostTime(world, host);
  const same = Object.fromEntries(
    ['true', 'false', 'echo', 'df', 'sleep', 'env', 'printenv', 'head', 'tail', 'wc', 'grep'].flatMap(name => {
      const tool = tools[name];
      const reads = ['head', 'tail', 'wc', 'grep'].includes(name);
      return tool === undefined ? [] : [[name, reads ? tool : interruptible(tool)]];
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
    pwd: print(({directory, environment}) => `${directory ?? (environment.HOME || '/')}\n`),
    date: print(({argv}) => dateText(argv[1], clock())),
    uptime: print(() => uptimeText(clock(), world.now() - (view()?.bootedAt ?? world.now()))),
    clear: print(() => '\x1b[H\x1b[2J'),
    ...fileTools,
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
