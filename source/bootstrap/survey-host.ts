import {bad, type Outcome, type Problem} from '../cluster/problem.ts';
import {problemOf} from '../cluster/sample.ts';
import type {HostConfiguration} from '../config/configuration.ts';
import {dockerProblem} from '../docker/docker-problem.ts';
import type {CommandResult, HostConnection} from '../ssh/host-connection.ts';
import {applicationFileName} from './application.ts';
import {home, labelsOf} from './compose-file.ts';
import type {DesiredCluster, DesiredContainer} from './desired-cluster.ts';
import {type Encryption, encryptionScript, parseEncryption} from './encryption.ts';
import {
  type ContainerSurvey,
  type HostSurvey,
  hostFactsScript,
  parseHostFacts,
  parseRegistration,
  type Registration,
  registrationScript,
  type VolumeSurvey,
} from './host-survey.ts';
import {parseSecrets, type Secrets, secretsFileName} from './secrets.ts';
import type {ServerSurvey} from './server-survey.ts';
import {surveyCertificates} from './survey-certificates.ts';
import {surveyPeers} from './survey-peers.ts';
import {surveyServer} from './survey-server.ts';
import {surveyStorage} from './survey-storage.ts';

/** The files that a bootstrap keeps in its folder on a host. */
export const fileNames = ['docker-compose.yml', 'gate.sh'] as const;

const deadlineMs = 15_000;

/** Learns everything about one host that a plan needs; nothing there is changed. */
export async function surveyHost(
  cluster: DesiredCluster,
  {name, docker}: Pick<HostConfiguration, 'name' | 'docker'>,
  connection: HostConnection,
  now: () => number,
): Promise<HostSurvey> {
  const run = (argv: readonly string[], milliseconds = deadlineMs) => connection.run(argv, {deadlineMs: milliseconds});
  const here = [cluster.monitor, ...cluster.nodes].filter(each => each.host === name);
  const askedAt = now();
  // A monitor takes little: where it is alone, its own disk counts.
  const nodes = here.filter(each => each !== cluster.monitor);
  const folders = [
    ...storageFolders(nodes.length > 0 ? nodes : here),
    '/var/lib/docker/volumes',
    '/var/lib/docker',
    '/',
  ];
  const facts = await run(['sh', '-c', hostFactsScript, 'survey', ...folders]);
  if (!facts.ok) return unreachableHost(name, problemOf(connection.link()) ?? facts.problem);
  const answeredAt = now();
  const [version, files, secrets, application, cutOff, peers, image, compose] = await Promise.all([
    run([...docker, 'version', '--format', '{{.Server.Version}}']),
    filesOf(cluster, run),
    secretsOf(cluster, run),
    applicationOf(cluster, run),
    cutOffFrom(cluster, name, run),
    surveyPeers(cluster, run),
    imageOf(cluster.image, docker, run),
    composeOf(docker, run),
  ]);
  const known = {...unreachableHost(name, undefined), ...parseHostFacts(facts.value.stdout, askedAt, answeredAt)};
  const dockerVersion = versionOf(version, name, docker);
  if ('problem' in dockerVersion) return {...known, docker: dockerVersion, files, secrets, application, cutOff, peers};

  const containers = new Map<string, ContainerSurvey>();
  const volumes = new Map<string, VolumeSurvey>();
  const servers = new Map<string, ServerSurvey>();
  const look = async (each: DesiredContainer) => {
    const {container, storage} = each;
    const found = await containerOf(cluster, container, docker, run);
    if (found !== undefined) containers.set(container, found);
    if (found?.state !== 'running') {
      volumes.set(container, await surveyStorage(cluster.image, storage, docker, image !== undefined, run));
      return;
    }
    const [server, registration, encryption] = await Promise.all([
      surveyServer(cluster, each, docker, run),
      registrationOf(container, docker, run),
      encryptionOf(each, docker, run),
    ]);
    if (server !== undefined) servers.set(container, server);
    containers.set(container, {...found, ...(registration && {registration}), ...(encryption && {encryption})});
  };
  const lookForFormerMonitor = async () => {
    // One that is to move has to be stopped where it was.
    const former = await containerOf(cluster, cluster.monitor.container, docker, run);
    if (former !== undefined) containers.set(cluster.monitor.container, former);
  };
  const [certificates, strays] = await Promise.all([
    image === undefined ? undefined : surveyCertificates(cluster, name, docker, run),
    straysOf(cluster, docker, run),
    ...here.map(look),
    ...(cluster.monitor.host === name ? [] : [lookForFormerMonitor()]),
  ]);
  return {
    ...known,
    docker: dockerVersion,
    compose,
    image,
    containers,
    ...strays,
    volumes,
    servers,
    certificates,
    files,
    secrets,
    application,
    cutOff,
    peers,
  };
}

