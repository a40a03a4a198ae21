import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {DesiredCluster, DesiredNode} from './desired-cluster.ts';
import {failed, type HostCheck, passed} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';
import {nodeOf} from './membership.ts';

/** Nodes that the monitor knows, and of which their hosts have nothing: a disk was wiped, or another machine took the place of one. */
export function lostNodes(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly DesiredNode[] {
  return cluster.nodes.filter(node => nodeOf(monitor, node.container) !== undefined && isGone(surveys, node));
}

/** A lost node is forgotten only when it is named, and only a lost one is: a bootstrap never touches data (`--replace`). */
export function lostNodeChecks(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
  replace: string | undefined,
): readonly HostCheck[] {
  const lost = lostNodes(cluster, surveys, monitor);
  const unasked = lost
    .filter(node => node.container !== replace)
    .map(({host, container}) => {
      const row = nodeOf(monitor, container);
      return failed(
        host,
        `lost-${container}`,
        `what the monitor knows as ${container} is there`,
        `there is no data of it on ${host}${row === undefined ? '' : `; the monitor has it as ${stateOf(row)}`}`,
        `\`pgaf bootstrap --replace ${container}\` makes the monitor forget that one, and joins it anew with a copy of the primary's data`,
      );
    });
  return replace === undefined ? unasked : [...unasked, ...replacementCheck(cluster, lost, monitor, replace)];
}

function replacementCheck(
  cluster: DesiredCluster,
  lost: readonly DesiredNode[],
  monitor: MonitorReading | undefined,
  replace: string,
): readonly HostCheck[] {
  const node = cluster.nodes.find(each => each.container === replace);
  const title = `${replace} can be replaced`;
  const id = `replace-${replace}`;
  if (node === undefined) {
    const nodes = cluster.nodes.map(each => each.container).join(', ');
    return [failed(cluster.monitor.host, id, title, 'the configuration has no such node', `it has ${nodes}`)];
  }
  if (lost.includes(node)) return [passed(node.host, id, title, 'the monitor knows it, and there is no data of it')];
  if (nodeOf(monitor, replace) === undefined)
    return [passed(node.host, id, title, 'the monitor does not know it any more: it joins')];
  return [
    failed(
      node.host,
      id,
      title,
      `it has a container or data on ${node.host}, which a bootstrap never touches`,
      `to copy its data anew: pgaf reclone ${replace}`,
    ),
  ];
}

/** Docker answers there, and has neither a container nor data of it. What cannot be looked into is not taken for empty. */
function isGone(surveys: readonly HostSurvey[], {host, container}: DesiredNode): boolean {
  const survey = surveys.find(each => each.host === host);
  const docker = survey?.docker;
  if (survey === undefined || docker === undefined || 'problem' in docker) return false;
  return !survey.containers.has(container) && survey.volumes.get(container)?.hasData === false;
}

function stateOf({reportedState, assignedState, reportAgeSeconds}: MonitorNode): string {
  const states = reportedState === assignedState ? reportedState : `${reportedState} -> ${assignedState}`;
  return `${states}, silent for ${Math.round(reportAgeSeconds)} s`;
}
