import {createHash} from 'node:crypto';
import {outputOf} from '../../container-programs/output.ts';
import {hostTime} from '../../host-clock.ts';
import type {SimulatedProcess} from '../../program.ts';
import {parseTemplate} from '../go-template.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options, OptionTable} from '../options.ts';
import {DockerFailure, dockerTime} from './daemon.ts';
import {ago, formatted} from './table.ts';

/** The image that every simulated host has, and can pull. */
export const knownImage = 'citusdata/pg_auto_failover:15';

const bytes = 409_832_448;
const createdAt = Date.UTC(2025, 5, 12, 8, 30, 11);

/** The id of an image, made of nothing but its name. */
export function imageId(image: string): string {
  return `sha256:${createHash('sha256').update(image).digest('hex')}`;
}

export const imagesOptions: OptionTable = {
  flags: ['all', 'quiet', 'no-trunc', 'digests'],
  valued: ['filter', 'format'],
  short: {a: 'all', q: 'quiet', f: 'filter'},
};

/** `docker images [REPOSITORY[:TAG]]` */
export async function dockerImages(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const [wanted] = options.words;
  const [repository = '', tag = ''] = knownImage.split(':');
  const shown = wanted === undefined || wanted === repository || wanted === knownImage;
  const id = imageId(knownImage);
  const row = {
    Containers: 'N/A',
    CreatedAt: new Date(createdAt).toISOString().replace('T', ' ').replace('.000Z', ' +0000 UTC'),
    CreatedSince: `${ago(hostTime(place.world, place.host) - createdAt)} ago`,
    Digest: '<none>',
    ID: options.has('no-trunc') ? id : id.slice(7, 19),
    Repository: repository,
    SharedSize: 'N/A',
    Size: '410MB',
    Tag: tag,
    UniqueSize: 'N/A',
    VirtualSize: '409.8MB',
  };
  const rows = shown ? [row] : [];
  if (options.has('quiet')) {
    await outputOf(process).out(rows.map(each => `${each.ID}\n`).join(''));
    return 0;
  }
  await outputOf(process).out(
    formatted(rows, options.value('format'), [
      ['REPOSITORY', 'Repository'],
      ['TAG', 'Tag'],
      ['IMAGE ID', 'ID'],
      ['CREATED', 'CreatedSince'],
      ['SIZE', 'Size'],
    ]),
  );
  return 0;
}

export const inspectImageOptions: OptionTable = {flags: [], valued: ['format'], short: {f: 'format'}};

/** `docker image inspect` */
export async function inspectImages(process: SimulatedProcess, _place: HostPlace, options: Options): Promise<number> {
  const format = options.value('format');
  const template = format === undefined || format === 'json' ? undefined : parseTemplate(format);
  const isKnown = (name: string) => [knownImage, imageId(knownImage), imageId(knownImage).slice(7, 19)].includes(name);
  const missing = options.words.filter(word => !isKnown(word));
  const found = options.words.filter(isKnown).map(() => inspection());
  const text =
    template === undefined
      ? `${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`
      : found.map(each => `${template(each)}\n`).join('');
  await outputOf(process).out(text);
  for (const name of missing) {
    const whole = /[:@]/.test(name) ? name : `${name}:latest`;
    await outputOf(process).error(`Error response from daemon: no such image: ${name}: No such image: ${whole}\n`);
  }
  return missing.length > 0 ? 1 : 0;
}

function inspection() {
  return {
    Id: imageId(knownImage),
    RepoTags: [knownImage],
    RepoDigests: [`${knownImage.split(':')[0] ?? ''}@${imageId(`${knownImage}/digest`)}`],
    Parent: '',
    Comment: '',
    Created: dockerTime(createdAt),
    DockerVersion: '',
    Author: '',
    Config: {
      User: 'postgres',
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin',
        'PGDATA=/var/lib/postgres/pgaf',
      ],
      Cmd: ['pg_autoctl', 'run'],
      WorkingDir: '/var/lib/postgres',
      Entrypoint: null,
      Labels: null,
    },
    Architecture: 'amd64',
    Os: 'linux',
    Size: bytes,
    GraphDriver: {Name: 'overlay2', Data: null},
    RootFS: {Type: 'layers', Layers: [imageId(`${knownImage}/layer`)]},
    Metadata: {LastTagTime: '0001-01-01T00:00:00Z'},
  };
}

