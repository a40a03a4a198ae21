import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {DesiredCluster, DesiredContainer, DesiredNode} from './desired-cluster.ts';

/** The row of a node, by its name. */
export function nodeOf(monitor: MonitorReading | undefined, container: string): MonitorNode | undefined {
  return monitor?.nodes.find(node => node.name === container);
}

/** Whether a node takes part: it is registered, and on its way to serve or there. */
export function isMember(monitor: MonitorReading | undefined, {container}: DesiredContainer): boolean {
  return nodeOf(monitor, container) !== undefined;
}

const longestSilenceSeconds = 10;

/** Whether a node serves, as it has lately said: the first one as a primary of any kind, the others as secondaries. */
export function serves(node: MonitorNode | undefined): boolean {
  if (node === undefined || node.health !== 'good' || node.reportedState !== node.assignedState) return false;
  if (node.reportAgeSeconds > longestSilenceSeconds) return false;
  return ['single', 'wait_primary', 'primary', 'secondary'].includes(node.reportedState);
}

/** The nodes that do not serve, and were not told to. */
export function notServing({nodes}: DesiredCluster, monitor: MonitorReading | undefined): readonly DesiredNode[] {
  return nodes.filter(({container}) => {
    const node = nodeOf(monitor, container);
    return !serves(node) && node?.assignedState !== 'maintenance';
  });
}
