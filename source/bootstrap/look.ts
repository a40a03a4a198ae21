import type {HostSnapshot, MonitorReading} from '../cluster/snapshot.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import type {HostCheck} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';
import {lostNodeChecks} from './lost-nodes.ts';
import {downNodeChecks, nodesWithoutMonitor, rebuildChecks} from './monitor-rebuild.ts';
import {type BootstrapPlan, planBootstrap} from './plan.ts';
import {hostChecks} from './preflight.ts';
import {rotationChecks} from './rotation-checks.ts';
import type {FreshSecrets} from './secrets.ts';

/** What a bootstrap does only when it is told to, because it takes something away. */
export type BootstrapWishes = {
  /** The node whose data is gone: its registration is forgotten, and it joins anew. */
  replace: string | undefined;
  /** The monitor is made where the configuration has it, and the nodes that run are registered with it. */
  rebuildMonitor: boolean;
  /** New passwords, or on with a change of them that was interrupted. */
  rotatePasswords: boolean;
};

export const noWishes: BootstrapWishes = {replace: undefined, rebuildMonitor: false, rotatePasswords: false};

/** What was found of a cluster. */
export type Facts = {
  surveys: readonly HostSurvey[];
  monitor: MonitorReading | undefined;
  /** What PostgreSQL itself says on each host. */
  hosts: readonly HostSnapshot[];
};

/** Every check, and the plan that follows when they hold. */
export function checksAndPlan(
  cluster: DesiredCluster,
  {surveys, monitor, hosts}: Facts,
  {replace, ...wishes}: BootstrapWishes,
  docker: ReadonlyMap<string, readonly string[]>,
  fresh: FreshSecrets,
): {checks: readonly HostCheck[]; plan: BootstrapPlan} {
  const withoutMonitor = nodesWithoutMonitor(cluster, surveys, monitor, hosts);
  const down = downNodeChecks(cluster, surveys, monitor);
  return {
    checks: [
      ...hostChecks(cluster, surveys, monitor),
      ...rotationChecks(cluster, surveys, wishes, withoutMonitor.length + down.length > 0),
      ...lostNodeChecks(cluster, surveys, monitor, replace),
      ...down,
      ...rebuildChecks(cluster, surveys, withoutMonitor, wishes.rebuildMonitor),
    ],
    plan: planBootstrap(cluster, surveys, monitor, docker, fresh, wishes.rebuildMonitor ? withoutMonitor : []),
  };
}
