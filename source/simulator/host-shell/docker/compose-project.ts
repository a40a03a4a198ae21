import {takeLines} from '../../container-programs/input.ts';
import {outputOf} from '../../container-programs/output.ts';
import {absolutePath, baseName, parentOf} from '../../files.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {NewContainer} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options, OptionTable} from '../options.ts';
import {readComposeFile} from './compose-file.ts';
import {DockerFailure} from './daemon.ts';

export const projectOptions: OptionTable = {
  flags: ['ansi', 'dry-run', 'all-resources', 'compatibility'],
  valued: ['file', 'project-name', 'project-directory', 'env-file', 'profile', 'progress', 'parallel'],
  short: {f: 'file', p: 'project-name'},
  stopAtWord: true,
};

/** What Compose works on: a file's services, or with a name alone those whose containers there are. */
export type ComposeProject = {
  name: string;
  services: readonly {service: string; container: NewContainer}[];
  /** The content of its file. */
  content: unknown;
};

const usualNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

/** Finds the project as Compose does: the file that was named, one in the folder, or containers by the project's name. `undefined`: ended. */
export async function findProject(
  process: SimulatedProcess,
  place: HostPlace,
  options: Options,
): Promise<ComposeProject | undefined> {
  const files = place.world.files(place.host);
  const directory = absolutePath(options.value('project-directory') ?? '.', process.directory ?? '/');
  const named = options.value('file');
  const name = options.value('project-name');
  if (named === '-') {
    const text = await readAll(process);
    return text === undefined ? undefined : readProject(text, '-', name ?? baseName(directory));
  }
  const found =
    named === undefined
      ? usualNames.map(each => absolutePath(each, directory)).find(path => files.entry(path)?.kind === 'file')
      : absolutePath(named, process.directory ?? '/');
  if (found === undefined) {
    if (name === undefined) throw new DockerFailure('no configuration file provided: not found', 14);
    return {name, services: containersOf(place, name), content: {}};
  }
  const entry = files.entry(found);
  if (entry === undefined) throw new DockerFailure(`open ${found}: no such file or directory`, 14);
  if (entry.kind === 'directory') throw new DockerFailure(`read ${found}: is a directory`, 14);
  return readProject(entry.content, found, name ?? baseName(parentOf(found)));
}

async function readProject(text: string, file: string, fallback: string): Promise<ComposeProject> {
  const {name, services, content} = await readComposeFile(text, file);
  return {name: name ?? (fallback.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '') || 'default'), services, content};
}

/** All containers of a simulated host are of one project. */
function containersOf({world, host}: HostPlace, name: string): ComposeProject['services'] {
  if (name !== 'pgaf') return [];
  return world.containers(host).map(view => ({
    service: view.name,
    container: {
      name: view.name,
      image: view.image,
      port: view.port,
      restartPolicy: view.restartPolicy,
      role: view.role === 'monitor' ? {kind: 'monitor'} : {kind: 'node', nodeName: view.name, command: 'run'},
    },
  }));
}

/** All that comes by standard input; undefined when the program was ended before. */
async function readAll(process: SimulatedProcess): Promise<string | undefined> {
  let text = '';
  const whole = await takeLines(process, outputOf(process), line => {
    text += `${line}\n`;
  });
  return whole && !process.signal.aborted ? text : undefined;
}
