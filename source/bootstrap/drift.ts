import type {MonitorReading} from '../cluster/snapshot.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import type {HostSurvey} from './host-survey.ts';
import {nodeOf} from './membership.ts';

/**
 * What the monitor and the hosts have beside what is described, and a bootstrap leaves alone: each in one line with what would mend it. What
 * it does mend is in its plan.
 */
export function driftOf(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly string[] {
  return [...strangers(cluster, monitor), ...movedNodes(cluster, monitor), ...strayContainers(surveys, monitor)];
}

function strangers({nodes}: DesiredCluster, monitor: MonitorReading | undefined): readonly string[] {
  const known = new Set(nodes.map(node => node.container));
  return (monitor?.nodes ?? [])
    .filter(({name, assignedState}) => !known.has(name) && assignedState !== 'dropped')
    .map(
      ({name, host, port}) =>
        `${name} at ${host}:${port} is registered, and not in the configuration: \`pgaf drop ${name}\` takes it out of the cluster`,
    );
}

function movedNodes({nodes}: DesiredCluster, monitor: MonitorReading | undefined): readonly string[] {
  return nodes.flatMap(({container, address, port}) => {
    const found = nodeOf(monitor, container);
    if (found === undefined || (found.host === address && found.port === port)) return [];
    const was = `${found.host}:${found.port}`;
    return [
      `${container} is registered at ${was}, the configuration says ${address}:${port}: correct the configuration, or have it joined anew there`,
    ];
  });
}

/** Containers of the cluster's Compose project that the configuration does not know. Their volumes are nobody's business here. */
function strayContainers(surveys: readonly HostSurvey[], monitor: MonitorReading | undefined): readonly string[] {
  return surveys.flatMap(({host, strays}) =>
    strays.map(container => {
      const registered = nodeOf(monitor, container) !== undefined;
      return `${host} has ${container}, which the configuration does not know: ${
        registered ? `\`pgaf drop ${container}\` first, then ` : ''
      }\`docker rm -f ${container}\` there removes it; its volume stays`;
    }),
  );
}
