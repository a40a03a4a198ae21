import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {
  BootstrapSettings,
  Certificates,
  ClusterConfiguration,
  HostConfiguration,
  Storage,
} from '../config/configuration.ts';

/** What a bootstrap is to make: one monitor and the data nodes in the order in which they join; the first becomes the primary. */
export type DesiredCluster = {
  name: string;
  formation: string;
  image: string;
  settings: BootstrapSettings;
  monitor: DesiredContainer;
  nodes: readonly DesiredNode[];
  /** By host; empty where TLS needs none. */
  certificates: ReadonlyMap<string, Certificates>;
};

export type DesiredContainer = {
  host: string;
  /** What the other VMs reach it by. */
  address: string;
  container: string;
  port: number;
  storage: Storage;
};

export type DesiredNode = DesiredContainer & {candidatePriority: number; replicationQuorum: boolean};

/** The cluster that a configuration describes; a problem when it cannot be one that survives a loss. */
export function desiredCluster(cluster: ClusterConfiguration): Outcome<DesiredCluster> {
  const monitors = cluster.hosts.flatMap(host => (host.monitor === undefined ? [] : [{host, of: host.monitor}]));
  const [first, ...others] = monitors;
  if (first === undefined)
    return bad('configuration', 'no host of the configuration has a monitor', {
      remedy: 'give one host `monitor: {container, port}`',
    });
  if (others.length > 0)
    return bad(
      'configuration',
      `there can be one monitor: ${monitors.map(({host}) => host.name).join(' and ')} have one`,
    );
  const nodes = cluster.hosts.flatMap((host): readonly DesiredNode[] =>
    host.node === undefined
      ? []
      : [
          {
            host: host.name,
            address: host.ssh.address,
            container: host.node.container,
            port: host.node.port,
            storage: host.node.storage ?? volumeFor(cluster, host.node.container),
            candidatePriority: host.node.candidatePriority ?? 50,
            replicationQuorum: host.node.replicationQuorum ?? true,
          },
        ],
  );
  if (nodes.length === 0) return bad('configuration', 'no host of the configuration has a data node');
  const monitor = {
    host: first.host.name,
    address: first.host.ssh.address,
    container: first.of.container,
    port: first.of.port,
    storage: first.of.storage ?? volumeFor(cluster, first.of.container),
  };
  const clash = nodes.find(node => node.host === monitor.host && node.port === monitor.port);
  if (clash !== undefined)
    return bad(
      'configuration',
      `${clash.container} and ${monitor.container} are both to listen on port ${clash.port} of ${clash.host}`,
      {
        remedy: 'give the monitor another port, such as 6000',
      },
    );
  const shared = sharedPlace([monitor, ...nodes]);
  if (shared !== undefined)
    return bad('configuration', `two containers of ${shared} are to keep their data in one place`, {
      remedy: 'give each its own `volume` or `path`',
    });
  const certificates = certificatesOf(cluster, [monitor.host, ...nodes.map(node => node.host)]);
  if (!certificates.ok) return certificates;
  const {name, formation, image, bootstrap} = cluster;
  if (bootstrap.network === 'bridge' && bootstrap.database?.from.includes('samenet') === true)
    return bad('configuration', "with bridge networking it can not be told which network is the application's", {
      remedy: 'say where it connects from: `bootstrap.database.from: [10.0.0.0/8]`',
    });
  return good({name, formation, image, settings: bootstrap, monitor, nodes, certificates: certificates.value});
}

/** The hosts that have something to run, in the order of the configuration. */
export function hostsOf({monitor, nodes}: DesiredCluster): readonly string[] {
  return [...new Set([monitor.host, ...nodes.map(node => node.host)])];
}

/** Where a container's data is when the configuration does not say; Compose makes the volume when it is not there. */
function volumeFor({name}: ClusterConfiguration, container: string): Storage {
  return {volume: `${name}_${container}`};
}

/** The host on which two containers would share their data. */
function sharedPlace(containers: readonly DesiredContainer[]): string | undefined {
  const placeOf = ({host, storage}: DesiredContainer) => `${host} ${JSON.stringify(storage)}`;
  return containers.find((each, index) => containers.findIndex(other => placeOf(other) === placeOf(each)) < index)
    ?.host;
}

function certificatesOf(
  {bootstrap, hosts}: ClusterConfiguration,
  wanted: readonly string[],
): Outcome<ReadonlyMap<string, Certificates>> {
  const found = new Map<string, Certificates>();
  if (bootstrap.ssl !== 'verify-ca' && bootstrap.ssl !== 'verify-full') return good(found);
  for (const host of hosts.filter(({name}) => wanted.includes(name))) {
    const certificates = certificatesOn(host, bootstrap);
    if (certificates === undefined)
      return bad(
        'configuration',
        `ssl is ${bootstrap.ssl}, and it is not said where the certificates of ${host.name} are`,
        {
          remedy: 'give `bootstrap.certificates: {authority, certificate, key}`, the paths on the hosts',
        },
      );
    found.set(host.name, certificates);
  }
  return good(found);
}

function certificatesOn(host: HostConfiguration, {certificates}: BootstrapSettings): Certificates | undefined {
  const {authority, certificate, key} = {...certificates, ...host.certificates};
  return authority === undefined || certificate === undefined || key === undefined
    ? undefined
    : {authority, certificate, key};
}
