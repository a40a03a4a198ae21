import type {MonitorReading} from '../cluster/snapshot.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import type {HostSurvey, Stray} from './host-survey.ts';
import {nodeOf} from './membership.ts';
import type {BootstrapStep} from './plan.ts';
import {loweredParameters} from './required-parameters.ts';
import {abandonedParameters} from './server-parameters.ts';

/**
 * What the monitor and the hosts have beside what is described, and a bootstrap leaves alone: each in one line with what would mend it. What
 * it does mend is in its plan.
 */
export function driftOf(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly string[] {
  return [
    ...strangers(cluster, monitor),
    ...movedNodes(cluster, surveys, monitor),
    ...keptParameters(cluster, surveys, monitor),
    ...loweredParameters(cluster, surveys, monitor).map(
      ({name, from, to}) =>
        `${name} is ${from}, and ${to} is described: a standby does not start with less than its primary has, so the primary gets it first: \`pgaf bootstrap --rolling\``,
    ),
    ...strayContainers(surveys, monitor),
  ];
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

function movedNodes(
  {name, nodes}: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly string[] {
  return nodes.flatMap(({host, container, address, port}) => {
    const found = nodeOf(monitor, container);
    const made = surveys.find(survey => survey.host === host)?.containers.get(container);
    // Another address alone is mended in place, where a bootstrap made the container.
    const isMended = made?.project === name && made.registration !== undefined;
    if (found === undefined || (found.port === port && (found.host === address || isMended))) return [];
    const was = `${found.host}:${found.port}`;
    // R46: the node itself says where it is; the others follow by themselves.
    const moved = `, or where its VM has another address now: \`pgaf autoctl ${container} -- set node metadata --hostname ${address}\``;
    return [
      `${container} is registered at ${was}, the configuration says ${address}:${port}: correct the configuration${found.host === address ? '' : moved}`,
    ];
  });
}

/** Those that cannot be taken back while a standby follows. */
function keptParameters(
  {nodes, settings}: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly string[] {
  const isAlone = monitor !== undefined && monitor.nodes.length < 2;
  return nodes.flatMap(({host, container}) => {
    const server = surveys.find(survey => survey.host === host)?.servers.get(container);
    return abandonedParameters(settings.parameters, server, isAlone)
      .filter(({stays}) => stays)
      .map(
        ({name, from}) =>
          `${name} of ${container} stays ${from}, as an earlier bootstrap set it: a standby does not start with less than its primary has. Describe it: \`bootstrap.parameters: {${name}: ${from}}\``,
      );
  });
}

/** Containers of nodes that were dropped and are down: their volumes stay. */
export function strayRemovals(
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
  docker: (host: string) => readonly string[],
): readonly BootstrapStep[] {
  return surveys.flatMap(({host, strays}) =>
    strays
      .filter(stray => isOver(stray, monitor))
      .map(({container}) => ({
        kind: 'command' as const,
        host,
        title: `remove ${container}, which is down and no part of the cluster; its volume stays`,
        argv: [...docker(host), 'rm', container],
      })),
  );
}

function isOver({container, isRunning}: Stray, monitor: MonitorReading | undefined): boolean {
  const node = nodeOf(monitor, container);
  return monitor !== undefined && !isRunning && (node === undefined || node.assignedState === 'dropped');
}

/** Containers of the cluster's Compose project that the configuration does not know, and data of nodes that are no more. */
function strayContainers(surveys: readonly HostSurvey[], monitor: MonitorReading | undefined): readonly string[] {
  return surveys.flatMap(({host, strays, strayVolumes}) => [
    ...strays
      .filter(stray => !isOver(stray, monitor))
      .map(({container}) => {
        // While the monitor does not answer, it may be.
        const registered = monitor === undefined || nodeOf(monitor, container) !== undefined;
        const first = registered ? `\`pgaf drop ${container}\` takes it out of the cluster, then ` : '';
        return `${host} has ${container}, which the configuration does not know: ${first}\`docker rm -f ${container}\` there removes it; its volume stays`;
      }),
    ...strayVolumes
      .filter(volume => strays.every(({container}) => !volume.endsWith(container)))
      .map(
        volume => `${host} has ${volume}, the data of what is no more: \`docker volume rm ${volume}\` there deletes it`,
      ),
  ]);
}
