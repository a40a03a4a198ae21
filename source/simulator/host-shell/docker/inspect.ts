import {outputOf} from '../../container-programs/output.ts';
import {hostTime} from '../../host-clock.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView} from '../../world.ts';
import {parseTemplate} from '../go-template.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {dockerTime, findContainer} from './daemon.ts';
import {imageId, inspectImages} from './image.ts';

export const inspectOptions = {flags: ['size'], valued: ['format', 'type'], short: {f: 'format', s: 'size'}};

/** `docker inspect` of containers, plain or with a template. */
export function dockerInspect(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  return inspect(process, place, options, 'Error: No such object: ');
}

/** `docker container inspect` words its complaint in another way. */
export function inspectContainers(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  return inspect(process, place, options, 'Error response from daemon: No such container: ');
}

async function inspect(
  process: SimulatedProcess,
  place: HostPlace,
  options: Options,
  complaint: string,
): Promise<number> {
  const {world, host} = place;
  if (options.value('type') === 'image') return inspectImages(process, place, options);
  const format = options.value('format');
  const template = format === undefined || format === 'json' ? undefined : parseTemplate(format);
  const found: object[] = [];
  const missing: string[] = [];
  for (const name of options.words) {
    const container = findContainer(world, host, name);
    if (container === undefined) missing.push(name);
    else found.push(inspection(container, place));
  }
  const text =
    template === undefined
      ? `${JSON.stringify(found.map(withoutNull), undefined, format === 'json' ? undefined : 4)}\n`
      : // A template that has nothing to show still ends its line.
        found.map(each => `${template(each)}\n`).join('') || '\n';
  await outputOf(process).out(text);
  const errors = missing.map(name => `${complaint}${name}\n`).join('');
  await outputOf(process).error(errors);
  return missing.length > 0 ? 1 : 0;
}

/** A container as docker describes it; what docker's templates see as nil is null. */
function inspection(container: ContainerView, {world, host}: HostPlace) {
  const {id, name, image, state, command, environment, restartPolicy, port} = container;
  const [path = '', ...args] = command;
  const created = dockerTime(hostTime(world, host) - 9 * 86_400_000);
  return {
    Id: id,
    Created: container.startedAt === undefined ? created : dockerTime(container.startedAt - 2000),
    Path: path,
    Args: args,
    State: {
      Status: state,
      Running: state === 'running' || state === 'paused' || state === 'restarting',
      Paused: state === 'paused',
      Restarting: state === 'restarting',
      OOMKilled: container.outOfMemory,
      Dead: state === 'dead',
      Pid: container.pid,
      ExitCode: container.exitCode ?? 0,
      Error: '',
      StartedAt: dockerTime(container.startedAt),
      FinishedAt: dockerTime(container.finishedAt),
      Health: container.health === undefined ? null : {Status: container.health, FailingStreak: 0, Log: []},
    },
    Image: imageId(image),
    Name: `/${name}`,
    RestartCount: container.restarts,
    Driver: 'overlay2',
    Platform: 'linux',
    HostConfig: {
      NetworkMode: 'host',
      RestartPolicy: {Name: restartPolicy, MaximumRetryCount: 0},
      AutoRemove: false,
      Privileged: false,
      LogConfig: {Type: 'json-file', Config: {}},
      PortBindings: {},
      Binds: [`${volumeOf(name)}:/var/lib/postgres:rw`],
    },
    Mounts: [
      {
        Type: 'volume',
        Name: volumeOf(name),
        Source: `/var/lib/docker/volumes/${volumeOf(name)}/_data`,
        Destination: '/var/lib/postgres',
        Driver: 'local',
        Mode: 'rw',
        RW: true,
      },
    ],
    Config: {
      Hostname: host,
      User: '',
      Tty: false,
      OpenStdin: false,
      Env: environment,
      Cmd: command,
      Image: image,
      WorkingDir: '',
      Entrypoint: null,
      ExposedPorts: {[`${port}/tcp`]: {}},
      Labels: composeLabels(name),
    },
    NetworkSettings: {Networks: {host: {NetworkID: '', IPAddress: '', Gateway: ''}}, Ports: {}, IPAddress: ''},
  };
}

/** The volume with the home of a container's user. */
export function volumeOf(name: string): string {
  return `${name}_home`;
}

/** What docker compose leaves on its containers. */
export function composeLabels(name: string): Record<string, string> {
  return {
    'com.docker.compose.project': 'pgaf',
    'com.docker.compose.project.config_files': '/opt/pgaf/compose.yaml',
    'com.docker.compose.project.working_dir': '/opt/pgaf',
    'com.docker.compose.service': name,
  };
}

function withoutNull(each: object): object {
  return JSON.parse(
    JSON.stringify(each, (key, value: unknown) => (key === 'Health' && value === null ? undefined : value)),
  );
}
