import {sslMode} from '../../source/bootstrap/certificates.ts';
import {composeFile} from '../../source/bootstrap/compose-file.ts';
import type {DesiredCluster} from '../../source/bootstrap/desired-cluster.ts';
import type {Encryption} from '../../source/bootstrap/encryption.ts';
import {gateScript} from '../../source/bootstrap/gate-script.ts';
import {hbaBlock, hbaLines} from '../../source/bootstrap/host-based-access.ts';
import type {HostSurvey} from '../../source/bootstrap/host-survey.ts';
import type {ServerSurvey} from '../../source/bootstrap/server-survey.ts';
import {
  type BootstrapSettings,
  type ClusterConfiguration,
  defaultBootstrap,
  type HostConfiguration,
  type Storage,
} from '../../source/config/configuration.ts';

/** Three VMs, the monitor on the third. */
export const orders: DesiredCluster = {
  name: 'orders',
  formation: 'default',
  image: 'citusdata/pg_auto_failover:15',
  settings: {...defaultBootstrap, authentication: 'trust'},
  monitor: {
    host: 'vm3',
    address: '10.0.0.13',
    container: 'pg_monitor',
    port: 6000,
    storage: {volume: 'orders_pg_monitor'},
  },
  nodes: [1, 2, 3].map(id => ({
    host: `vm${id}`,
    address: `10.0.0.1${id}`,
    container: `pg_node${id}`,
    port: 5432,
    storage: {volume: `orders_pg_node${id}`},
    candidatePriority: 50,
    replicationQuorum: true,
  })),
  certificates: new Map(),
};

export const hosts = ['vm3', 'vm1', 'vm2'];

/** A host with Docker and the image, and nothing of the cluster on it. */
export function bareHost(host: string, more: Partial<HostSurvey> = {}): HostSurvey {
  return {
    host,
    unreachable: undefined,
    architecture: 'x86_64',
    memoryBytes: 8 * 1024 ** 3,
    freeBytes: 100 * 1024 ** 3,
    clockSkewSeconds: 0.1,
    listeningPorts: [22],
    docker: {version: '27.0.3'},
    compose: ['docker', 'compose'],
    image: {id: 'sha256:1', architecture: 'amd64'},
    containers: new Map(),
    ...{strays: [], strayVolumes: []},
    volumes: new Map(),
    servers: new Map(),
    ...{certificates: undefined, application: undefined},
    files: new Map(),
    secrets: undefined,
    ...{cutOff: [], peers: []},
    ...more,
  };
}

/** A server of which a bootstrap has to say nothing. */
export const bareServer: ServerSurvey = {
  ...{hba: '', parameters: new Map(), noted: new Map(), required: new Map(), waiting: []},
  ...{databases: new Map(), roles: [], bytes: 0},
};

/** The same after a bootstrap. */
export function madeHost(host: string): HostSurvey {
  return madeHostOf(orders, host);
}

/** The same after a bootstrap of another cluster. */
export function madeHostOf(cluster: DesiredCluster, host: string): HostSurvey {
  const here = [cluster.monitor, ...cluster.nodes].filter(each => each.host === host);
  return bareHost(host, {
    listeningPorts: [22, ...here.map(each => each.port)],
    containers: new Map(
      here.map(each => [
        each.container,
        {
          ...{id: each.container, image: orders.image, imageId: 'sha256:1', state: 'running'},
          ...{project: 'orders', isCurrent: true},
        },
      ]),
    ),
    files: new Map([
      ['gate.sh', gateScript],
      ['docker-compose.yml', composeFile(cluster, host)],
    ]),
  });
}

/** What a container says that encrypts in that way. */
export function encrypting(ssl: BootstrapSettings['ssl'], more: Partial<Encryption> = {}): Encryption {
  const hasCertificates = ssl === 'verify-ca' || ssl === 'verify-full';
  return {
    isOn: ssl !== 'none',
    certificate: hasCertificates ? '/pgaf/certificates/server.crt' : '/var/lib/postgres/pgaf/server.crt',
    mode: sslMode(ssl),
    ...{hasCertificates, letsPlainIn: false},
    ...more,
  };
}

/** The hosts after a bootstrap, with what each container says of its encryption. */
export function encryptingHosts(
  now: (container: string) => Encryption,
  settings: Partial<BootstrapSettings> = {},
): readonly HostSurvey[] {
  const cluster = {...orders, settings: {...orders.settings, ...settings}};
  return hosts.map(host => {
    const made = madeHostOf(cluster, host);
    const containers = [...made.containers].map(([name, each]) => [name, {...each, encryption: now(name)}] as const);
    const servers = [...made.containers.keys()].map(name => {
      const of = [cluster.monitor, ...cluster.nodes].find(({container}) => container === name) ?? cluster.monitor;
      return [name, {...bareServer, hba: hbaBlock(hbaLines(cluster, of))}] as const;
    });
    return {...made, containers: new Map(containers), servers: new Map(servers)};
  });
}

/** The cluster with other encryption. */
export function withSsl(ssl: BootstrapSettings['ssl'], more: Partial<BootstrapSettings> = {}): DesiredCluster {
  const certificates =
    ssl === 'verify-ca' || ssl === 'verify-full'
      ? new Map(hosts.map(host => [host, {authority: '/ca.crt', certificate: '/server.crt', key: '/server.key'}]))
      : orders.certificates;
  return {...orders, settings: {...orders.settings, ssl, ...more}, certificates};
}

/** The configuration that `orders` comes out of, with settings of its own; the third host may keep its data elsewhere. */
export function clusterOf(
  settings: Partial<BootstrapSettings>,
  storage: {node?: Storage; monitor?: Storage} = {},
): ClusterConfiguration {
  const ids = [1, 2, 3];
  return {
    ...{name: 'orders', formation: 'default', image: orders.image, readOnly: false, actions: []},
    bootstrap: {...orders.settings, ...settings},
    hosts: ids.map(id => configuredHost(id, id === 3 ? storage : undefined)),
  };
}

function configuredHost(id: number, storage: {node?: Storage; monitor?: Storage} | undefined): HostConfiguration {
  const node = {container: `pg_node${id}`, port: 5432};
  const monitor = {container: 'pg_monitor', port: 6000, database: 'pg_auto_failover'};
  return {
    name: `vm${id}`,
    ssh: {
      ...{name: `vm${id}`, address: `10.0.0.1${id}`, port: 22, user: 'root', identitiesOnly: false},
      ...{identityFiles: [], agentSocket: undefined, knownHostsFiles: [], jump: []},
    },
    docker: ['docker'],
    node: storage?.node === undefined ? node : {...node, storage: storage.node},
    ...(storage === undefined
      ? {}
      : {monitor: storage.monitor === undefined ? monitor : {...monitor, storage: storage.monitor}}),
  };
}
