import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {BootstrapSettings, ClusterConfiguration} from '../config/configuration.ts';

/** What a bootstrap is to make: one monitor and the data nodes in the order in which they join; the first becomes the primary. */
export type DesiredCluster = {
  name: string;
  formation: string;
  image: string;
  settings: BootstrapSettings;
  monitor: DesiredContainer;
  nodes: readonly DesiredNode[];
};

export type DesiredContainer = {
  host: string;
  /** What the other VMs reach it by. */
  address: string;
  container: string;
  port: number;
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
  const {name, formation, image, bootstrap} = cluster;
  return good({name, formation, image, settings: bootstrap, monitor, nodes});
}

/** The hosts that have something to run, in the order of the configuration. */
export function hostsOf({monitor, nodes}: DesiredCluster): readonly string[] {
  return [...new Set([monitor.host, ...nodes.map(node => node.host)])];
}
