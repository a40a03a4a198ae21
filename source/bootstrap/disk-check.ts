import {size} from '../cluster/size.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import {failed, type HostCheck, passed, warned} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';

const gibibyte = 1024 ** 3;
/** A fresh PGDATA with its WAL, and as much again for a later re-clone. */
const leastFreeBytes = 2 * gibibyte;

/**
 * Whether a host has room for what the cluster's databases take: a new node for a copy, and any node for one more beside it, since a re-clone
 * writes the new copy before it removes the old one (pg_basebackup into the backup directory).
 */
export function diskCheck(
  {nodes}: DesiredCluster,
  {host, freeBytes, containers}: HostSurvey,
  surveys: readonly HostSurvey[],
): readonly HostCheck[] {
  if (freeBytes === undefined) return [];
  const title = 'there is room for the data';
  const here = nodes.filter(node => node.host === host);
  const data = Math.max(
    0,
    ...nodes.flatMap(({container}) => surveys.map(({servers}) => servers.get(container)?.bytes ?? 0)),
  );
  const copies = here.filter(({container}) => !containers.has(container)).length;
  const takes = data === 0 ? '' : `, the databases take ${size(data)}`;
  const evidence = `${size(freeBytes)} free${takes}`;
  const remedy = 'a re-clone needs as much again as the data takes: make room or add a disk';
  if (freeBytes < Math.max(leastFreeBytes, copies * data)) return [failed(host, 'disk', title, evidence, remedy)];
  return [
    here.length > 0 && freeBytes < (copies + 1) * data
      ? warned(host, 'disk', title, evidence, remedy)
      : passed(host, 'disk', title, evidence),
  ];
}
