import type {Outcome} from '../cluster/problem.ts';
import type {ClusterConfiguration} from './configuration.ts';
import {loadConfiguration, ownPlaces} from './load-configuration.ts';
import {type Selection, selectCluster} from './select-cluster.ts';

/** The cluster that this process's command line means: finds and reads the configuration (`config` is --config), resolves its hosts, selects. */
export async function loadCluster(
  flags: Selection & {config?: string | undefined},
): Promise<Outcome<ClusterConfiguration>> {
  const configuration = await loadConfiguration(ownPlaces(flags.config));
  return configuration.ok ? selectCluster(configuration.value, flags) : configuration;
}
