import type {MonitorReading} from '../cluster/snapshot.ts';
import {certificateMistakes} from './certificates.ts';
import {composeFile, signature} from './compose-file.ts';
import type {DesiredCluster, DesiredContainer} from './desired-cluster.ts';
import {diskCheck} from './disk-check.ts';
import {encryptionChecks} from './encryption.ts';
import {failed, type HostCheck, passed, warned} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';
import {imageCheck} from './image-check.ts';
import {isMember} from './membership.ts';
import {memoryCheck} from './memory-check.ts';
import {peersCheck} from './peers-check.ts';
import {secretsFileName} from './secrets.ts';
import {type BootstrapWishes, noWishes} from './wishes.ts';

const mostSkewSeconds = 2;

/** What has to hold on the hosts before anything is made; a failed check names its remedy. The monitor's reading is there when it runs already. */
export function hostChecks(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
  wishes: Pick<BootstrapWishes, 'ssl' | 'rolling'> = noWishes,
): readonly HostCheck[] {
  const architectures = new Set(surveys.flatMap(survey => survey.architecture ?? []));
  const lost = passwordsAreLost(cluster, surveys);
  return surveys.flatMap(survey => [
    reachable(survey),
    ...(survey.unreachable === undefined
      ? [
          ...dockerChecks(cluster, survey, surveys),
          sameArchitecture(survey, architectures),
          ...diskCheck(cluster, survey, surveys),
          ...memoryChecks(cluster, survey),
          ...certificateChecks(cluster, survey),
          clock(survey),
          connectivity(survey),
          peersCheck(cluster, survey, surveys),
          ownFiles(cluster, survey),
          ...chosenOnce(cluster, survey),
          ...encryptionChecks(cluster, surveys, survey, wishes),
          ...(lost ? [lostPasswords(cluster, survey)] : []),
          ...containersOf(cluster, survey.host).flatMap(container =>
            containerChecks(cluster, surveys, survey, container, monitor),
          ),
        ]
      : []),
  ]);
}

/** Everything of a cluster that belongs on a host. */
export function containersOf({monitor, nodes}: DesiredCluster, host: string): readonly DesiredContainer[] {
  return [monitor, ...nodes].filter(each => each.host === host);
}

function reachable({host, unreachable}: HostSurvey): HostCheck {
  return unreachable === undefined
    ? passed(host, 'ssh', 'it can be reached over SSH', 'yes')
    : failed(
        host,
        'ssh',
        'it can be reached over SSH',
        unreachable.message,
        unreachable.remedy ?? '`pgaf config check` tries every connection',
      );
}

function dockerChecks(
  {image}: DesiredCluster,
  survey: HostSurvey,
  others: readonly HostSurvey[],
): readonly HostCheck[] {
  const {host, docker, compose} = survey;
  const title = 'Docker answers';
  if (docker === undefined) return [failed(host, 'docker', title, 'it was not asked', 'try again')];
  if ('problem' in docker)
    return [failed(host, 'docker', title, docker.problem.message, docker.problem.remedy ?? 'see to Docker there')];
  return [
    passed(host, 'docker', title, docker.version),
    compose === undefined
      ? failed(
          host,
          'compose',
          'Compose is there',
          'neither `docker compose` nor `docker-compose`',
          'install the package docker-compose-plugin or docker-compose',
        )
      : passed(host, 'compose', 'Compose is there', compose.join(' ')),
    imageCheck(image, survey, others),
  ];
}

function sameArchitecture({host, architecture}: HostSurvey, all: ReadonlySet<string>): HostCheck {
  const title = 'all hosts have one architecture';
  return all.size <= 1
    ? passed(host, 'architecture', title, architecture ?? 'not known')
    : failed(
        host,
        'architecture',
        title,
        `${architecture ?? 'not known'}; there are ${[...all].join(', ')}`,
        'streaming replication needs the same on every host: choose other machines',
      );
}

function memoryChecks(cluster: DesiredCluster, survey: HostSurvey): readonly HostCheck[] {
  const {host, memoryBytes} = survey;
  return memoryBytes === undefined ? [] : [memoryCheck(cluster, containersOf(cluster, host), survey, memoryBytes)];
}

