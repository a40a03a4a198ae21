import type {Assessment, NodeAssessment} from '../cluster/assessment.ts';

/** How long a change stays marked. */
const markedMs = 6000;

const watched = [
  'reportedState',
  'assignedState',
  'health',
  'timeline',
  'syncState',
  'containerState',
  'candidatePriority',
  'replicationQuorum',
] as const;

/** Notes which fields of which nodes changed (`pg_node1.reportedState`), and forgets what changed long ago. */
export function noteChanges(
  known: ReadonlyMap<string, number>,
  before: Assessment,
  after: Assessment,
  now: number,
): ReadonlyMap<string, number> {
  const former = new Map(before.nodes.map(node => [node.name, node]));
  const fresh = after.nodes.flatMap(node => changedFields(former.get(node.name), node));
  const stale = [...known].some(([, at]) => now - at > markedMs);
  if (fresh.length === 0 && !stale) return known;
  const next = new Map([...known].filter(([, at]) => now - at <= markedMs));
  for (const field of fresh) next.set(field, now);
  return next;
}

function changedFields(before: NodeAssessment | undefined, after: NodeAssessment): readonly string[] {
  if (before === undefined) return [];
  return watched
    .filter(field => before[field] !== null && before[field] !== after[field])
    .map(field => `${after.name}.${field}`);
}
