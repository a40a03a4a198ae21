import {containerFiles, overlayPath} from '../../container-programs/container-files.ts';
import {absolutePath, baseName, parentOf} from '../../files.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options, OptionTable} from '../options.ts';
import {containerOf, DockerFailure} from './daemon.ts';

export const copyOptions: OptionTable = {
  flags: ['archive', 'follow-link', 'quiet'],
  valued: [],
  short: {a: 'archive', L: 'follow-link', q: 'quiet'},
};

export const copyUsage =
  '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH';

/** `docker cp` of one file, out of a container or into it. */
export async function dockerCopy(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const [from = '', to = ''] = options.words;
  const [source, target] = [inContainer(from), inContainer(to)];
  if (source !== undefined && target !== undefined) {
    throw new DockerFailure('copying between containers is not supported');
  }
  if (source !== undefined) return copyOut(process, place, source, to);
  if (target !== undefined) return copyIn(process, place, from, target);
  throw new DockerFailure('must specify at least one container source');
}

type Inside = {container: string; path: string};

/** `CONTAINER:PATH`; undefined for a path of the host. */
function inContainer(word: string): Inside | undefined {
  const [, container, path] = /^([^:/]+):(.*)$/s.exec(word) ?? [];
  return container === undefined || path === undefined ? undefined : {container, path: absolutePath(path, '/')};
}

function copyOut(process: SimulatedProcess, place: HostPlace, {container, path}: Inside, to: string): number {
  const {world, host} = place;
  const view = containerOf(world, host, container);
  const text = containerFiles({world, host, container: view.name}).get(path);
  if (text === undefined) {
    throw new DockerFailure(`Error response from daemon: Could not find the file ${path} in container ${container}`);
  }
  if (to === '-') throw new DockerFailure('the embedded cluster writes no tar archive: name a file');
  const files = world.files(host);
  const wanted = absolutePath(to, process.directory ?? '/');
  const target = files.entry(wanted)?.kind === 'directory' ? `${wanted}/${baseName(path)}` : wanted;
  const complaint = files.write(target, text, {owner: process.environment.USER || 'root', mode: 0o644});
  if (complaint !== undefined)
    throw new DockerFailure(`invalid output path: directory "${parentOf(target)}" does not exist`);
  return 0;
}

function copyIn(process: SimulatedProcess, place: HostPlace, from: string, {container, path}: Inside): number {
  const {world, host} = place;
  const view = containerOf(world, host, container);
  if (from === '-') throw new DockerFailure('the embedded cluster reads no tar archive: name a file');
  const files = world.files(host);
  const entry = files.entry(absolutePath(from, process.directory ?? '/'));
  if (entry === undefined) throw new DockerFailure(`lstat ${from}: no such file or directory`);
  if (entry.kind === 'directory') throw new DockerFailure('the embedded cluster copies no folder: name a file');
  const inside = {world, host, container: view.name};
  const all = [...containerFiles(inside).keys()];
  const isFolder = path === '/' || path === '/tmp' || all.some(each => each.startsWith(`${path}/`));
  const target = isFolder ? absolutePath(baseName(from), path) : path;
  const parent = parentOf(target);
  if (parent !== '/' && parent !== '/tmp' && !all.some(each => each.startsWith(`${parent}/`))) {
    throw new DockerFailure(`Error response from daemon: Could not find the file ${parent} in container ${container}`);
  }
  const overlay = overlayPath(view.name, target);
  for (const [index] of [...overlay].entries()) {
    if (overlay[index] === '/' && index > 0) files.makeDirectory(overlay.slice(0, index), {owner: 'root', mode: 0o710});
  }
  files.write(overlay, entry.content, {owner: 'root', mode: entry.mode});
  return 0;
}
