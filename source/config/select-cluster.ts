import {bad, good, type Outcome} from '../cluster/problem.ts';
import {closestWord} from './closest-word.ts';
import type {ClusterConfiguration, Configuration} from './configuration.ts';

/** What the command line says: --cluster, --formation, --read-only. */
export type Selection = {cluster?: string | undefined; formation?: string | undefined; readOnly?: boolean | undefined};

/** The cluster that is meant: the only one, or the one named. --formation replaces its formation, --read-only can only add to it. */
export function selectCluster(configuration: Configuration, selection: Selection): Outcome<ClusterConfiguration> {
  const names = configuration.clusters.map(cluster => cluster.name);
  const listed = names.map(name => `\`${name}\``).join(', ');
  const [only, ...others] = configuration.clusters;
  if (selection.cluster === undefined && others.length > 0) {
    return bad('configuration', `${configuration.file} has several clusters: ${listed}`, {
      remedy: 'choose one with --cluster NAME',
    });
  }
  const chosen =
    selection.cluster === undefined ? only : configuration.clusters.find(cluster => cluster.name === selection.cluster);
  if (chosen === undefined) {
    const meant = closestWord(selection.cluster ?? '', names);
    return bad(
      'configuration',
      `${configuration.file} has no cluster \`${selection.cluster ?? ''}\`; it has ${listed}`,
      {
        remedy: meant === undefined ? 'choose one of them with --cluster NAME' : `did you mean --cluster ${meant}?`,
      },
    );
  }
  return good({
    ...chosen,
    formation: selection.formation ?? chosen.formation,
    readOnly: chosen.readOnly || selection.readOnly === true,
  });
}
