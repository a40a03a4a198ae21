import type {Assessment} from './assessment.ts';
import {formatLsn} from './lsn.ts';
import {current, latest, problemOf} from './sample.ts';
import type {Snapshot} from './snapshot.ts';

/** The document of `pgaf status --json`: its field names are a promise. `takenAt` in milliseconds since 1970. */
export function statusDocument(snapshot: Snapshot, assessment: Assessment, takenAt: number) {
  const {verdict} = assessment;
  const monitorHost = snapshot.hosts.find(host => host.monitor !== undefined);
  const reading = current(snapshot.monitor);
  return {
    cluster: snapshot.cluster.name,
    formation: snapshot.cluster.formation,
    takenAt: new Date(takenAt).toISOString(),
    verdict: {
      level: verdict.level,
      writable: verdict.writable,
      summary: verdict.summary,
      primary: verdict.primary,
      sinceSeconds: rounded(verdict.sinceSeconds),
      toleratesFailures: verdict.toleratesFailures,
    },
    monitor: {
      reachable: reading !== undefined,
      host: monitorHost?.name ?? null,
      container: monitorHost?.monitor?.container ?? null,
      version: reading?.version ?? null,
      error: problemOf(snapshot.monitor)?.message ?? null,
    },
    settings: {
      numberSyncStandbys: reading?.formation.numberSyncStandbys ?? null,
      synchronousStandbyNames: reading?.synchronousStandbyNames ?? null,
    },
    hosts: snapshot.hosts.map(host => ({
      name: host.name,
      address: host.address,
      reachable: current(host.link) !== undefined,
      error: (problemOf(host.link) ?? problemOf(host.containers))?.message ?? null,
      roundTripMs: rounded(current(host.link)?.roundTripMs ?? null),
      containers: (latest(host.containers)?.value ?? []).map(container => ({
        name: container.name,
        image: container.image,
        state: container.state,
        restarts: container.restarts,
        startedAt: container.startedAt === undefined ? null : isoTime(container.startedAt),
      })),
    })),
    nodes: assessment.nodes.map(node => ({
      name: node.name,
      id: node.id,
      group: node.group,
      host: node.host,
      address: node.address,
      port: node.port,
      container: node.container,
      reportedState: node.reportedState,
      assignedState: node.assignedState,
      health: node.health,
      writable: node.writable,
      timeline: node.timeline,
      lsn: node.lsn === null ? null : formatLsn(node.lsn),
      lagBytes: node.lagBytes,
      lagSeconds: rounded(node.lagSeconds),
      lagSource: node.lagSource,
      syncState: node.syncState,
      candidatePriority: node.candidatePriority,
      replicationQuorum: node.replicationQuorum,
      reportAgeSeconds: rounded(node.reportAgeSeconds),
      error: node.error?.message ?? null,
    })),
    findings: assessment.findings.map(finding => ({
      code: finding.code,
      severity: finding.severity,
      node: finding.node,
      title: finding.title,
      evidence: [...finding.evidence],
      remedy: finding.remedy,
    })),
  };
}

export type StatusDocument = ReturnType<typeof statusDocument>;

function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Math.round(value * 1000) / 1000;
}

/** A host's clock may say anything; a time that is none is null. */
function isoTime(milliseconds: number): string | null {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
