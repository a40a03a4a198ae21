import {primaryOf} from '../actions/cluster-facts.ts';
import type {MonitorReading} from '../cluster/snapshot.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import type {HostSurvey} from './host-survey.ts';

/**
 * PostgreSQL of a standby does not start with less of these than its primary has (CheckRequiredParameterValues of xlogrecovery.c). So with more of
 * one the standbys are the first to start anew, and with less the primary (PostgreSQL documentation, Hot Standby, Administrator's Overview).
 */
export const requiredParameters: readonly string[] = [
  ...['max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions'],
  'max_locks_per_transaction',
];

/** Those described with less than the primary runs with, while standbys follow it. While nobody knows the primary, it may be any node. */
export function loweredParameters(
  {nodes, settings}: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly {name: string; from: number; to: string}[] {
  if (monitor !== undefined && monitor.nodes.length < 2) return [];
  const primary = monitor && primaryOf(monitor)?.name;
  const servers = nodes
    .filter(({container}) => primary === undefined || container === primary)
    .flatMap(({host, container}) => surveys.find(survey => survey.host === host)?.servers.get(container) ?? []);
  return requiredParameters.flatMap(name => {
    const to = settings.parameters[name];
    const from = Math.max(...servers.map(({required}) => required.get(name) ?? 0));
    return to !== undefined && Number(to) < from ? [{name, from, to}] : [];
  });
}