export const pullOptions: OptionTable = {
  flags: ['quiet', 'all-tags'],
  valued: ['platform'],
  short: {q: 'quiet', a: 'all-tags'},
};

/** `docker pull`: the image is there already, and there is no other. */
export async function dockerPull(process: SimulatedProcess, _place: HostPlace, options: Options): Promise<number> {
  const [name = ''] = options.words;
  const {registry, repository, tag} = partsOf(name);
  const [known = '', knownTag = ''] = knownImage.split(':');
  if (registry !== 'docker.io') throw new DockerFailure(`Error response from daemon: ${unreachable(registry)}`);
  if (repository !== known) {
    throw new DockerFailure(
      `Error response from daemon: pull access denied for ${repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    );
  }
  if (tag !== knownTag) {
    throw new DockerFailure(
      `Error response from daemon: manifest for ${repository}:${tag} not found: manifest unknown: manifest unknown`,
    );
  }
  const progress = `${tag}: Pulling from ${repository}\nDigest: ${imageId(`${knownImage}/digest`)}\nStatus: Image is up to date for ${name}\n`;
  await outputOf(process).out(`${options.has('quiet') ? '' : progress}docker.io/${repository}:${tag}\n`);
  return 0;
}

export const inspectManifestOptions: OptionTable = {flags: ['insecure', 'verbose'], valued: [], short: {v: 'verbose'}};

/** `docker manifest inspect`: what the registry has of an image, without pulling it. */
export async function inspectManifest(process: SimulatedProcess, _place: HostPlace, options: Options): Promise<number> {
  const {registry, repository, tag} = partsOf(options.words.at(-1) ?? '');
  const [known = '', knownTag = ''] = knownImage.split(':');
  const transport = 'failed to configure transport: error pinging v2 registry';
  if (registry !== 'docker.io') throw new DockerFailure(`${transport}: ${unreachable(registry)}`);
  if (repository !== known)
    throw new DockerFailure(
      'errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n',
    );
  const name = `${registry}/${repository}:${tag}`;
  if (tag !== knownTag) throw new DockerFailure(`no such manifest: ${name}`);
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: 3412,
      digest: imageId(knownImage),
    },
    layers: [
      {
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
        size: 151_240_704,
        digest: imageId(`${knownImage}/layer`),
      },
    ],
  };
  const descriptor = {
    ...{mediaType, digest: imageId(`${knownImage}/digest`), size: 529},
    platform: {architecture: 'amd64', os: 'linux'},
  };
  const answer = options.has('verbose') ? {Ref: name, Descriptor: descriptor, SchemaV2Manifest: manifest} : manifest;
  await outputOf(process).out(`${JSON.stringify(answer, undefined, '\t')}\n`);
  return 0;
}

function partsOf(name: string): {registry: string; repository: string; tag: string} {
  const [, registry = 'docker.io', repository = '', tag = 'latest'] =
    /^(?:([^/]*[.:][^/]*|localhost)\/)?([^:@]+)(?::([^@]+))?/.exec(name) ?? [];
  return {registry, repository, tag};
}

/** The simulated hosts know Docker's own registry and no other. */
function unreachable(registry: string): string {
  const [name = ''] = registry.split(':');
  const isNumber = /^[\d.]+$/.test(name) || name === 'localhost';
  const place = registry.includes(':') ? registry : `${registry}:443`;
  const why = isNumber
    ? ` ${place.replace('localhost', '127.0.0.1')}: connect: connection refused`
    : `: lookup ${name}: no such host`;
  return `Get "https://${registry}/v2/": dial tcp${why}`;
}
