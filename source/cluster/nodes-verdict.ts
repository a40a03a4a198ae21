import type {Verdict} from './assessment.ts';
import type {Evidence} from './evidence.ts';
import {latest, problemOf} from './sample.ts';
import type {Situation} from './situation.ts';

/**
 * The verdict while the monitor does not answer: from the nodes' own words, and never healthy, because nothing fails over then. Unknown
 * unless they prove something.
 */
export function verdictWithoutMonitor(evidence: Evidence, situation: Situation | undefined): Verdict {
  const away = evidence.snapshot.monitor !== undefined;
  const problem = problemOf(evidence.snapshot.monitor);
  if (problem?.kind === 'formation-unknown') return {...nothingKnown, summary: problem.message};
  const proven = provenByNodes(
    situation,
    away ? 'the monitor does not answer: no failover' : 'the monitor is not heard yet',
  );
  // In the first moments the monitor is merely still being connected to: that is no trouble of the cluster's.
  if (proven !== undefined) return !away && proven.level === 'degraded' ? {...proven, level: 'unknown'} : proven;
  if (problem !== undefined) {
    return {...nothingKnown, summary: 'the monitor does not answer, and no node proves that it takes writes'};
  }
  const stale = latest(evidence.snapshot.monitor) !== undefined;
  const summary = stale ? 'the monitor has not been read lately' : 'connecting';
  return {...nothingKnown, summary, source: 'nothing yet'};
}

/** The verdict when the monitor answers and has no row: a new cluster, a new monitor, or the wrong formation. */
export function verdictOfEmptyMonitor(evidence: Evidence, situation: Situation | undefined): Verdict {
  const empty = `the monitor knows no node in formation ${evidence.snapshot.cluster.formation}`;
  return (
    provenByNodes(situation, 'the monitor knows no node: no failover') ?? {
      ...nothingKnown,
      level: 'down',
      writable: false,
      summary: empty,
      toleratesFailures: 0,
      source: 'the monitor',
    }
  );
}

const nothingKnown: Verdict = {
  level: 'unknown',
  writable: null,
  summary: '',
  primary: null,
  sinceSeconds: null,
  toleratesFailures: null,
  source: 'the nodes themselves',
};

function provenByNodes(situation: Situation | undefined, trouble: string): Verdict | undefined {
  if (situation === undefined) return undefined;
  const {group, blocked} = situation;
  const {primary, nodes} = group;
  if (primary?.proof.writable === true && blocked !== undefined) {
    const waits =
      blocked.waiting > 0
        ? `commits wait on ${primary.name} (${blocked.waiting} now)`
        : `the next commit on ${primary.name} will wait`;
    // A node that cannot be seen may have taken over meanwhile.
    const unseen = nodes.filter(node => node.proof.writable === null).map(node => node.name);
    const hidden = unseen.length === 0 ? '' : `, ${unseen.join(', ')} cannot be seen`;
    return {
      ...nothingKnown,
      level: 'blocked',
      writable: unseen.length === 0 ? false : null,
      summary: `${waits}${hidden}; ${trouble}`,
      primary: primary.name,
      toleratesFailures: 0,
    };
  }
  if (primary?.proof.writable === true) {
    return {
      ...nothingKnown,
      level: 'degraded',
      writable: true,
      summary: `${primary.name} takes writes; ${trouble}`,
      primary: primary.name,
      toleratesFailures: 0,
    };
  }
  if (nodes.length > 0 && nodes.every(node => node.proof.writable === false)) {
    return {
      ...nothingKnown,
      level: 'down',
      writable: false,
      summary: `no node takes writes; ${trouble}`,
      toleratesFailures: 0,
    };
  }
  return undefined;
}
