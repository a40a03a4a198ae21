import {PassThrough, Readable, Writable} from 'node:stream';
import {diskScript} from '../../docker/container-disk.ts';
import {ownerScript} from '../../docker/container-owner.ts';
import {psqlScript} from '../../postgres/postgres.ts';
import {psqlSessionScript, shellScript} from '../../session/container-session.ts';
import {endScript} from '../../session/end-remains.ts';
import {absolutePath} from '../files.ts';
import type {ContainerPlace, ContainerPrograms, SimulatedProcess} from '../program.ts';
import {createLineReader} from './input.ts';
import {outputOf, withCarriageReturns} from './output.ts';
import {dataDirectory, userId} from './places.ts';
import {redirected} from './redirect.ts';
import {roleWord} from './role-word.ts';
import {parseShell, type ShellCommand} from './shell-words.ts';

/** The prompt of bash. */
export type ShellLook = (process: SimulatedProcess, place: ContainerPlace, directory: string) => string;

const containerLook: ShellLook = (_process, place, directory) => `postgres@${shortId(place)}:${directory}$ `;

/** sh and bash: -c with the console's own scripts and with simple commands, lines from standard input, or a prompt on a terminal. */
export function createShell(programs: ContainerPrograms, look: ShellLook = containerLook) {
  return async (process: SimulatedProcess, place: ContainerPlace): Promise<number> => {
    const [name = 'sh', ...rest] = process.argv;
    const at = rest.findIndex(word => /^-[a-z]*c$/.test(word));
    if (at < 0) return interact(process, place, programs, look, name);
    const [script = '', ...parameters] = rest.slice(at + 1);
    return runScript(process, place, programs, script, parameters);
  };
}

async function runScript(
  process: SimulatedProcess,
  place: ContainerPlace,
  programs: ContainerPrograms,
  script: string,
  parameters: readonly string[],
): Promise<number> {
  if (script === ownerScript) {
    await outputOf(process).out(`${userId} ${userId} ${process.environment.PGDATA || dataDirectory}\n`);
    return 0;
  }
  if (script === diskScript) {
    const plain = `df -Pk "$PGDATA" "$PGDATA/pg_wal/"; du -sk "$PGDATA/pg_wal/" "$PGDATA/log/"; true`;
    return runLine(process, place, programs, plain, createState(process));
  }
  if (script === psqlScript) {
    const program = programs('psql');
    if (program !== undefined) return program({...process, argv: ['psql', ...parameters.slice(1)]}, place);
  }
  if (script === psqlSessionScript) {
    const program = programs('psql');
    const PGDATABASE = process.environment.PGDATABASE || 'postgres';
    const environment = {...process.environment, PGDATABASE};
    if (program !== undefined) return program({...process, environment, argv: ['psql', ...parameters.slice(1)]}, place);
  }
  if (script === shellScript) {
    const look: ShellLook = (...given) => `[${parameters[1] ?? ''} ${roleWord(place)}] ${containerLook(...given)}`;
    return interact(process, place, programs, look, 'bash');
  }
  // Nothing outlives its session here.
  if (script === endScript) return 0;
  return runLine(process, place, programs, script, createState(process, parameters));
}

type ShellState = {
  environment: Record<string, string>;
  status: number;
  directory: string;
  exit: boolean;
  /** $0 and what follows it. */
  parameters: readonly string[];
  /** Bits that a new file does not get. */
  umask: number;
  /** `set -e`. */
  stopOnError: boolean;
};

function createState(process: SimulatedProcess, parameters: readonly string[] = []): ShellState {
  return {
    environment: {...process.environment},
    status: 0,
    directory: process.directory ?? homeOf(process.environment),
    exit: false,
    parameters,
    umask: 0o022,
    stopOnError: false,
  };
}

function homeOf(environment: Readonly<Record<string, string>>): string {
  return environment.HOME || '/var/lib/postgres';
}

async function interact(
  process: SimulatedProcess,
  place: ContainerPlace,
  programs: ContainerPrograms,
  look: ShellLook,
  name: string,
): Promise<number> {
  const output = outputOf(process);
  const reader = createLineReader(process, output);
  const state = createState(process);
  const prompt = name.endsWith('bash') ? () => look(process, place, state.directory) : () => '$ ';
  try {
    while (!state.exit) {
      const input = await reader.read(prompt());
      if (process.signal.aborted) return 137;
      if (input.kind === 'end') {
        if (process.terminal !== undefined) await output.out('exit\n');
        break;
      }
      if (input.kind === 'interrupt') {
        state.status = 130;
        continue;
      }
      reader.release();
      state.status = await runLine(process, place, programs, input.text, state);
    }
    return state.status;
  } finally {
    reader.release();
  }
}

function shortId({world, host, container}: ContainerPlace): string {
  return (
    world
      .containers(host)
      .find(each => each.name === container)
      ?.id.slice(0, 12) ?? container
  );
}

