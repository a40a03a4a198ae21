import type {Database} from './database.ts';
import {isCurrent} from './node-predicates.ts';
import type {NodeRow} from './tables.ts';

/** IsHealthy (node_metadata.c), to the letter: a bad check is overridden by a report that came after it. */
export function isHealthy(database: Database, row: NodeRow | undefined): boolean {
  if (row === undefined) return false;
  const now = database.now();
  if (row.health === 0 && row.reporttime >= row.healthchecktime && now - row.reporttime >= 1000) {
    return row.reportedpgisrunning;
  }
  return row.health === 1 && row.reportedpgisrunning;
}

/** IsUnhealthy: silent for long and its check failed since the monitor started, or its keeper says that Postgres is down. */
export function isUnhealthy(database: Database, row: NodeRow | undefined): boolean {
  if (row === undefined) return true;
  const now = database.now();
  const silent = now - row.reporttime >= database.setting('node_considered_unhealthy_timeout');
  const checked = row.health === 0 && row.healthchecktime >= database.startedAt;
  const started = now - database.startedAt >= database.setting('startup_grace_period');
  return (silent && checked && started) || !row.reportedpgisrunning;
}

/** IsReporting. */
export function isReporting(database: Database, row: NodeRow): boolean {
  return database.now() - row.reporttime < database.setting('node_considered_unhealthy_timeout');
}

/** CountHealthyCandidates. */
export function countHealthyCandidates(database: Database, rows: readonly NodeRow[]): number {
  return rows.filter(row => row.candidatepriority > 0 && isCurrent(row, 'secondary') && isHealthy(database, row))
    .length;
}

/** IsHealthySyncStandby. */
export function isHealthySyncStandby(database: Database, row: NodeRow): boolean {
  return row.replicationquorum && isCurrent(row, 'secondary') && isHealthy(database, row);
}
