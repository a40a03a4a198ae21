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
  const ofGroups = (rule: (evidence: Evidence, situation: Situation) => readonly Finding[]) =>
    situations.flatMap(situation => {
      const found = rule(evidence, situation);
      return situations.length > 1 ? found.map(finding => ofGroup(finding, situation.group.number)) : found;
    });
  const found = [
    ...ofGroups(replicationFindings),
    ...ofGroups(electionFindings),
    ...monitorFindings(evidence, situations),
    ...ofNodes(diskFindings(evidence), situations),
    ...ofNodes(hostFindings(evidence, situations), situations),
    ...ofGroups(nodeFindings),
    ...ofGroups(settingsFindings),
  ];
  return found.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** A finding that names no node would not say where to look. */
function ofGroup(finding: Finding, group: number): Finding {
  return {...finding, group, title: finding.node === null ? `group ${group}: ${finding.title}` : finding.title};
}

/** Findings of hosts belong to the group of the node there, if one is there. */
function ofNodes(findings: readonly Finding[], situations: readonly Situation[]): readonly Finding[] {
  if (situations.length < 2 || findings.length === 0) return findings;
  const groupOf = new Map(situations.flatMap(({group}) => group.nodes.map(node => [node.name, group.number])));
  return findings.map(finding => {
    const group = finding.node === null ? undefined : groupOf.get(finding.node);
    return group === undefined ? finding : {...finding, group};
  });
}
