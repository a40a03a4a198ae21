import {absolutePath} from '../files.ts';
import {hostTime} from '../host-clock.ts';
import type {ContainerPlace, ContainerProgram, SimulatedProcess} from '../program.ts';
import {containerFiles} from './container-files.ts';
import {df, du} from './disk-tools.ts';
import {openServer} from './find-server.ts';
import {takeLines} from './input.ts';
import {outputOf} from './output.ts';
import {dataDirectory, userId} from './places.ts';
import {parsePsqlOptions} from './psql-options.ts';
import {waitFor} from './wait.ts';

/** The small programs of a container, by name: enough to look around with. */
export const tools: Readonly<Record<string, ContainerProgram>> = {
  true: async () => 0,
  false: async () => 1,
  echo: print(({argv}) => `${argv.slice(1).join(' ')}\n`),
  pwd: print(({directory}) => `${directory ?? '/var/lib/postgres'}\n`),
  whoami,
  id: print(idText),
  uname: print(({argv}) => (argv.includes('-a') ? 'Linux 6.1.0-28-amd64 #1 SMP x86_64 GNU/Linux\n' : 'Linux\n')),
  hostname: print((_process, {world, host, container}) => {
    const id = world.containers(host).find(each => each.name === container)?.id;
    return `${id?.slice(0, 12) ?? container}\n`;
  }),
  date: print((_process, {world, host}) => `${new Date(hostTime(world, host)).toUTCString()}\n`),
  env: print(environmentText),
  printenv: print(environmentText),
  ps: print(processesText),
  df,
  du,
  ls,
  cat: catOf((path, _process, place) => containerFiles(place).get(absolute(path))),
  stat,
  head: filter((lines, count) => lines.slice(0, count)),
  tail: filter((lines, count) => lines.slice(-count)),
  stty: async (process, place) => {
    const {terminal} = process;
    if (terminal !== undefined) return print(() => `${terminal.rows} ${terminal.columns}\n`)(process, place);
    await outputOf(process).error("stty: 'standard input': Inappropriate ioctl for device\n");
    return 1;
  },
  wc,
  grep,
  sleep,
  pg_isready: isReady,
  pg_controldata: controlData,
  top: refusesTerminal,
  watch: refusesTerminal,
  vi: refusesTerminal,
  less: refusesTerminal,
};

/** Numbers with the names that the image's passwd and group have for them. */
function idText({argv, user}: SimulatedProcess): string {
  const id = user?.id ?? userId;
  if (argv.includes('-u'))
    return argv.includes('-n') ? `${user === undefined ? 'postgres' : (user.name ?? id)}\n` : `${id}\n`;
  if (user === undefined || id === userId) {
    return `uid=${userId}(postgres) gid=${userId}(postgres) groups=${userId}(postgres),101(ssl-cert)\n`;
  }
  const groups = new Map([
    [0, 'root'],
    [userId, 'postgres'],
    [65_534, 'nogroup'],
  ]);
  const named = (number: number, name: string | undefined) => (name === undefined ? `${number}` : `${number}(${name})`);
  const group = named(user.group, groups.get(user.group));
  return `uid=${named(id, user.name)} gid=${group} groups=${group}\n`;
}

async function whoami(process: SimulatedProcess): Promise<number> {
  const {user} = process;
  const output = outputOf(process);
  if (user === undefined || user.name !== undefined) {
    await output.out(`${user?.name ?? 'postgres'}\n`);
    return 0;
  }
  await output.error(`whoami: cannot find name for user ID ${user.id}\n`);
  return 1;
}

/** A program that prints one text. */
export function print(text: (process: SimulatedProcess, place: ContainerPlace) => string): ContainerProgram {
  return async (process, place) => {
    await outputOf(process).out(text(process, place));
    return 0;
  };
}

