import type {Problem} from '../cluster/problem.ts';
import {problemOf} from '../cluster/sample.ts';
import type {HostConfiguration} from '../config/configuration.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {applicationFileName} from './application.ts';
import {fileHead} from './compose-file.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import {secretsFileName} from './secrets.ts';

/** What a host has of a cluster: by the names in the configuration, and by what says that a bootstrap of this cluster made it. */
export type Remains = {
  host: string;
  /** Nothing else is known then. */
  unreachable: Problem | undefined;
  containers: readonly string[];
  volumes: readonly string[];
  networks: readonly string[];
  /** Below the folder; the Compose file, by which the others are known to be the cluster's, is the last. */
  files: readonly string[];
  /** What looks like the cluster's and may be somebody else's: a line each. */
  strange: readonly string[];
};

/** What any bootstrap may have written into its folder. */
const fileNames = ['gate.sh', secretsFileName, applicationFileName, 'docker-compose.yml'].flatMap(name => [
  // What a write that was killed has left.
  `${name}.new`,
  name,
]);

const deadlineMs = 15_000;

/** Looks at one host; nothing there is changed. */
export async function remainsOn(
  cluster: DesiredCluster,
  {name, docker}: Pick<HostConfiguration, 'name' | 'docker'>,
  connection: HostConnection | undefined,
): Promise<Remains> {
  const nothing = {containers: [], volumes: [], networks: [], files: [], strange: []};
  const lines = async (argv: readonly string[]) => {
    const answer = await connection?.run(argv, {deadlineMs});
    return answer?.ok === true && answer.value.exitCode === 0
      ? answer.value.stdout.split('\n').filter(line => line !== '')
      : undefined;
  };
  const filter = ['--filter', `label=com.docker.compose.project=${cluster.name}`];
  const {folder} = cluster.settings;
  const [all, made, volumes, networks, file = [], files = []] = await Promise.all([
    lines([...docker, 'ps', '--all', '--format', '{{.Names}}']),
    lines([...docker, 'ps', '--all', ...filter, '--format', '{{.Names}}']),
    lines([...docker, 'volume', 'ls', ...filter, '--format', '{{.Name}}']),
    lines([...docker, 'network', 'ls', ...filter, '--format', '{{.Name}}']),
    lines(['cat', `${folder}/docker-compose.yml`]),
    lines(['ls', folder]),
  ]);
  // What could not be listed is not taken for gone.
  if (all === undefined || made === undefined || volumes === undefined || networks === undefined) {
    const message = `docker on ${name} does not answer`;
    const unreachable = problemOf(connection?.link()) ?? {kind: 'not-connected' as const, message};
    return {host: name, unreachable, ...nothing};
  }
  const described = [cluster.monitor, ...cluster.nodes];
  const isDescribed = (container: string) => described.some(each => each.container === container);
  const isVolume = (volume: string) => described.some(({storage}) => 'volume' in storage && storage.volume === volume);
  const isOurs = file[0] === fileHead(cluster, name);
  return {
    host: name,
    unreachable: undefined,
    containers: made.filter(isDescribed),
    volumes: volumes.filter(isVolume),
    networks,
    files: isOurs ? fileNames.filter(each => files.includes(each)) : [],
    strange: [
      ...all
        .filter(each => isDescribed(each) && !made.includes(each))
        .map(each => `the container ${each}, which no bootstrap of ${cluster.name} made`),
      ...made
        .filter(each => !isDescribed(each))
        .map(each => `the container ${each}, which the configuration does not know`),
      ...volumes
        .filter(each => !isVolume(each))
        .map(each => `the volume ${each}, which the configuration does not know`),
      ...described.flatMap(({host, container, storage}) =>
        host === name && 'path' in storage ? [`the data of ${container} in ${storage.path}`] : [],
      ),
      ...(file.length > 0 && !isOurs ? [`${folder}, whose docker-compose.yml is not of ${cluster.name}`] : []),
    ],
  };
}