function certificateChecks({certificates, settings}: DesiredCluster, survey: HostSurvey): readonly HostCheck[] {
  const {host} = survey;
  const wanted = certificates.get(host);
  if (wanted === undefined) return [];
  const title = `its certificates serve ${settings.ssl}`;
  const found = survey.certificates;
  // They are looked at with the image: where that is missing, it is said, and nothing is known of them.
  if (found === undefined)
    return [
      warned(host, 'certificates', title, 'not looked at: the image is not there yet', 'run it again once it is'),
    ];
  const [mistake] = found.mistakes;
  if (mistake === undefined)
    return [passed(host, 'certificates', title, found.ends === undefined ? 'yes' : `until ${found.ends}`)];
  const [evidence, remedy] = certificateMistakes[mistake];
  return [failed(host, 'certificates', title, `${evidence} (${Object.values(wanted).join(', ')})`, remedy)];
}

function clock({host, clockSkewSeconds: skew}: HostSurvey): HostCheck {
  const text = skew === undefined ? 'not known' : `${Math.abs(skew).toFixed(1)} s from this machine's`;
  return {
    ...passed(host, 'clock', 'its clock is right', text),
    result: skew !== undefined && Math.abs(skew) > mostSkewSeconds ? 'warn' : 'pass',
  };
}

function connectivity({host, cutOff}: HostSurvey): HostCheck {
  const title = 'the other VMs answer on their ports';
  return cutOff.length === 0
    ? passed(host, 'network', title, 'every one')
    : failed(
        host,
        'network',
        title,
        `no answer from ${cutOff.join(', ')}`,
        'open these ports between the VMs, in both directions',
      );
}

/** Containers, or data, that were made with passwords are there, and no host has them any more: new ones would lock the old out. */
function passwordsAreLost({name, settings}: DesiredCluster, surveys: readonly HostSurvey[]): boolean {
  const made = surveys.some(
    ({containers, volumes}) =>
      [...containers.values()].some(container => container.project === name) ||
      [...volumes.values()].some(volume => volume.hasPasswords),
  );
  return settings.authentication !== 'trust' && made && surveys.every(survey => survey.secrets === undefined);
}

function lostPasswords({settings}: DesiredCluster, {host}: HostSurvey): HostCheck {
  const file = `${settings.folder}/${secretsFileName}`;
  return failed(
    host,
    'passwords',
    'the passwords of the cluster are kept on a host',
    `no host has ${file} any more`,
    'put it back on one host: the passwords are in ~/.pgpass of the container of a node, or of its data',
  );
}

/** What pg_autoctl takes from its options only when it makes a node: a file that says otherwise would change what is said and nothing else. */
function chosenOnce(cluster: DesiredCluster, {host, containers, files}: HostSurvey): readonly HostCheck[] {
  const before = files.get('docker-compose.yml');
  if (before === undefined || containers.size === 0) return [];
  const chosen = (text: string) => text.match(/^ +PGAF_AUTHENTICATION: .*$/gm)?.map(line => line.trim()) ?? [];
  const [was, is] = [chosen(before), chosen(composeFile(cluster, host))].map(lines => [...new Set(lines)].join(', '));
  const title = 'authentication is the one that it was made with';
  return was === is || was === ''
    ? [passed(host, 'chosen-once', title, 'yes')]
    : [
        failed(
          host,
          'chosen-once',
          title,
          `made with ${was}, described with ${is}`,
          'put it back in the configuration: a cluster that is there is not changed in this by a bootstrap (by hand: pg_hba.conf)',
        ),
      ];
}

/** A Compose file that somebody wrote by hand is not written over. */
function ownFiles({settings}: DesiredCluster, {host, files}: HostSurvey): HostCheck {
  const title = `${settings.folder} is free, or holds what a bootstrap wrote`;
  const strange = [...files].filter(([, content]) => !content.includes(signature)).map(([name]) => name);
  return strange.length === 0
    ? passed(host, 'files', title, files.size === 0 ? 'free' : [...files.keys()].join(', '))
    : failed(
        host,
        'files',
        title,
        `${strange.join(' and ')} there was not written by pgaf`,
        'keep it under another name, or give another folder: bootstrap.folder of the configuration',
      );
}