function environmentText({environment}: SimulatedProcess): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function processesText(_process: SimulatedProcess, {world, host, container}: ContainerPlace): string {
  const view = world.containers(host).find(each => each.name === container);
  const postgres = world.postgres(host, container);
  const keeper = world.keeper(host, container);
  const monitor = view?.role === 'monitor';
  const lines = [[1, (view?.command ?? ['pg_autoctl']).join(' ')]];
  if (monitor || keeper?.running === true) {
    lines.push(
      [20, 'pg_autoctl: start/stop postgres'],
      [21, `pg_autoctl: ${monitor ? 'monitor listener' : 'node active'}`],
    );
  }
  if (monitor ? world.monitor.answers() : postgres.ok) {
    lines.push([23, `postgres -D ${dataDirectory} -p ${view?.port ?? 5432} -h *`], [25, 'postgres: checkpointer']);
    if (postgres.ok && postgres.value.inRecovery) lines.push([27, 'postgres: startup recovering']);
    if (postgres.ok && postgres.value.receiverStatus !== undefined) lines.push([30, 'postgres: walreceiver streaming']);
    if (postgres.ok) {
      for (const [index, row] of postgres.value.replication.entries())
        lines.push([
          40 + index,
          `postgres: walsender pgautofailover_replicator ${row.clientAddress ?? ''} ${row.state}`,
        ]);
    }
  }
  const rows = lines.map(([pid, command]) => `postgres ${String(pid).padStart(5)}  ${String(command)}\n`);
  return `USER       PID  COMMAND\n${rows.join('')}`;
}

function absolute(path: string): string {
  return (path.startsWith('/') ? path : `/var/lib/postgres/${path}`).replace(/\/+$/, '') || '/';
}

async function ls(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const wanted = process.argv.slice(1).filter(word => !word.startsWith('-'));
  const paths = [
    ...containerFiles(place).keys(),
    `${dataDirectory}/base/`,
    `${dataDirectory}/pg_wal/`,
    `${dataDirectory}/log/`,
  ];
  for (const path of wanted.length === 0 ? ['.'] : wanted) {
    const folder = path === '.' ? '/var/lib/postgres' : absolute(path);
    if (paths.includes(folder)) {
      await output.out(`${path}\n`);
      continue;
    }
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const names = new Set(
      paths.flatMap(each => (each.startsWith(prefix) ? [each.slice(prefix.length).split('/')[0] ?? ''] : [])),
    );
    if (names.size === 0) {
      await output.error(`ls: cannot access '${path}': No such file or directory\n`);
      return 2;
    }
    await output.out(
      [...names]
        .filter(name => !name.startsWith('.'))
        .sort((a, b) => (a < b ? -1 : 1))
        .map(name => `${name}\n`)
        .join(''),
    );
  }
  return 0;
}

/** `cat` over files that are found by their paths, or over standard input. */
function catOf(
  textAt: (path: string, process: SimulatedProcess, place: ContainerPlace) => string | undefined,
): ContainerProgram {
  return async (process, place) => {
    const output = outputOf(process);
    const paths = process.argv.slice(1).filter(word => !word.startsWith('-'));
    let status = 0;
    for (const path of paths) {
      const text = textAt(path, process, place);
      if (text !== undefined) {
        await output.out(text);
      } else {
        await output.error(`cat: ${path}: No such file or directory\n`);
        status = 1;
      }
    }
    if (paths.length > 0) return status;
    return (await takeLines(process, output, line => output.out(`${line}\n`))) ? 0 : 130;
  };
}

async function stat(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const [path = '', format = ''] = [process.argv.at(-1), process.argv[2]];
  const known = [...containerFiles(place).keys()].some(
    each => each === absolute(path) || each.startsWith(`${absolute(path)}/`),
  );
  if (known) {
    await output.out(`${format.replaceAll('%u', String(userId)).replaceAll('%U', 'postgres')}\n`);
    return 0;
  }
  await output.error(`stat: cannot stat '${path}': No such file or directory\n`);
  return 1;
}

/** head, tail and wc: over a file, or over standard input. */
function filter(choose: (lines: string[], count: number, flags: string) => string[]): ContainerProgram {
  return async (process, place) => {
    const words = process.argv.slice(1);
    const flag = words.indexOf('-n');
    const attached = words.map(word => /^-n?(\d+)$/.exec(word)?.[1]).find(number => number !== undefined);
    const count = Number(attached ?? (flag < 0 ? 10 : words[flag + 1])) || 10;
    const path = words.find((word, index) => !word.startsWith('-') && (flag < 0 || index !== flag + 1));
    const lines = await linesOf(process, place, path, 1);
    if (typeof lines === 'number') return lines;
    await outputOf(process).out(
      choose(lines, count, words.filter(word => word.startsWith('-')).join(''))
        .map(line => `${line}\n`)
        .join(''),
    );
    return 0;
  };
}

