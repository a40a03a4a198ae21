import type {NodeAssessment} from '../cluster/assessment.ts';
import type {LagPoint} from './store.ts';

/** Ten minutes at one sample a second. */
const maximumPoints = 600;

/** Adds the present lag of every node that has one, or is a standby whose lag is not known; forgets nodes that are gone. */
export function addLag(
  history: ReadonlyMap<string, readonly LagPoint[]>,
  nodes: readonly NodeAssessment[],
  at: number,
): ReadonlyMap<string, readonly LagPoint[]> {
  const next = new Map<string, readonly LagPoint[]>();
  for (const node of nodes) {
    const before = history.get(node.name) ?? [];
    const points = [...before, {at, bytes: node.writable === true ? null : node.lagBytes}].slice(-maximumPoints);
    next.set(node.name, points);
  }
  return next;
}
