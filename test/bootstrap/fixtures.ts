import {composeFile} from '../../source/bootstrap/compose-file.ts';
import type {DesiredCluster} from '../../source/bootstrap/desired-cluster.ts';
import {gateScript} from '../../source/bootstrap/gate-script.ts';
import type {HostSurvey} from '../../source/bootstrap/host-survey.ts';
import {defaultBootstrap} from '../../source/config/configuration.ts';

/** Three VMs, the monitor on the third. */
export const orders: DesiredCluster = {
  name: 'orders',
  formation: 'default',
  image: 'citusdata/pg_auto_failover:15',
  settings: {...defaultBootstrap, authentication: 'trust'},
  monitor: {host: 'vm3', address: '10.0.0.13', container: 'pg_monitor', port: 6000},
  nodes: [1, 2, 3].map(id => ({
    host: `vm${id}`,
    address: `10.0.0.1${id}`,
    container: `pg_node${id}`,
    port: 5432,
    candidatePriority: 50,
    replicationQuorum: true,
  })),
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
    volumes: new Map(),
    files: new Map(),
    secrets: undefined,
    cutOff: [],
    ...more,
  };
}

/** The same after a bootstrap. */
export function madeHost(host: string): HostSurvey {
  const here = [orders.monitor, ...orders.nodes].filter(each => each.host === host);
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
      ['docker-compose.yml', composeFile(orders, host)],
    ]),
  });
}
