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
import type {BootstrapWishes} from './wishes.ts';

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
  wishes: BootstrapWishes,
  docker: ReadonlyMap<string, readonly string[]>,
  fresh: FreshSecrets,
): {checks: readonly HostCheck[]; plan: BootstrapPlan} {
  const {replace, rebuildMonitor} = wishes;
  const withoutMonitor = nodesWithoutMonitor(cluster, surveys, monitor, hosts);
  const down = downNodeChecks(cluster, surveys, monitor);
  return {
    checks: [
      ...hostChecks(cluster, surveys, monitor, wishes),
      ...rotationChecks(cluster, surveys, wishes, withoutMonitor.length + down.length > 0),
      ...lostNodeChecks(cluster, surveys, monitor, replace),
      ...down,
      ...rebuildChecks(cluster, surveys, withoutMonitor, rebuildMonitor),
    ],
    plan: planBootstrap(cluster, surveys, monitor, docker, fresh, rebuildMonitor ? withoutMonitor : []),
  };
}