function containerChecks(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  survey: HostSurvey,
  container: DesiredContainer,
  monitor: MonitorReading | undefined,
): readonly HostCheck[] {
  const {name, image, monitor: desiredMonitor} = cluster;
  const {host} = survey;
  const found = survey.containers.get(container.container);
  if (found !== undefined) {
    const title = `${container.container} is of this cluster`;
    // One that the monitor knows was made by hand, and is of this cluster all the same.
    const known = container === desiredMonitor ? monitor !== undefined : isMember(monitor, container);
    const wanted = 'volume' in container.storage ? container.storage.volume : container.storage.path;
    if (found.project === name && found.storage !== undefined && found.storage !== wanted)
      return [
        failed(
          host,
          container.container,
          `the data of ${container.container} stays where it is`,
          `it is in ${found.storage}, and ${wanted} is described`,
          'put the old place back: a bootstrap moves no data, and a container made anew on an empty one would have none',
        ),
      ];
    return known || found.project === name || found.project === undefined
      ? [
          passed(
            host,
            container.container,
            title,
            `${found.state}, ${found.image}${found.image === image ? '' : ` instead of ${image}`}`,
          ),
        ]
      : [
          failed(
            host,
            container.container,
            title,
            `it belongs to the Compose project ${found.project}`,
            'choose another name for the container, or remove that one',
          ),
        ];
  }
  const portTitle = `port ${container.port} is free for ${container.container}`;
  const port = survey.listeningPorts.includes(container.port)
    ? failed(
        host,
        `port-${container.port}`,
        portTitle,
        'something listens there',
        `on ${host}: ss -ltnp 'sport = :${container.port}' says what; stop it, or give ${container.container} another port`,
      )
    : passed(host, `port-${container.port}`, portTitle, 'nothing listens there');
  const volume = survey.volumes.get(container.container);
  if (volume === undefined || !volume.exists) return [port];
  if (volume.isInUse)
    return [
      port,
      failed(
        host,
        `data-${container.container}`,
        `the data of ${container.container} is used by nobody else`,
        'a container runs on it',
        `docker ps --filter volume=${'volume' in container.storage ? container.storage.volume : container.storage.path} says which: stop it first`,
      ),
    ];
  if ('path' in container.storage && !volume.isOwn && !volume.isEmpty)
    return [port, strangeFolder(host, container.container, container.storage.path)];
  if (!volume.hasData) return [port];
  const title = `the data in the volume of ${container.container} is this cluster's`;
  if (container === desiredMonitor)
    return [port, passed(host, `data-${container.container}`, title, 'the monitor goes on with it')];
  return [
    port,
    dataCheck(host, container, title, volume.systemIdentifier, ownData(cluster, surveys, container, monitor)),
  ];
}

/** Whose data a node may have: what the monitor knows, or else what the first node is made with. */
function ownData(
  {nodes}: DesiredCluster,
  surveys: readonly HostSurvey[],
  container: DesiredContainer,
  monitor: MonitorReading | undefined,
): 'any' | 'not known' | ReadonlySet<string> {
  const known = new Set((monitor?.nodes ?? []).flatMap(node => node.systemIdentifier ?? []));
  if (known.size > 0) return known;
  const [first] = nodes;
  if (first === undefined || first === container) return 'any';
  const survey = surveys.find(({host}) => host === first.host);
  if (survey === undefined || survey.containers.has(first.container)) return 'not known';
  return new Set([survey.volumes.get(first.container)?.systemIdentifier ?? []].flat());
}

function strangeFolder(host: string, container: string, path: string): HostCheck {
  return failed(
    host,
    `folder-${container}`,
    `${path} is ${container}'s, or empty`,
    "there is something in it, and it is not the image's user's",
    "choose another `path`, or make it that user's: chown (docker run --rm --entrypoint id IMAGE -u says which)",
  );
}

/** Data that is there is joined when it is the cluster's own, and left alone when it is not. */
function dataCheck(
  host: string,
  {container}: DesiredContainer,
  title: string,
  systemIdentifier: string | undefined,
  own: ReturnType<typeof ownData>,
): HostCheck {
  const id = `data-${container}`;
  if (own === 'any') return passed(host, id, title, 'the cluster is made with it');
  if (own === 'not known')
    return failed(
      host,
      id,
      title,
      'the monitor does not answer, so it cannot be compared',
      'bring the monitor and the first node up, then try again',
    );
  if (systemIdentifier !== undefined && own.has(systemIdentifier))
    return passed(host, id, title, 'the same system identifier');
  const others = own.size === 0 ? 'the first node begins without data' : `the cluster has ${[...own].join(', ')}`;
  return failed(
    host,
    id,
    title,
    systemIdentifier === undefined
      ? 'there is data whose system identifier cannot be read'
      : `system identifier ${systemIdentifier}; ${others}`,
    "it is another cluster's: keep it under another name or remove the volume yourself; a bootstrap never does",
  );
}
