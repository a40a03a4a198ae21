import type {ClusterConfiguration, HostConfiguration} from '../../config/configuration.ts';
import {defaultBootstrap} from '../../config/configuration.ts';
import type {KeyFolder} from './key-folder.ts';
import type {ServedHost} from './serve-cluster.ts';

/** What the console needs to find an embedded cluster; neither the ssh agent nor anything in ~/.ssh has a part in it. */
export function demoConfiguration(
  hosts: readonly ServedHost[],
  files: Pick<KeyFolder, 'key' | 'knownHosts'>,
): ClusterConfiguration {
  return {
    name: 'demo',
    environment: 'simulated',
    formation: 'default',
    image: 'citusdata/pg_auto_failover:15',
    readOnly: false,
    actions: [],
    bootstrap: defaultBootstrap,
    hosts: hosts.map(host => hostConfiguration(host, files)),
  };
}

function hostConfiguration(
  {name, port, node, monitor}: ServedHost,
  {key, knownHosts}: Pick<KeyFolder, 'key' | 'knownHosts'>,
): HostConfiguration {
  return {
    name,
    ssh: {
      name,
      address: '127.0.0.1',
      port,
      user: 'root',
      identityFiles: [key],
      identitiesOnly: true,
      agentSocket: undefined,
      knownHostsFiles: [knownHosts],
      jump: [],
    },
    docker: ['docker'],
    ...(node === undefined ? {} : {node}),
    ...(monitor === undefined ? {} : {monitor: {...monitor, database: 'pg_auto_failover'}}),
  };
}
