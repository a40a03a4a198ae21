import type {Finding, Severity} from './assessment.ts';
import {diskFindings} from './disk-findings.ts';
import {electionFindings} from './election-findings.ts';
import type {Evidence} from './evidence.ts';
import {hostFindings} from './host-findings.ts';
import {monitorFindings} from './monitor-findings.ts';
import {nodeFindings} from './node-findings.ts';
import {replicationFindings} from './replication-findings.ts';
import {settingsFindings} from './settings-findings.ts';
import type {Situation} from './situation.ts';

const rank: Record<Severity, number> = {critical: 0, warning: 1, info: 2};

/** All that is wrong or worth knowing, worst first; among equals in the order of reference §6: data path, elections, nodes, hosts. */
export function findingsOf(evidence: Evidence, situations: readonly Situation[]): readonly Finding[] {
  const found = [
    ...situations.flatMap(situation => replicationFindings(evidence, situation)),
    ...situations.flatMap(situation => electionFindings(evidence, situation)),
    ...monitorFindings(evidence, situations),
    ...diskFindings(evidence),
    ...hostFindings(evidence, situations),
    ...situations.flatMap(situation => nodeFindings(evidence, situation)),
    ...situations.flatMap(situation => settingsFindings(evidence, situation)),
  ];
  return found.sort((a, b) => rank[a.severity] - rank[b.severity]);
}