/** Lines, words and bytes, or those that -l, -w and -c ask for. */
async function wc(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const words = process.argv.slice(1);
  const flags = words.filter(word => word.startsWith('-')).join('');
  const path = words.find(word => !word.startsWith('-'));
  const lines = await linesOf(process, place, path, 1);
  if (typeof lines === 'number') return lines;
  const text = lines.map(line => `${line}\n`).join('');
  const counts = {l: lines.length, w: text.split(/\s+/).filter(word => word !== '').length, c: Buffer.byteLength(text)};
  const asked = Object.entries(counts).filter(([letter]) => !/[lwc]/.test(flags) || flags.includes(letter));
  const shown = asked.map(([, count]) => (asked.length > 1 ? String(count).padStart(7) : String(count))).join(' ');
  await outputOf(process).out(`${shown}${path === undefined ? '' : ` ${path}`}\n`);
  return 0;
}

async function grep(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const flags = process.argv
    .slice(1)
    .filter(word => word.startsWith('-'))
    .join('');
  const [pattern = '', path] = process.argv.slice(1).filter(word => !word.startsWith('-'));
  const lines = await linesOf(process, place, path, 2);
  if (typeof lines === 'number') return lines;
  const fold = (text: string) => (flags.includes('i') ? text.toLowerCase() : text);
  // Plain text only: a pattern from outside could take for ever.
  const found = lines.filter(line => fold(line).includes(fold(pattern)) !== flags.includes('v'));
  await outputOf(process).out(found.map(line => `${line}\n`).join(''));
  return found.length > 0 ? 0 : 1;
}

/** The lines of a file or of standard input; else the exit status: `missing`, or that of an interrupt. */
async function linesOf(
  process: SimulatedProcess,
  place: ContainerPlace,
  path: string | undefined,
  missing: number,
): Promise<string[] | number> {
  const output = outputOf(process);
  if (path !== undefined) {
    const file = place.files?.entry(absolutePath(path, process.directory ?? '/'));
    const text = place.files === undefined ? containerFiles(place).get(absolute(path)) : file?.content;
    if (text !== undefined) return text.replace(/\n$/, '').split('\n');
    await output.error(`${process.argv[0] ?? ''}: ${path}: No such file or directory\n`);
    return missing;
  }
  const lines: string[] = [];
  const whole = await takeLines(process, output, line => {
    lines.push(line);
  });
  return whole ? lines : 130;
}

async function sleep(process: SimulatedProcess, {world}: ContainerPlace): Promise<number> {
  const seconds = Number(process.argv[1]);
  if (!Number.isFinite(seconds)) {
    await outputOf(process).error(`sleep: invalid time interval '${process.argv[1] ?? ''}'\n`);
    return 1;
  }
  return (await waitFor(world, seconds * 1000, process.signal)) ? 0 : 130;
}

async function isReady(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const options = parsePsqlOptions(process.argv, process.environment);
  if ('mistake' in options) {
    await output.error(`${options.mistake}\n`);
    return 3;
  }
  const monitor = place.world.containers(place.host).find(each => each.name === place.container)?.role === 'monitor';
  const server = openServer(place, {...options, database: monitor ? 'pg_auto_failover' : 'postgres'}, new Map());
  const port = options.port ?? (typeof server === 'string' ? 5432 : server.port);
  const answers = typeof server !== 'string';
  if (answers) server.end();
  await output.out(
    `${options.host ?? '/var/run/postgresql'}:${port} - ${answers ? 'accepting connections' : 'no response'}\n`,
  );
  return answers ? 0 : 2;
}

async function controlData(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const view = place.world.postgres(place.host, place.container);
  const keeper = place.world.keeper(place.host, place.container);
  if (keeper === undefined) {
    await output.error(
      `pg_controldata: error: could not open file "${dataDirectory}/global/pg_control" for reading: No such file or directory\n`,
    );
    return 1;
  }
  const state = view.ok ? (view.value.inRecovery ? 'in archive recovery' : 'in production') : 'shut down';
  const identifier = view.ok ? view.value.systemIdentifier : undefined;
  const rows = [
    ['Database system identifier:', identifier ?? '-'],
    ['Database cluster state:', state],
    ["Latest checkpoint's TimeLineID:", String(keeper.timeline)],
  ];
  await output.out(rows.map(([name = '', value = '']) => `${name.padEnd(38)}${value}\n`).join(''));
  return 0;
}

async function refusesTerminal(process: SimulatedProcess): Promise<number> {
  await outputOf(process).error(`${process.argv[0] ?? ''}: the embedded cluster has no full-screen programs\n`);
  return 1;
}
