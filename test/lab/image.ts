import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {must, plainEnvironment, run} from './command.ts';
import {withLock} from './lock.ts';
import {proxies} from './packages.ts';
import {cacheDirectory, stateRoot} from './places.ts';
import {killProcesses} from './processes.ts';

/** The tag under which the field knows the image that is made here from Debian's packages. */
export const imageName = 'citusdata/pg_auto_failover:15';

/** The container image as a dockerd keeps it: `data` is a folder to be /var/lib/docker. */
export type Image = {data: string; storageDriver: 'overlay2' | 'vfs'};

const imagePackages = ['postgresql-15', 'postgresql-15-auto-failover', 'pg-auto-failover-cli'];
// No lab can have this name.
const makers = {PGAF_LAB: '.image', PGAF_LAB_ROLE: 'image'};
const companions = ['openssl', 'procps', 'ca-certificates', 'less', 'vim-tiny'];

/** Gives the image from the cache, or makes it (a minute) when there is none of the packages' present versions. */
export async function prepareImage(say: (line: string) => void): Promise<Image> {
  return withLock('image', async () => {
    const storageDriver = await storageDriverFor(stateRoot);
    const folder = join(cacheDirectory(), `${await versionKey()}-${storageDriver}`);
    const data = join(folder, 'docker');
    if (existsSync(data)) return {data, storageDriver};
    // A maker that was killed leaves its children at work on that folder.
    await killProcesses(makers.PGAF_LAB, () => true);
    rmSync(folder, {recursive: true, force: true});
    mkdirSync(folder, {recursive: true});
    say('making the container image from Debian packages');
    const tar = join(folder, 'image.tar');
    await makeRootFilesystem(tar);
    say('importing the container image');
    await importImage(tar, join(folder, 'unfinished'), storageDriver, join(folder, 'dockerd.log'));
    rmSync(tar);
    renameSync(join(folder, 'unfinished'), data);
    return {data, storageDriver};
  });
}

// The packages' versions and how the image is made of them: what changes one of these makes another image.
async function versionKey(): Promise<string> {
  const policy = async () => must(['apt-cache', 'policy', ...imagePackages]);
  let text = await policy();
  if (candidates(text).length < imagePackages.length) {
    await run(['apt-get', 'update', '-q'], {env: {...plainEnvironment, ...proxies()}, timeout: 300_000});
    text = await policy();
  }
  const versions = candidates(text);
  if (versions.length < imagePackages.length) throw new Error(`apt does not know all of ${imagePackages.join(', ')}`);
  const recipe = [versions.join(' '), readFileSync(scriptFile(), 'utf8'), ...mmdebstrap('')];
  return createHash('sha256').update(recipe.join('\n')).digest('hex').slice(0, 16);
}

function candidates(policy: string): string[] {
  return [...policy.matchAll(/^ {2}Candidate: (\S+)$/gm)].flatMap(([, version]) =>
    version === undefined || version === '(none)' ? [] : [version],
  );
}

async function makeRootFilesystem(tar: string): Promise<void> {
  const env = {...plainEnvironment, ...proxies(), ...makers, TMPDIR: dirname(tar)};
  const argv = [...mmdebstrap(tar), ...debianSources(), ...(await aptOptions())];
  await must(argv, {env, timeout: 900_000});
}

function mmdebstrap(tar: string): string[] {
  return [
    'mmdebstrap',
    '--quiet',
    '--variant=apt',
    `--include=${[...imagePackages, ...companions].join(',')}`,
    ...['doc', 'man', 'locale'].map(folder => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    '--dpkgopt=force-unsafe-io',
    // Debian's PostgreSQL keeps its sockets in a folder that a package makes and mmdebstrap would clean away.
    '--skip=cleanup/run',
    '--customize-hook=chroot "$1" install -d -o postgres -g postgres -m 2775 /run/postgresql',
    '--customize-hook=chroot "$1" useradd --home-dir /var/lib/postgres --create-home --gid postgres --shell /bin/bash docker',
    'bookworm',
    tar,
  ];
}

// How this machine reaches its mirrors (proxies, checks) holds for the image as well.
async function aptOptions(): Promise<string[]> {
  const dump = await must(['apt-config', 'dump']);
  const lines = dump
    .split('\n')
    .filter(line => /^Acquire::(http|https|ftp|Check|Retries|IndexTargets)\S* "[^"]+";$/i.test(line));
  return lines.filter(line => !/ProxyAutoDetect|IndexTargets/i.test(line)).map(line => `--aptopt=${line}`);
}

// Where this machine gets Debian from. Sources of other makers are left out: they would need their keys in the image.
function debianSources(): string[] {
  const folder = '/etc/apt/sources.list.d';
  const inFolder = existsSync(folder) ? readdirSync(folder).map(file => join(folder, file)) : [];
  const files = ['/etc/apt/sources.list', ...inFolder].filter(
    file => /\.(list|sources)$/.test(file) && existsSync(file),
  );
  const debian = files.filter(file => {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => !line.startsWith('#'));
    return lines.some(
      line => /\bbookworm(-updates|-security)?\b.*|^Suites:.*\bbookworm\b/.test(line) && /\bmain\b|^Suites:/.test(line),
    );
  });
  if (debian.length === 0)
    throw new Error('no apt source of Debian bookworm in /etc/apt: the image is made from its packages');
  return debian;
}

async function importImage(tar: string, data: string, driver: string, log: string): Promise<void> {
  const env = {
    ...plainEnvironment,
    ...makers,
    IMAGE_TAR: tar,
    IMAGE_NAME: imageName,
    IMAGE_DATA: data,
    IMAGE_STORAGE_DRIVER: driver,
    IMAGE_LOG: log,
  };
  const namespaces = [
    'unshare',
    '--mount',
    '--uts',
    '--pid',
    '--ipc',
    '--net',
    '--fork',
    '--mount-proc',
    '--kill-child',
  ];
  await must([...namespaces, 'bash', scriptFile()], {env, timeout: 300_000});
}

// overlay2 needs a file system that can be the upper layer of an overlay; where it cannot (an overlay itself), vfs copies.
async function storageDriverFor(folder: string): Promise<Image['storageDriver']> {
  const trial = join(folder, '.overlay-trial');
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(trial, name), {recursive: true});
  const options = `lowerdir=${trial}/lower,upperdir=${trial}/upper,workdir=${trial}/work`;
  const mount = `mount -t overlay -o ${options} overlay ${trial}/merged`;
  const {exitCode} = await run(['unshare', '--mount', 'sh', '-c', `mount --make-rprivate / && ${mount}`]);
  rmSync(trial, {recursive: true, force: true});
  return exitCode === 0 ? 'overlay2' : 'vfs';
}

function scriptFile(): string {
  return fileURLToPath(new URL('image.sh', import.meta.url));
}
