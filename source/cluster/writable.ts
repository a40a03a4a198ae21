import type {NodeEvidence} from './evidence.ts';
import type {ReplicationState} from './replication-state.ts';
import {canTakeWrites} from './replication-state.ts';

/** A report older than this proves nothing (reference §2.2). */
export const freshReportSeconds = 10;

/** A keeper reports once a second; one that has not for this long is silent. */
const silentAfterSeconds = 4;

/** Whether a node takes writes: proven (true), proven not (false), or not known (null); and from what that was concluded. */
export type WriteProof = {writable: boolean | null; reason: string; source: 'node' | 'monitor' | null};

/**
 * The node's own psql is the strongest evidence; without it, the monitor's row proves writes only when it is stable, healthy and fresh.
 * A node that the monitor is taking out of service is never called writable: with a dead keeper it may still accept writes.
 */
export function writeProof(node: NodeEvidence): WriteProof {
  const {row, postgres} = node;
  if (postgres !== undefined) {
    if (postgres.inRecovery) return {writable: false, reason: 'in recovery', source: 'node'};
    if (postgres.readOnly) return {writable: false, reason: 'read-only: not opened yet', source: 'node'};
    if (row !== undefined && isBeingDemoted(row) && node.rowCurrent) {
      return {writable: null, reason: 'not fenced: still accepts writes', source: 'node'};
    }
    return {writable: true, reason: 'accepts writes', source: 'node'};
  }
  const stopped = stoppedFor(node);
  if (stopped !== undefined) return {writable: false, reason: stopped, source: 'node'};
  if (row === undefined) return {writable: null, reason: 'not heard', source: null};
  if (!node.rowCurrent) return {writable: null, reason: 'not known without the monitor', source: null};
  return proofFromMonitor(node);
}

/** The node is on its way out of being the primary, or is to do what a primary cannot (R41): never show it as writable. */
export function isBeingDemoted({reportedState, assignedState}: NodeStates): boolean {
  if (['draining', 'demote_timeout', 'demoted', 'prepare_maintenance'].includes(assignedState)) return true;
  return canTakeWrites(reportedState) && !canTakeWrites(assignedState);
}

type NodeStates = {reportedState: ReplicationState; assignedState: ReplicationState};

/** The pair of states alone says that the node takes writes (reference §2.2). */
export function statesTakeWrites(reported: ReplicationState, assigned: ReplicationState): boolean {
  if (assigned === 'apply_settings') return ['primary', 'wait_primary', 'apply_settings'].includes(reported);
  if (reported === 'apply_settings') return canTakeWrites(assigned);
  return reported === assigned && canTakeWrites(reported);
}

function proofFromMonitor(node: NodeEvidence): WriteProof {
  const {row} = node;
  if (row === undefined) return {writable: null, reason: 'not heard', source: null};
  if (statesTakeWrites(row.reportedState, row.assignedState)) {
    if (!row.postgresRunning) return {writable: false, reason: 'Postgres is stopped', source: 'monitor'};
    if (node.reportAge === null || node.reportAge > freshReportSeconds) {
      return {writable: null, reason: 'unproven: its keeper is silent', source: 'monitor'};
    }
    if (row.health !== 'good') {
      return {writable: null, reason: 'unproven: the monitor cannot connect to it', source: 'monitor'};
    }
    return {writable: true, reason: 'takes writes, says the monitor', source: 'monitor'};
  }
  if (canTakeWrites(row.reportedState)) {
    return isBeingDemoted(row)
      ? {writable: null, reason: 'not fenced: may still accept writes', source: 'monitor'}
      : {writable: null, reason: 'unproven: it is changing its state', source: 'monitor'};
  }
  if (row.reportedState === 'unknown') return {writable: null, reason: 'its state is not known', source: 'monitor'};
  return {writable: false, reason: 'does not take writes', source: 'monitor'};
}

/** Proof from the node's own side that its Postgres does not run. */
function stoppedFor(node: NodeEvidence): string | undefined {
  if (!node.containerCurrent || !node.configured) return undefined;
  // A keeper that goes on reporting runs somewhere: then the configuration has the wrong name, which stops nobody's writes.
  const reports = node.rowCurrent && node.reportAge !== null && node.reportAge <= silentAfterSeconds;
  if (node.problem?.kind === 'container-missing') return reports ? undefined : 'no container';
  if (node.container !== undefined && !['running', 'paused'].includes(node.container.state)) {
    return `container ${node.container.state}`;
  }
  const fresh = node.postgresAge !== null && node.postgresAge <= freshReportSeconds;
  return fresh && node.problem?.kind === 'postgres-down' ? 'Postgres is down' : undefined;
}
