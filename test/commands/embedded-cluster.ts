import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {stringify} from 'yaml';
import type {ClusterConfiguration} from '../../source/config/configuration.ts';
import type {Setup} from '../../source/simulator/embedded/message.ts';
import type {EmbeddedThread} from '../../source/simulator/embedded/start-thread.ts';
import {startEmbedded} from '../simulator/embedded/start-embedded.ts';

/** An embedded cluster, a folder for the one who uses it, and in it a configuration file by which the built program finds it. */
export type EmbeddedCluster = {thread: EmbeddedThread; config: string; folder: string};

/** One that is gone after the test. */
export async function embeddedCluster(
  more: Partial<Setup> = {},
  cluster: Readonly<Record<string, unknown>> = {},
): Promise<EmbeddedCluster> {
  const opened = await openEmbeddedCluster(more, cluster);
  onTestFinished(opened.close);
  return opened;
}

/** One that is gone when it is closed. */
export async function openEmbeddedCluster(
  more: Partial<Setup> = {},
  cluster: Readonly<Record<string, unknown>> = {},
): Promise<EmbeddedCluster & {close(): Promise<void>}> {
  const thread = await startEmbedded(more);
  const folder = mkdtempSync(join(tmpdir(), 'pgaf-embedded-'));
  const config = join(folder, 'cluster.yaml');
  writeFileSync(config, stringify({clusters: [{...written(thread.configuration), ...cluster}]}));
  return {
    ...{thread, config, folder},
    async close() {
      await thread.close();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

/** As a person would write it down. */
function written({name, formation, image, hosts}: ClusterConfiguration) {
  return {
    name,
    formation,
    image,
    hosts: hosts.map(({name: host, ssh, node, monitor}) => ({
      name: host,
      address: ssh.address,
      port: ssh.port,
      user: ssh.user,
      identityFile: ssh.identityFiles,
      identitiesOnly: true,
      knownHostsFile: ssh.knownHostsFiles,
      ...(node === undefined ? {} : {node}),
      ...(monitor === undefined ? {} : {monitor: {container: monitor.container, port: monitor.port}}),
    })),
  };
}
