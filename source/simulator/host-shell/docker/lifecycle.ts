import {createBell} from '../../bell.ts';
import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView, DockerCommands} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {findContainer} from './daemon.ts';
import type {DockerCommand} from './docker-command.ts';

type Step = {
  usage?: string;
  numbers?: readonly string[];
  flags?: readonly string[];
  valued?: readonly string[];
  short?: Readonly<Record<string, string>>;
  act: (docker: DockerCommands, place: HostPlace, container: ContainerView, options: Options) => string | undefined;
  /** What is said of a container that is not there. */
  missing?: (name: string) => string;
  /** What the command waits for. */
  until?: (now: ContainerView | undefined, before: ContainerView) => boolean;
};

const hasEnded = (now: ContainerView | undefined) =>
  now === undefined || now.state === 'exited' || now.state === 'created';

const endOptions = {
  valued: ['timeout', 'time', 'signal'],
  numbers: ['timeout', 'time'],
  short: {t: 'timeout', s: 'signal'},
};

function isSignal(text: string): boolean {
  const name = text.replace(/^SIG/i, '').toUpperCase();
  return (
    /^([1-9]|[12]\d|3[01])$/.test(text) ||
    ['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'STOP', 'CONT', 'ABRT'].includes(name)
  );
}

const steps: Readonly<Record<string, Step>> = {
  start: {
    flags: ['attach', 'interactive'],
    short: {a: 'attach', i: 'interactive'},
    act: (docker, {host}, {name, state}) =>
      state === 'paused'
        ? 'Error response from daemon: cannot start a paused container, try unpause instead'
        : docker.start(host, name),
  },
  stop: {
    ...endOptions,
    act: (docker, {host}, {name}) => docker.stop(host, name),
    until: hasEnded,
  },
  restart: {
    ...endOptions,
    act: (docker, {host}, {name}) => docker.restart(host, name),
    until: (now, before) => now === undefined || (now.state === 'running' && now.startedAt !== before.startedAt),
  },
  kill: {
    valued: ['signal'],
    short: {s: 'signal'},
    act(docker, {host}, {name, id, state}, options) {
      const signal = options.value('signal');
      if (signal !== undefined && !isSignal(signal)) return `Error response from daemon: Invalid signal: ${signal}`;
      if (state !== 'running' && state !== 'paused') {
        return `Error response from daemon: Cannot kill container: ${name}: Container ${id} is not running`;
      }
      return docker.kill(host, name);
    },
    missing: name => `Error response from daemon: Cannot kill container: ${name}: No such container: ${name}`,
    until: hasEnded,
  },
  pause: {usage: 'CONTAINER [CONTAINER...]', act: (docker, {host}, {name}) => docker.pause(host, name)},
  unpause: {usage: 'CONTAINER [CONTAINER...]', act: (docker, {host}, {name}) => docker.unpause(host, name)},
  rm: {
    flags: ['force', 'volumes', 'link'],
    short: {f: 'force', v: 'volumes', l: 'link'},
    act(docker, {host}, {name, id, state}, options) {
      if (!options.has('force') && (state === 'running' || state === 'restarting' || state === 'paused')) {
        const first = state === 'paused' ? 'Unpause and then stop' : 'Stop';
        return `Error response from daemon: You cannot remove a ${state} container ${id}. ${first} the container before attempting removal or force remove`;
      }
      return docker.remove(host, name, options.has('volumes'));
    },
  },
  update: {
    valued: ['restart', 'memory', 'cpus'],
    short: {m: 'memory'},
    act(docker, {host}, {name}, options) {
      const policy = options.value('restart');
      if (policy === undefined) return undefined;
      if (policy !== 'no' && policy !== 'always' && policy !== 'unless-stopped') {
        return `Error response from daemon: invalid restart policy '${policy}'`;
      }
      return docker.updateRestartPolicy(host, name, policy);
    },
  },
};

/** `docker start`, `stop` and the like, by name: the containers one after the other, as docker prints them. */
export const lifecycle: Readonly<Record<string, DockerCommand>> = Object.fromEntries(
  Object.entries(steps).map(([name, step]) => [
    name,
    {
      table: {
        flags: step.flags ?? [],
        valued: step.valued ?? [],
        numbers: step.numbers ?? [],
        short: step.short ?? {},
      },
      usage: step.usage ?? '[OPTIONS] CONTAINER [CONTAINER...]',
      words: {least: 1},
      run: (process: SimulatedProcess, place: HostPlace, options: Options) => each(name, step, process, place, options),
    },
  ]),
);

async function each(
  command: string,
  step: Step,
  process: SimulatedProcess,
  place: HostPlace,
  options: Options,
): Promise<number> {
  const {words} = options;
  const failed: string[] = [];
  for (const name of words) {
    const complaint = await one(step, process, place, options, name);
    if (process.signal.aborted) return 130;
    if (complaint === undefined) {
      await outputOf(process).out(`${name}\n`);
    } else {
      failed.push(name);
      await outputOf(process).error(`${complaint}\n`);
    }
  }
  if (failed.length === 0) return 0;
  if (command === 'start') {
    await outputOf(process).error(`Error: failed to start containers: ${failed.join(', ')}\n`);
  }
  return 1;
}

/** One of these for one container, until it is done; docker's complaint otherwise. */
export async function carryOut(
  command: 'start' | 'stop' | 'restart' | 'kill',
  process: SimulatedProcess,
  place: HostPlace,
  name: string,
): Promise<string | undefined> {
  const step = steps[command];
  const nothing: Options = {has: () => false, value: () => undefined, values: () => [], words: []};
  return step === undefined ? undefined : one(step, process, place, nothing, name);
}

async function one(
  step: Step,
  {signal}: SimulatedProcess,
  place: HostPlace,
  options: Options,
  name: string,
): Promise<string | undefined> {
  const {world, host} = place;
  const before = findContainer(world, host, name);
  if (before === undefined) return step.missing?.(name) ?? `Error response from daemon: No such container: ${name}`;
  const bell = createBell();
  const unlisten = world.listen(happening => {
    if (happening.kind === 'docker' && happening.host === host) bell.ring();
  });
  try {
    const complaint = step.act(world.docker, place, before, options);
    if (complaint !== undefined) return complaint;
    while (step.until !== undefined && !signal.aborted && !step.until(findContainer(world, host, before.id), before)) {
      await bell.rung(signal);
    }
    return undefined;
  } finally {
    unlisten();
  }
}
