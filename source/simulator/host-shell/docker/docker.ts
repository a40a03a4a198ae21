import {interruptible} from '../../container-programs/interruptible.ts';
import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import {TemplateMistake} from '../go-template.ts';
import type {HostPlace} from '../host-place.ts';
import {parseOptions} from '../options.ts';
import {composeReadsInput, dockerCompose} from './compose.ts';
import {copyOptions, copyUsage, dockerCopy} from './copy.ts';
import {DockerFailure, daemonAnswers} from './daemon.ts';
import {commandOptions, type DockerCommand} from './docker-command.ts';
import {dockerEvents, eventsOptions} from './events.ts';
import {dockerExec, execOptions} from './exec.ts';
import {
  dockerImages,
  dockerPull,
  imagesOptions,
  inspectImageOptions,
  inspectImages,
  inspectManifest,
  inspectManifestOptions,
  pullOptions,
} from './image.ts';
import {dockerInspect, inspectContainers, inspectOptions} from './inspect.ts';
import {lifecycle} from './lifecycle.ts';
import {dockerLogs, logsOptions} from './logs.ts';
import {dockerPs, psOptions} from './ps.ts';
import {dockerRun, runOptions} from './run.ts';
import {dockerStats, statsOptions} from './stats.ts';
import {dockerVersion, formatOption, printInfo, printVersion} from './system.ts';

const oneOrMore = {least: 1};

const commands: Readonly<Record<string, DockerCommand>> = {
  ps: {table: psOptions, usage: '[OPTIONS]', words: {most: 0}, run: dockerPs},
  inspect: {table: inspectOptions, usage: '[OPTIONS] NAME|ID [NAME|ID...]', words: oneOrMore, run: dockerInspect},
  events: {table: eventsOptions, usage: '[OPTIONS]', words: {most: 0}, run: dockerEvents},
  logs: {table: logsOptions, usage: '[OPTIONS] CONTAINER', words: {least: 1, most: 1}, run: dockerLogs},
  exec: {
    table: execOptions,
    usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
    words: {least: 2},
    run: dockerExec,
  },
  stats: {table: statsOptions, usage: '[OPTIONS] [CONTAINER...]', run: dockerStats},
  cp: {table: copyOptions, usage: copyUsage, words: {least: 2, most: 2}, run: dockerCopy},
  images: {table: imagesOptions, usage: '[OPTIONS] [REPOSITORY[:TAG]]', words: {most: 1}, run: dockerImages},
  pull: {table: pullOptions, usage: '[OPTIONS] NAME[:TAG|@DIGEST]', words: {least: 1, most: 1}, run: dockerPull},
  run: {table: runOptions, usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]', words: oneOrMore, run: dockerRun},
  version: {table: formatOption, usage: '[OPTIONS]', words: {most: 0}, run: printVersion},
  info: {table: formatOption, usage: '[OPTIONS]', words: {most: 0}, run: printInfo},
  ...lifecycle,
};

/** Commands that stand behind the word for what they are about; the others are those above. */
const grouped: Readonly<Record<string, Readonly<Record<string, DockerCommand | undefined>>>> = {
  container: {
    ...commands,
    ls: commands.ps,
    list: commands.ps,
    inspect: {
      table: inspectOptions,
      usage: '[OPTIONS] CONTAINER [CONTAINER...]',
      words: oneOrMore,
      run: inspectContainers,
    },
  },
  image: {
    ls: commands.images,
    list: commands.images,
    pull: commands.pull,
    inspect: {
      table: inspectImageOptions,
      usage: '[OPTIONS] IMAGE [IMAGE...]',
      words: oneOrMore,
      run: inspectImages,
    },
  },
  manifest: {
    inspect: {
      table: inspectManifestOptions,
      usage: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
      words: {least: 1, most: 2},
      run: inspectManifest,
    },
  },
  system: {info: commands.info},
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
  try {
    return await dispatch(process.argv.slice(1), process, place);
  } catch (error) {
    if (error instanceof DockerFailure) {
      const output = outputOf(process);
      await (error.where === 'stdout' ? output.out : output.error)(`${error.message}\n`);
      return error.status;
    }
    if (!(error instanceof TemplateMistake)) throw error;
    await outputOf(process).error(`${error.message}\n`);
    return 64;
  }
}

async function dispatch(words: readonly string[], process: SimulatedProcess, place: HostPlace): Promise<number> {
  const [name = '', ...rest] = words;
  if (name === '--version' || name === '-v') {
    await outputOf(process).out(`Docker version ${dockerVersion}, build e6534b4\n`);
    return 0;
  }
  if (name === '' || name === '--help' || name === 'help') {
    const known = [...Object.keys(commands), ...Object.keys(grouped), 'compose'].join(', ');
    await outputOf(process).out(`Usage:  docker [OPTIONS] COMMAND\n\nOf the embedded cluster: ${known}\n`);
    return 0;
  }
  if (name.startsWith('-')) {
    const used = "Usage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information";
    throw new DockerFailure(`unknown flag: ${name}\n\n${used}`, 125);
  }
  if (name === 'compose') return dockerCompose(rest, process, place);
  const group = Object.hasOwn(grouped, name) ? grouped[name] : undefined;
  const [inner = '', ...more] = group === undefined ? words : rest;
  const known: Readonly<Record<string, DockerCommand | undefined>> = group ?? commands;
  const command = Object.hasOwn(known, inner) ? known[inner] : undefined;
  const called = group === undefined ? inner : `${name} ${inner}`;
  if (command === undefined) {
    throw new DockerFailure(`docker: unknown command: docker ${called}\n\nRun 'docker --help' for more information`);
  }
  const options = commandOptions(called, more, command);
  await daemonAnswers(place.world, place.host, process.signal);
  if (process.signal.aborted) return 130;
  return command.run(process, place, options);
}
