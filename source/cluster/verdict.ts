import type {Finding, Verdict} from './assessment.ts';
import type {Evidence} from './evidence.ts';
import type {Group} from './group.ts';
import {redundancyOf, toleratedFailures} from './tolerance.ts';

export function verdictOf(evidence: Evidence, groups: readonly Group[], _findings: readonly Finding[]): Verdict {
  const group = groups[0];
  if (evidence.monitor?.current !== true || group === undefined) {
    return {
      level: 'unknown',
      writable: null,
      summary: 'the monitor does not answer',
      primary: null,
      sinceSeconds: null,
      toleratesFailures: null,
      source: 'nothing',
    };
  }
  const writable = group.primary?.proof.writable ?? false;
  const tolerates = toleratedFailures(redundancyOf(group));
  const settled = group.nodes.every(node => node.row?.reportedState === node.row?.assignedState);
  const blocked = group.synchronous !== undefined && group.synchronous.live.length < group.synchronous.required;
  const level =
    writable !== true
      ? settled
        ? 'down'
        : 'changing'
      : blocked
        ? 'blocked'
        : !settled
          ? 'changing'
          : tolerates > 0
            ? 'healthy'
            : 'degraded';
  return {
    level,
    writable: writable === true ? !blocked : writable,
    summary: level === 'healthy' ? `${group.primary?.name} takes writes; any one node may fail` : level,
    primary: group.primary?.name ?? null,
    sinceSeconds: Math.min(...group.nodes.map(node => node.stateAge ?? 0)),
    toleratesFailures: tolerates,
    source: 'the monitor',
  };
}
