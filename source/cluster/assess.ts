import type {Assessment, Finding, NodeAssessment, Verdict} from './assessment.ts';
import {gatherEvidence, type NodeEvidence} from './evidence.ts';
import {findingsOf} from './findings.ts';
import {replicationLag, replicationRow, timelineOf} from './lag.ts';
import {remarkOf} from './remark.ts';
import {problemOf} from './sample.ts';
import {type Situation, situationsOf} from './situation.ts';
import type {Snapshot} from './snapshot.ts';
import {verdictOf} from './verdict.ts';
import {writeProof} from './writable.ts';

/**
 * What a snapshot means at `now` (this machine's clock, milliseconds): the verdict, one row a node, and the findings, worst first.
 * Pure; never throws. Ages are carried forward from the moment of each sample and never taken across two machines' clocks.
 */
export function assess(snapshot: Snapshot, now: number): Assessment {
  const evidence = gatherEvidence(withMonitorBehindItsHost(snapshot), now);
  const situations = situationsOf(evidence);
  const situationOf = new Map(situations.flatMap(each => each.group.nodes.map(node => [node.name, each])));
  const findings = findingsOf(evidence, situations).map(plainFinding);
  return {
    verdict: plainVerdict(verdictOf(evidence, situations, findings)),
    nodes: byGroup(evidence.nodes, situations).map(node => assessNode(situationOf.get(node.name), node)),
    findings,
  };
}

/** In a formation of several groups the nodes of one stand together; else they stay as they are, as those in the configuration do. */
function byGroup(nodes: readonly NodeEvidence[], situations: readonly Situation[]): readonly NodeEvidence[] {
  const last = Number.POSITIVE_INFINITY;
  return situations.length < 2
    ? nodes
    : nodes.toSorted((one, other) => (one.row?.group ?? last) - (other.row?.group ?? last) || 0);
}

/** A monitor that was never read, on a host that cannot be reached, does not answer; it is not merely still being connected to. */
function withMonitorBehindItsHost(snapshot: Snapshot): Snapshot {
  const link = snapshot.hosts.find(host => host.monitor !== undefined)?.link;
  const error = problemOf(link);
  if (snapshot.monitor !== undefined || link === undefined || error === undefined) return snapshot;
  return {...snapshot, monitor: {error, at: link.at, source: link.source}};
}

function assessNode(situation: Situation | undefined, evidence: NodeEvidence): NodeAssessment {
  const primary = situation?.group.primary?.name === evidence.name ? undefined : situation?.group.primary;
  const node = {...evidence, proof: writeProof(evidence)};
  const lag = replicationLag(node, primary);
  const remark = situation === undefined ? undefined : remarkOf(node, situation);
  const {row, postgres} = node;
  return {
    name: node.name,
    id: row?.id ?? null,
    group: row?.group ?? null,
    primary: situation?.group.primary?.name ?? null,
    host: node.host?.name ?? null,
    address: row?.host ?? node.host?.address ?? null,
    port: row?.port ?? node.host?.node?.port ?? null,
    container: node.containerName,
    reportedState: row?.reportedState ?? null,
    assignedState: row?.assignedState ?? null,
    statesCurrent: node.rowCurrent,
    health: node.rowCurrent ? (row?.health ?? 'unknown') : 'unknown',
    writable: node.proof.writable,
    ...(remark === undefined ? {} : {remark}),
    timeline: timelineOf(node),
    lsn: (node.rowCurrent ? row?.lsn : undefined) ?? postgres?.currentLsn ?? postgres?.replayLsn ?? row?.lsn ?? null,
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

/** Findings quote what others wrote (messages, names): no control character of theirs reaches a reader. */
function plainFinding(finding: Finding): Finding {
  return {
    ...finding,
    title: plainText(finding.title),
    evidence: finding.evidence.map(plainText),
    remedy: plainText(finding.remedy),
  };
}

function plainVerdict(verdict: Verdict): Verdict {
  const {change, countdown} = verdict;
  return {
    ...verdict,
    summary: plainText(verdict.summary),
    ...(change === undefined ? {} : {change: {...change, step: plainText(change.step)}}),
    ...(countdown === undefined ? {} : {countdown: {...countdown, text: plainText(countdown.text)}}),
  };
}

function plainText(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