/** Runs a command on the host that is looked at. */
export type Run = (argv: readonly string[], milliseconds?: number) => Promise<Outcome<CommandResult>>;

/** Those of the host that data is to go to, and what is above of them where they are not there yet. */
function storageFolders(here: readonly DesiredContainer[]): readonly string[] {
  return here.flatMap(({storage}) => {
    if ('volume' in storage) return [];
    const parts = storage.path.split('/').filter(part => part !== '');
    return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`);
  });
}

function unreachableHost(host: string, unreachable: Problem | undefined): HostSurvey {
  return {
    host,
    unreachable,
    ...{architecture: undefined, memoryBytes: undefined, freeBytes: undefined, clockSkewSeconds: undefined},
    ...{docker: undefined, compose: undefined, image: undefined, listeningPorts: [], cutOff: [], peers: []},
    containers: new Map(),
    ...{strays: [], strayVolumes: []},
    volumes: new Map(),
    servers: new Map(),
    files: new Map(),
    ...{certificates: undefined, secrets: undefined, application: undefined},
  };
}

function versionOf(
  result: Outcome<CommandResult>,
  host: string,
  docker: readonly string[],
): NonNullable<HostSurvey['docker']> {
  if (!result.ok) return {problem: result.problem};
  const {exitCode, stdout, stderr} = result.value;
  const version = stdout.trim();
  if (exitCode === 0 && version !== '') return {version};
  return {problem: dockerProblem({host, docker, exitCode, stderr})};
}

/** The plugin where there is one, else the program of its own (1.29). */
async function composeOf(docker: readonly string[], run: Run): Promise<readonly string[] | undefined> {
  const plugin = [...docker, 'compose'];
  const standalone = [...docker.slice(0, -1), 'docker-compose'];
  const answers = await Promise.all([plugin, standalone].map(argv => run([...argv, 'version', '--short'])));
  return [plugin, standalone].find((_, index) => {
    const answer = answers[index];
    return answer?.ok === true && answer.value.exitCode === 0 && readsFilesWithoutVersion(answer.value.stdout);
  });
}

/** Before 1.27 a file without `version` was one of the first format, which has no `services`. */
function readsFilesWithoutVersion(version: string): boolean {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined || Number(major) > 1 || Number(minor) >= 27;
}

async function imageOf(image: string, docker: readonly string[], run: Run): Promise<HostSurvey['image']> {
  const answer = await run([...docker, 'image', 'inspect', '--format', '{{.Id}} {{.Architecture}}', image]);
  if (!answer.ok || answer.value.exitCode !== 0) return undefined;
  const [id = '', architecture = ''] = answer.value.stdout.trim().split(' ');
  return {id, architecture};
}

async function containerOf(
  cluster: DesiredCluster,
  name: string,
  docker: readonly string[],
  run: Run,
): Promise<ContainerSurvey | undefined> {
  const label = (name: string) => `{{index .Config.Labels "${name}"}}`;
  const wanted = Object.entries(labelsOf(cluster, name));
  const facts = [
    '{{.Id}}',
    '{{.State.Status}}',
    '{{.Config.Image}}',
    '{{.Image}}',
    label('com.docker.compose.project'),
    `{{range .Mounts}}{{if eq .Destination "${home}"}}{{if .Name}}{{.Name}}{{else}}{{.Source}}{{end}}{{end}}{{end}}`,
  ];
  const format = [...facts, ...wanted.map(([each]) => label(each))].join('|');
  const answer = await run([...docker, 'container', 'inspect', '--format', format, name]);
  if (!answer.ok || answer.value.exitCode !== 0) return undefined;
  const [id = '', state = '', image = '', imageId = '', project = '', storage = '', ...labels] = answer.value.stdout
    .trim()
    .split('|');
  return {
    ...{id, state, image},
    imageId: imageId === '' ? undefined : imageId,
    project: project === '' ? undefined : project,
    storage: storage === '' ? undefined : storage,
    isCurrent: labels.every(each => each === '')
      ? undefined
      : wanted.every(([, value], index) => labels[index] === value),
  };
}

/** What the cluster's Compose project has on a host beside what is described. */
async function straysOf(
  {name, monitor, nodes}: DesiredCluster,
  docker: readonly string[],
  run: Run,
): Promise<Pick<HostSurvey, 'strays' | 'strayVolumes'>> {
  const filter = ['--filter', `label=com.docker.compose.project=${name}`];
  const lines = async (argv: readonly string[]) => {
    const answer = await run([...docker, ...argv]);
    const found = answer.ok && answer.value.exitCode === 0 ? answer.value.stdout.split('\n') : [];
    return found.filter(line => line !== '');
  };
  const [containers, volumes] = await Promise.all([
    lines(['ps', '--all', ...filter, '--format', '{{.Names}}|{{.Status}}']),
    lines(['volume', 'ls', ...filter, '--format', '{{.Name}}']),
  ]);
  const described = [monitor, ...nodes];
  return {
    strays: containers.flatMap(line => {
      const [container = '', status = ''] = line.split('|');
      if (described.some(each => each.container === container)) return [];
      return [{container, isRunning: /^(Up|Restarting)/.test(status)}];
    }),
    strayVolumes: volumes.filter(volume =>
      described.every(({storage}) => !('volume' in storage) || storage.volume !== volume),
    ),
  };
}

/** undefined for the monitor, and for a node while it is still made. */
async function registrationOf(
  container: string,
  docker: readonly string[],
  run: Run,
): Promise<Registration | undefined> {
  const answer = await run([...docker, 'exec', container, 'sh', '-c', registrationScript]);
  return answer.ok && answer.value.exitCode === 0 ? parseRegistration(answer.value.stdout) : undefined;
}

async function encryptionOf(
  {container, port}: DesiredContainer,
  docker: readonly string[],
  run: Run,
): Promise<Encryption | undefined> {
  const answer = await run([...docker, 'exec', container, 'sh', '-c', encryptionScript, 'encryption', String(port)]);
  return answer.ok && answer.value.exitCode === 0 ? parseEncryption(answer.value.stdout) : undefined;
}

async function filesOf({settings}: DesiredCluster, run: Run): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const read = async (name: string) => {
    const answer = await run(['cat', `${settings.folder}/${name}`]);
    if (answer.ok && answer.value.exitCode === 0) files.set(name, answer.value.stdout);
  };
  await Promise.all(fileNames.map(read));
  return files;
}

async function secretsOf({settings}: DesiredCluster, run: Run): Promise<Secrets | undefined> {
  const answer = await run(['cat', `${settings.folder}/${secretsFileName}`]);
  return answer.ok && answer.value.exitCode === 0 ? parseSecrets(answer.value.stdout) : undefined;
}

async function applicationOf({settings}: DesiredCluster, run: Run): Promise<string | undefined> {
  if (settings.database === undefined) return undefined;
  const answer = await run(['cat', `${settings.folder}/${applicationFileName}`]);
  return answer.ok && answer.value.exitCode === 0 ? answer.value.stdout : undefined;
}

/** Whether something on the way swallows what is sent to the others' ports: a refusal is an answer, silence is not. */
async function cutOffFrom(cluster: DesiredCluster, from: string, run: Run): Promise<readonly string[]> {
  const others = [cluster.monitor, ...cluster.nodes].filter(each => each.host !== from);
  const found = await Promise.all(others.map(other => answers(other, run)));
  return others.filter((_, index) => found[index] === false).map(placeOf);
}

async function answers(other: DesiredContainer, run: Run): Promise<boolean> {
  const argv = ['timeout', '3', 'bash', '-c', 'exec 3<>"/dev/tcp/$0/$1"', other.address, String(other.port)];
  const answer = await run(argv);
  return !answer.ok || answer.value.exitCode !== 124;
}

export function placeOf({address, port}: DesiredContainer): string {
  return `${address}:${port}`;
}

/** A host that is not connected, as its survey says it. */
export function notConnected(host: string): HostSurvey {
  return unreachableHost(host, bad('not-connected', `${host} is not connected`).problem);
}
