import type {Progress, Situation} from './action.ts';
import {isInMaintenance, monitorOf, nodeNamed, placeOf, postgresOf, reportsNow} from './cluster-facts.ts';

/** Postgres runs for so long: what its start had the monitor do shows in the states by then. */
const settledSeconds = 3;

/**
 * Done when a node whose Postgres or container was started serves again: another Postgres than before runs for a while, its keeper reports,
 * and the monitor has it where it wants it.
 */
export function nodeSettled(before: Situation, now: Situation, name: string | undefined): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const node = nodeNamed(now, name);
  if (node === undefined) return {state: 'pending', waitingFor: `${name} to register`};
  if (!reportsNow(now, node)) return {state: 'pending', waitingFor: `the keeper of ${name} to report`};
  if (node.reportedState !== node.assignedState)
    return {state: 'pending', waitingFor: `${name}: ${node.reportedState} -> ${node.assignedState}`};
  // R47: in maintenance its keeper leaves Postgres alone, also stopped.
  if (isInMaintenance(node)) return {state: 'done', message: `${name} is in maintenance, and its keeper reports`};
  const postgres = postgresOf(now, name);
  if (postgres === undefined) {
    if (placeOf(now, name)?.host.node === undefined)
      return {state: 'pending', waitingFor: `psql on ${name}, which is not in the configuration`};
    return {state: 'pending', waitingFor: `Postgres on ${name} to answer`};
  }
  if (postgres.startedAt === postgresOf(before, name)?.startedAt)
    return {state: 'unchanged', message: `Postgres on ${name} was not restarted`};
  const seconds = (postgres.serverTime - postgres.startedAt) / 1000;
  if (seconds < settledSeconds) return {state: 'pending', waitingFor: `Postgres on ${name}: it has just started`};
  const serves = ['primary', 'wait_primary', 'single', 'secondary'].includes(node.reportedState);
  if (!serves || node.health !== 'good' || !node.postgresRunning) {
    const health = node.health === 'good' ? '' : `, health ${node.health}`;
    return {state: 'pending', waitingFor: `${name}, which is ${node.reportedState}${health}`};
  }
  return {state: 'done', message: `${name} is ${node.reportedState} on the monitor, timeline ${node.timeline}`};
}