async function runLine(
  process: SimulatedProcess,
  place: ContainerPlace,
  programs: ContainerPrograms,
  line: string,
  state: ShellState,
): Promise<number> {
  const commands = parseShell(line);
  if ('mistake' in commands) {
    await outputOf(process).error(`sh: 1: ${commands.mistake}\n`);
    return 2;
  }
  let stages: ShellCommand[] = [];
  let skip = false;
  for (const [index, command] of commands.entries()) {
    stages.push(command);
    if (command.next === '|' && index + 1 < commands.length) continue;
    if (!skip) {
      state.status = await runPipeline(process, place, programs, stages, state);
      const isAsked = command.next === '&&' || command.next === '||';
      if (state.stopOnError && state.status !== 0 && !isAsked) state.exit = true;
    }
    if (state.exit || process.signal.aborted) return state.status;
    skip = (command.next === '&&' && state.status !== 0) || (command.next === '||' && state.status === 0);
    stages = [];
  }
  return state.status;
}

async function runPipeline(
  process: SimulatedProcess,
  place: ContainerPlace,
  programs: ContainerPrograms,
  stages: readonly ShellCommand[],
  state: ShellState,
): Promise<number> {
  const pipes = stages.slice(1).map(() => new PassThrough());
  const runs = stages.map(async (stage, index) => {
    const before = pipes[index - 1];
    const after = pipes[index];
    const {terminal, ...plain} = process;
    const piped: SimulatedProcess = {
      ...(after === undefined && before === undefined && terminal !== undefined ? {...plain, terminal} : plain),
      stdin: before ?? (after === undefined ? process.stdin : Readable.from([])),
      stdout: after ?? (terminal === undefined || before === undefined ? process.stdout : withReturns(process.stdout)),
    };
    const status = await runCommand(piped, place, programs, stage, state);
    after?.end();
    // What nobody reads any more must not hold its writer.
    before?.resume();
    return status;
  });
  return (await Promise.all(runs)).at(-1) ?? 0;
}

/** A pipeline's programs know of no terminal; their last output goes to one. */
function withReturns(stream: Writable): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      // Byte by byte, as characters may be cut between two chunks.
      stream.write(Buffer.from(withCarriageReturns(chunk.toString('latin1')), 'latin1'), () => done());
    },
  });
}

async function runCommand(
  process: SimulatedProcess,
  place: ContainerPlace,
  programs: ContainerPrograms,
  command: ShellCommand,
  state: ShellState,
): Promise<number> {
  const environment = {...state.environment};
  const variable = (name: string) => variableOf(name, state, environment);
  const words = command.words(variable);
  const streams = redirected(process, place, command, command.redirections(variable), state);
  if ('complaint' in streams) {
    await outputOf(process).error(`sh: 1: ${streams.complaint}\n`);
    return 2;
  }
  const {stdin, stdout, stderr, close} = streams;
  try {
    for (let match = assignment(words[0]); match !== null; match = assignment(words[0])) {
      environment[match[1] ?? ''] = match[2] ?? '';
      words.shift();
    }
    const [name] = words;
    if (name === undefined) {
      state.environment = environment;
      return 0;
    }
    const {directory} = state;
    const child: SimulatedProcess = {...process, stdin, stdout, stderr, environment, directory, argv: words};
    const built = await builtIn(child, place, programs, state);
    if (built !== undefined) return built;
    const program = programs(name === 'exec' ? (words[1] ?? '') : name);
    if (program !== undefined) return await program(name === 'exec' ? {...child, argv: words.slice(1)} : child, place);
    await outputOf(child).error(`sh: 1: ${name}: not found\n`);
    return 127;
  } finally {
    close();
  }
}

function variableOf(name: string, {status, parameters}: ShellState, environment: Record<string, string>) {
  const [, ...given] = parameters;
  if (name === '?') return String(status);
  if (name === '#') return String(given.length);
  if (name === '@' || name === '*') return given.join('\u0000');
  if (/^\d+$/.test(name)) return parameters[Number(name)];
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

function assignment(word: string | undefined): RegExpExecArray | null {
  return /^([A-Za-z_]\w*)=(.*)$/s.exec(word ?? '');
}

/** The shell's own commands; undefined: it is none. */
async function builtIn(
  process: SimulatedProcess,
  {files}: ContainerPlace,
  programs: ContainerPrograms,
  state: ShellState,
): Promise<number | undefined> {
  const [name, first] = process.argv;
  switch (name) {
    case 'exit':
    case 'logout':
      state.exit = true;
      return first === undefined ? state.status : Number(first) || 0;
    case 'cd': {
      const target = absolutePath(first ?? homeOf(state.environment), state.directory);
      if (files !== undefined && files.entry(target)?.kind !== 'directory' && first !== undefined) {
        await outputOf(process).error(`sh: 1: cd: can't cd to ${first}\n`);
        return 2;
      }
      state.directory = files === undefined ? (first ?? homeOf(state.environment)) : target;
      return 0;
    }
    case 'export': {
      const match = assignment(first);
      if (match !== null) state.environment[match[1] ?? ''] = match[2] ?? '';
      return 0;
    }
    case 'umask':
      state.umask = Number.parseInt(first ?? '', 8) || 0;
      return 0;
    case 'command':
    case 'type': {
      const wanted = process.argv.findLast(word => !word.startsWith('-')) ?? '';
      if (programs(wanted) === undefined) return 127;
      await outputOf(process).out(`/usr/bin/${wanted}\n`);
      return 0;
    }
    case ':':
      return 0;
    case 'set':
      if (/^-[a-z]*e/.test(first ?? '')) state.stopOnError = true;
      return 0;
    default:
      return undefined;
  }
}
