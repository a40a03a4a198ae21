import {createBell} from '../../bell.ts';
import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView, DockerCommands} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {DockerFailure, findContainer} from './daemon.ts';
import type {DockerCommand} from './docker-command.ts';

type Step = {
  flags?: readonly string[];
  valued?: readonly string[];
  short?: Readonly<Record<string, string>>;
  act: (docker: DockerCommands, place: HostPlace, container: ContainerView, options: Options) => string | undefined;
  /** What the command waits for. */
  until?: (now: ContainerView | undefined, before: ContainerView) => boolean;
};

const hasEnded = (now: ContainerView | undefined) =>
  now === undefined || now.state === 'exited' || now.state === 'created';

const steps: Readonly<Record<string, Step>> = {
  start: {
    flags: ['attach', 'interactive'],
    short: {a: 'attach', i: 'interactive'},
    act: (docker, {host}, {name}) => docker.start(host, name),
  },
  stop: {
    valued: ['time', 'timeout', 'signal'],
    short: {t: 'time', s: 'signal'},
    act: (docker, {host}, {name}) => docker.stop(host, name),
    until: hasEnded,
  },
  restart: {
    valued: ['time', 'timeout', 'signal'],
    short: {t: 'time', s: 'signal'},
    act: (docker, {host}, {name}) => docker.restart(host, name),
    until: (now, before) => now === undefined || (now.state === 'running' && now.startedAt !== before.startedAt),
  },
  kill: {
    valued: ['signal'],
    short: {s: 'signal'},
    act: (docker, {host}, {name}) => docker.kill(host, name),
    until: hasEnded,
  },
  pause: {act: (docker, {host}, {name}) => docker.pause(host, name)},
  unpause: {act: (docker, {host}, {name}) => docker.unpause(host, name)},
  rm: {
    flags: ['force', 'volumes', 'link'],
    short: {f: 'force', v: 'volumes', l: 'link'},
    act(docker, {host}, {name, state}, options) {
      if (!options.has('force') && (state === 'running' || state === 'restarting' || state === 'paused')) {
        return `Error response from daemon: cannot remove container "/${name}": container is ${state}: stop the container before removing or force remove`;
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
        return `Error response from daemon: invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`;
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
      table: {flags: step.flags ?? [], valued: step.valued ?? [], short: step.short ?? {}},
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
  if (words.length === 0) {
    throw new DockerFailure(`"docker ${command}" requires at least 1 argument.\nSee 'docker ${command} --help'.`);
  }
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

async function one(
  step: Step,
  {signal}: SimulatedProcess,
  place: HostPlace,
  options: Options,
  name: string,
): Promise<string | undefined> {
  const {world, host} = place;
  const before = findContainer(world, host, name);
  if (before === undefined) return `Error response from daemon: No such container: ${name}`;
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
