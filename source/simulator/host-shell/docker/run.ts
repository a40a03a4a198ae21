import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {containerOf, DockerFailure} from './daemon.ts';

export const runOptions = {
  flags: ['rm', 'detach', 'interactive', 'tty', 'privileged', 'init'],
  valued: ['volumes-from', 'network', 'env', 'user', 'name', 'entrypoint', 'volume', 'workdir', 'restart'],
  short: {d: 'detach', i: 'interactive', t: 'tty', e: 'env', u: 'user', v: 'volume', w: 'workdir'},
  stopAtWord: true,
};

/**
 * `docker run --rm --volumes-from CONTAINER IMAGE …` on the files of a container that does not run. Two things can be run so on a
 * simulated host: `find PGDATA -mindepth 1 -delete`, and a script whose end is `pg_autoctl create postgres`.
 */
export async function dockerRun(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const [image = '', ...argv] = options.words;
  const from = options.value('volumes-from');
  if (from === undefined || !options.has('rm'))
    throw new DockerFailure('docker: The embedded cluster runs no container of its own', 125);
  const container = containerOf(place.world, place.host, from);
  if (container.image !== image) {
    const missing = `Error response from daemon: No such image: ${image}`;
    throw new DockerFailure(`Unable to find image '${image}' locally\ndocker: ${missing}`, 125);
  }
  const [program = '', first = '', ...rest] = argv;
  if (program === 'find' && rest.join(' ') === '-mindepth 1 -delete') return emptyData(place, container, first);
  if (program === 'sh' && first === '-c' && /\bpg_autoctl create postgres\b/.test(rest.join(' ')))
    return createAgain(process, place, container);
  throw new DockerFailure(`docker: The embedded cluster does not run ${program} in a container of its own`, 127);
}

function emptyData({world, host}: HostPlace, container: ContainerView, directory: string): number {
  const data = container.environment.find(each => each.startsWith('PGDATA='))?.slice('PGDATA='.length);
  if (directory !== data) throw new DockerFailure(`find: ‘${directory}’: No such file or directory`);
  const complaint = world.docker.emptyData(host, container.name);
  if (complaint !== undefined) throw new DockerFailure(complaint);
  return 0;
}

async function createAgain(
  {signal, ...process}: SimulatedProcess,
  {world, host}: HostPlace,
  container: ContainerView,
): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const said = world.lines(host, container.name).at(-1);
  const complaint = world.docker.createAgain(host, container.name, ended.resolve);
  if (complaint !== undefined) throw new DockerFailure(complaint);
  const interrupted = () => ended.resolve(130);
  signal.addEventListener('abort', interrupted, {once: true});
  const status = await ended.promise;
  signal.removeEventListener('abort', interrupted);
  const lines = world.lines(host, container.name);
  const output = lines.slice(said === undefined ? 0 : lines.indexOf(said) + 1);
  await outputOf({signal, ...process}).error(output.map(line => `${line.text}\n`).join(''));
  return status;
}
