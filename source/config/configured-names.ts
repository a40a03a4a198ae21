import {readFile} from 'node:fs/promises';
import type {ConfigurationFile} from './configuration-schema.ts';
import {type ConfigurationPlaces, findConfiguration} from './find-configuration.ts';
import type {KeptConfiguration} from './kept-configuration.ts';

/** The names that a configuration file has in it, without resolving anything: for completion, which must be quick and may not fail. */
export async function configuredNames(
  places: ConfigurationPlaces & {kept: KeptConfiguration},
  cluster: string | undefined,
): Promise<ConfiguredNames> {
  const found = await findConfiguration(places);
  const content = found.ok ? await contentOf(found.value, places.kept) : undefined;
  const clusters = content?.clusters ?? [];
  const meant = cluster === undefined ? clusters : clusters.filter(({name}) => name === cluster);
  const hosts = meant.flatMap(each => each.hosts);
  return {
    clusters: clusters.map(({name}) => name),
    nodes: hosts.flatMap(({name, node}) => (node === undefined ? [] : [node.container, name])),
    monitors: hosts.flatMap(({monitor}) => (monitor === undefined ? [] : [monitor.container])),
    actions: meant.flatMap(({actions}) => actions),
  };
}

export type ConfiguredNames = {
  clusters: readonly string[];
  /** Containers of nodes and their hosts. */
  nodes: readonly string[];
  monitors: readonly string[];
  /** Actions of the team's own. */
  actions: ConfigurationFile['clusters'][number]['actions'];
};

async function contentOf(file: string, kept: KeptConfiguration): Promise<ConfigurationFile | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const known = await kept.find(file, text);
    if (known !== undefined) return known;
    const {parseConfiguration} = await import('./parse-configuration.ts');
    const parsed = parseConfiguration(text, file);
    return parsed.ok ? parsed.value.content : undefined;
  } catch {
    // Unreadable: what is wrong with it is said when the command runs.
    return undefined;
  }
}
