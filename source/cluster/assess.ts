import type {Assessment, NodeAssessment} from './assessment.ts';
import {gatherEvidence, type NodeEvidence} from './evidence.ts';
import {type Group, type GroupNode, groupsOf} from './group.ts';
import {replicationLag, replicationRow, timelineOf} from './lag.ts';
import type {Snapshot} from './snapshot.ts';
import {verdictOf} from './verdict.ts';
import {writeProof} from './writable.ts';

/**
 * What a snapshot means at `now` (this machine's clock, milliseconds): the verdict, one row a node, and the findings, worst first.
 * Pure; never throws. Ages are carried forward from the moment of each sample and never taken across two machines' clocks.
 */
export function assess(snapshot: Snapshot, now: number): Assessment {
  const evidence = gatherEvidence(snapshot, now);
  const groups = groupsOf(evidence);
  const findings: Assessment['findings'] = [];
  return {
    verdict: verdictOf(evidence, groups, findings),
    nodes: evidence.nodes.map(node => assessNode(groups, node)),
    findings,
  };
}

function assessNode(groups: readonly Group[], node: NodeEvidence): NodeAssessment {
  const group = groups.find(each => each.nodes.some(member => member.name === node.name));
  const primary = group?.primary?.name === node.name ? undefined : group?.primary;
  const member: GroupNode = {...node, proof: writeProof(node)};
  const lag = replicationLag(member, primary);
  const row = node.row;
  return {
    name: node.name,
    id: row?.id ?? null,
    group: row?.group ?? null,
    host: node.host?.name ?? null,
    address: row?.host ?? node.host?.address ?? null,
    port: row?.port ?? node.host?.node?.port ?? null,
    container: node.containerName,
    reportedState: row?.reportedState ?? null,
    assignedState: row?.assignedState ?? null,
    statesCurrent: node.rowCurrent,
    health: row?.health ?? 'unknown',
    writable: member.proof.writable,
    timeline: timelineOf(node),
    lsn: row?.lsn ?? node.postgres?.currentLsn ?? node.postgres?.replayLsn ?? null,
    lagBytes: lag.bytes,
    lagSeconds: lag.seconds,
    lagSource: lag.source,
    lag: lag.steps,
    syncState: replicationRow(node, primary)?.syncState ?? null,
    candidatePriority: row?.candidatePriority ?? null,
    replicationQuorum: row?.replicationQuorum ?? null,
    reportAgeSeconds: node.reportAge,
    containerState: node.container?.state ?? null,
    containerStartedAt: node.container?.startedAt ?? null,
    containerRestarts: node.container?.restarts ?? null,
    error: node.problem ?? null,
  };
}
