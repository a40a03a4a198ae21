import {interruptible} from '../../container-programs/interruptible.ts';
import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import {TemplateMistake} from '../go-template.ts';
import type {HostPlace} from '../host-place.ts';
import {type Options, type OptionTable, parseOptions} from '../options.ts';
import {composeReadsInput, dockerCompose} from './compose.ts';
import {DockerFailure, daemonAnswers} from './daemon.ts';
import {commandOptions, type DockerCommand} from './docker-command.ts';
import {dockerEvents, eventsOptions} from './events.ts';
import {dockerExec, execOptions} from './exec.ts';
import {dockerInspect, inspectOptions} from './inspect.ts';
import {lifecycle} from './lifecycle.ts';
import {dockerLogs, logsOptions} from './logs.ts';
import {dockerPs, psOptions} from './ps.ts';
import {dockerRun, runOptions} from './run.ts';

const version = '27.3.1';

const nothing: OptionTable = {flags: [], valued: ['format'], short: {f: 'format'}};

const commands: Readonly<Record<string, DockerCommand>> = {
  ps: {table: psOptions, run: dockerPs},
  inspect: {table: inspectOptions, run: dockerInspect},
  events: {table: eventsOptions, run: dockerEvents},
  logs: {table: logsOptions, run: dockerLogs},
  exec: {table: execOptions, run: dockerExec},
  run: {table: runOptions, run: dockerRun},
  version: {table: nothing, run: printVersion},
  info: {table: nothing, run: printInfo},
  ...lifecycle,
};

/** `docker` on a host, as its daemon answers: while it is frozen, not at all. */
export function docker(process: SimulatedProcess, place: HostPlace): Promise<number> {
  const here = {world: place.world, host: place.host, container: ''};
  // A program inside a container gets the keys itself, and so does who reads a file from them.
  return readsKeys(process.argv) ? run(process, place) : interruptible(each => run(each, place))(process, here);
}

function readsKeys(argv: readonly string[]): boolean {
  const words = argv[1] === 'container' ? argv.slice(2) : argv.slice(1);
  if (words[0] === 'compose') return composeReadsInput(words.slice(1));
  if (words[0] !== 'exec') return false;
  const options = parseOptions(words.slice(1), execOptions);
  return !('mistake' in options) && options.has('interactive');
}

async function run(process: SimulatedProcess, place: HostPlace): Promise<number> {
  const words = process.argv[1] === 'container' ? process.argv.slice(2) : process.argv.slice(1);
  const [name = '', ...rest] = otherName(words);
  try {
    return await dispatch(name, rest, process, place);
  } catch (error) {
    if (error instanceof DockerFailure) {
      await outputOf(process).error(`${error.message}\n`);
      return error.status;
    }
    if (!(error instanceof TemplateMistake)) throw error;
    await outputOf(process).error(`${error.message}\n`);
    return 64;
  }
}

/** `ls` and `list` are other names of ps. */
function otherName(words: readonly string[]): readonly string[] {
  return words[0] === 'ls' || words[0] === 'list' ? ['ps', ...words.slice(1)] : words;
}

async function dispatch(
  name: string,
  rest: readonly string[],
  process: SimulatedProcess,
  place: HostPlace,
): Promise<number> {
  if (name === '--version' || name === '-v') {
    await outputOf(process).out(`Docker version ${version}, build ce12230\n`);
    return 0;
  }
  if (name === '' || name === '--help' || name === 'help') {
    const known = [...Object.keys(commands), 'compose'].join(', ');
    await outputOf(process).out(`Usage:  docker COMMAND\n\nOf the embedded cluster: ${known}\n`);
    return 0;
  }
  if (name === 'compose') return dockerCompose(rest, process, place);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new DockerFailure(`docker: '${name}' is not a docker command.\nSee 'docker --help'`);
  const options = commandOptions(name, rest, command.table);
  await daemonAnswers(place.world, place.host, process.signal);
  if (process.signal.aborted) return 130;
  return command.run(process, place, options);
}

async function printVersion(process: SimulatedProcess, _place: HostPlace, options: Options): Promise<number> {
  const format = options.value('format');
  const plain = `Client: Docker Engine - Community\n Version:           ${version}\n API version:       1.47\n OS/Arch:           linux/amd64\n\nServer: Docker Engine - Community\n Engine:\n  Version:          ${version}\n  API version:      1.47 (minimum version 1.24)\n  OS/Arch:          linux/amd64\n`;
  await outputOf(process).out(format === undefined ? plain : `${version}\n`);
  return 0;
}

async function printInfo(process: SimulatedProcess, {world, host}: HostPlace): Promise<number> {
  const all = world.containers(host);
  const running = all.filter(each => each.state === 'running').length;
  const text = `Server:\n Containers: ${all.length}\n  Running: ${running}\n  Paused: 0\n  Stopped: ${all.length - running}\n Server Version: ${version}\n Storage Driver: overlay2\n Logging Driver: json-file\n Operating System: Debian GNU/Linux 12 (bookworm)\n OSType: linux\n Architecture: x86_64\n Name: ${host}\n`;
  await outputOf(process).out(text);
  return 0;
}
