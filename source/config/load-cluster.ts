import path from 'node:path';
import type {Outcome} from '../cluster/problem.ts';
import {cacheFolder} from './cache-folder.ts';
import type {ClusterConfiguration} from './configuration.ts';
import {keptConfiguration} from './kept-configuration.ts';
import {loadConfiguration, ownPlaces} from './load-configuration.ts';
import {type Selection, selectCluster} from './select-cluster.ts';

/** The cluster that this process's command line means: finds and reads the configuration (`config` is --config), resolves its hosts, selects. */
export async function loadCluster(
  flags: Selection & {config?: string | undefined},
): Promise<Outcome<ClusterConfiguration>> {
  // The bundle's own address has its content in its name; that of a source file has not.
  const folder = path.join(cacheFolder(process.env), 'configurations');
  const kept = import.meta.url.endsWith('.ts') ? {} : {kept: keptConfiguration(folder, import.meta.url)};
  const configuration = await loadConfiguration({...ownPlaces(flags.config), ...kept});
  return configuration.ok ? selectCluster(configuration.value, flags) : configuration;
}
