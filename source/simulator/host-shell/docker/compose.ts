import {takeLines} from '../../container-programs/input.ts';
import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import {type Options, parseOptions} from '../options.ts';
import {readComposeFile} from './compose-file.ts';
import {DockerFailure, daemonAnswers} from './daemon.ts';
import {commandOptions} from './docker-command.ts';
import {lifecycle} from './lifecycle.ts';
import {aligned, dockerPs, psOptions} from './ps.ts';

const globalOptions = {
  flags: ['ansi', 'dry-run'],
  valued: ['file', 'project-name', 'project-directory', 'env-file', 'profile', 'progress'],
  short: {f: 'file', p: 'project-name'},
  stopAtWord: true,
};

const upOptions = {
  flags: [
    'detach',
    'build',
    'no-build',
    'force-recreate',
    'no-recreate',
    'remove-orphans',
    'wait',
    'quiet-pull',
    'no-start',
    'no-deps',
  ],
  valued: ['timeout', 'pull', 'wait-timeout'],
  short: {d: 'detach', t: 'timeout'},
};

const downOptions = {
  flags: ['volumes', 'remove-orphans'],
  valued: ['timeout', 'rmi'],
  short: {v: 'volumes', t: 'timeout'},
};

/** Whether `docker compose` with these arguments takes its file from standard input. */
export function composeReadsInput(argv: readonly string[]): boolean {
  const options = parseOptions(argv, globalOptions);
  return !('mistake' in options) && options.value('file') === '-';
}

/** `docker compose`, as far as one file with containers of the cluster goes. Without a file, the project is what the host has. */
export async function dockerCompose(
  argv: readonly string[],
  process: SimulatedProcess,
  place: HostPlace,
): Promise<number> {
  const before = commandOptions('compose', argv, globalOptions);
  const [command = '', ...rest] = before.words;
  if (command === 'version') {
    await outputOf(process).out(rest.includes('--short') ? '2.29.7\n' : 'Docker Compose version v2.29.7\n');
    return 0;
  }
  await daemonAnswers(place.world, place.host, process.signal);
  if (process.signal.aborted) return 130;
  switch (command) {
    case 'up':
      return up(process, place, before, commandOptions('compose up', rest, upOptions));
    case 'down':
      return down(process, place, commandOptions('compose down', rest, downOptions));
    case 'ps': {
      const options = commandOptions('compose ps', rest, {...psOptions, flags: [...psOptions.flags, 'services']});
      return options.has('quiet') || options.has('format')
        ? dockerPs(process, place, options)
        : list(process, place, options);
    }
    case 'start':
    case 'stop':
    case 'restart': {
      const step = lifecycle[command];
      if (step === undefined) return 1;
      const options = commandOptions(`compose ${command}`, rest, step.table);
      const words = options.words.length > 0 ? options.words : names(place);
      return step.run(process, place, {...options, words});
    }
    default:
      throw new DockerFailure(`unknown docker command: "compose ${command}"`);
  }
}

async function up(process: SimulatedProcess, place: HostPlace, before: Options, options: Options): Promise<number> {
  const {world, host} = place;
  const file = before.value('file');
  if (file === undefined) {
    const wanted = options.words.length > 0 ? options.words : names(place);
    for (const name of wanted) await told(process, world.docker.start(host, name), `Container ${name}  Started`);
    return 0;
  }
  // The host's own disk is empty: a file comes by standard input.
  if (file !== '-') throw new DockerFailure(`open ${absolute(file, process)}: no such file or directory`, 14);
  const text = await readAll(process);
  if (text === undefined) return 130;
  const services = await readComposeFile(text, file);
  for (const {service, container} of services) {
    if (options.words.length > 0 && !options.words.includes(service)) continue;
    await told(process, world.docker.create(host, container), `Container ${container.name}  Started`);
  }
  return 0;
}

async function down(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const {world, host} = place;
  for (const name of names(place)) {
    await told(process, world.docker.remove(host, name, options.has('volumes')), `Container ${name}  Removed`);
  }
  return 0;
}

async function told(process: SimulatedProcess, complaint: string | undefined, done: string): Promise<void> {
  if (complaint !== undefined) throw new DockerFailure(complaint);
  await outputOf(process).error(` ${done}\n`);
}

async function list(process: SimulatedProcess, {world, host}: HostPlace, options: Options): Promise<number> {
  const shown = world.containers(host).filter(each => options.has('all') || each.state === 'running');
  const row = (each: ContainerView) => [each.name, each.image, each.name, each.state];
  await outputOf(process).out(aligned([['NAME', 'IMAGE', 'SERVICE', 'STATUS'], ...shown.map(row)]));
  return 0;
}

function names({world, host}: HostPlace): string[] {
  return world.containers(host).map(each => each.name);
}

function absolute(path: string, {environment}: SimulatedProcess): string {
  return path.startsWith('/') ? path : `${environment.HOME || ''}/${path}`;
}

/** All that comes by standard input; undefined when the program was ended before. */
async function readAll(process: SimulatedProcess): Promise<string | undefined> {
  let text = '';
  const whole = await takeLines(process, outputOf(process), line => {
    text += `${line}\n`;
  });
  return whole && !process.signal.aborted ? text : undefined;
}
