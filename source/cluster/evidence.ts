import {matchNodes, type NodeMatch, sameNodeName} from './match-nodes.ts';
import type {Problem} from './problem.ts';
import {current, latest, problemOf, type Sample} from './sample.ts';
import type {Container, HostSnapshot, MonitorNode, MonitorReading, PostgresReading, Snapshot} from './snapshot.ts';

/** A reading that should come once a second and is older than this is not current any more. */
const currentForSeconds = 5;

/** The snapshot sorted by node, with ages brought up to `now`: what the rules read. */
export type Evidence = {
  snapshot: Snapshot;
  now: number;
  monitor: MonitorEvidence | undefined;
  nodes: readonly NodeEvidence[];
  /** The node that is configured on a host. */
  nodeOn(host: HostSnapshot): NodeEvidence | undefined;
};

/** The newest reading of the monitor. `current` is false when the last attempt failed or the reading is old. */
export type MonitorEvidence = {
  reading: MonitorReading;
  current: boolean;
  ageSeconds: number;
  /** The monitor's clock now, milliseconds since 1970. */
  time: number;
};

/** Everything that was observed of one node. Ages are in seconds, at `now`; null when not known. */
export type NodeEvidence = {
  name: string;
  row: MonitorNode | undefined;
  /** The row is what the monitor says now. */
  rowCurrent: boolean;
  reportAge: number | null;
  stateAge: number | null;
  healthAge: number | null;
  host: HostSnapshot | undefined;
  /** In the configuration (not only known to the monitor). */
  configured: boolean;
  containerName: string | null;
  container: Container | undefined;
  /** The container's state is what Docker says now. */
  containerCurrent: boolean;
  /** psql inside the container, when it answers now. */
  postgres: PostgresReading | undefined;
  postgresAge: number | null;
  /** Nothing has been tried yet to the end: no good or bad news from the host or psql. */
  pending: boolean;
  /** The worst problem between the console and this node: link, then docker, then container, then psql. */
  problem: Problem | undefined;
};

export function gatherEvidence(snapshot: Snapshot, now: number): Evidence {
  const monitor = monitorEvidence(snapshot, now);
  const matches = matchNodes(monitor?.reading.nodes ?? [], snapshot.hosts);
  const nodes = matches.map(match => nodeEvidence(match, monitor, now));
  const configured = new Map(nodes.flatMap(node => (node.configured ? [[node.host, node]] : [])));
  return {snapshot, now, monitor, nodes, nodeOn: host => configured.get(host)};
}

/** Seconds since the sample was made; never negative. */
export function sampleAge(sample: Sample<unknown>, now: number): number {
  return Math.max(0, (now - sample.at) / 1000);
}

function monitorEvidence(snapshot: Snapshot, now: number): MonitorEvidence | undefined {
  const newest = latest(snapshot.monitor);
  if (newest === undefined) return undefined;
  const ageSeconds = Math.max(0, (now - newest.at) / 1000);
  return {
    reading: newest.value,
    current: current(snapshot.monitor) !== undefined && ageSeconds <= currentForSeconds,
    ageSeconds,
    time: newest.value.serverTime + ageSeconds * 1000,
  };
}

function nodeEvidence(match: NodeMatch, monitor: MonitorEvidence | undefined, now: number): NodeEvidence {
  const {row, host} = match;
  const past = monitor?.ageSeconds ?? 0;
  const configured = match.container !== undefined;
  const containers = host?.containers;
  const linkUp = host !== undefined && problemOf(host.link) === undefined;
  const container = latest(containers)?.value.find(each =>
    configured ? each.name === match.container : sameNodeName(each.name, row?.name ?? ''),
  );
  const sample = configured ? host?.postgres : undefined;
  const postgresAge = sample === undefined ? null : sampleAge(sample, now);
  const fresh = postgresAge !== null && postgresAge <= currentForSeconds;
  return {
    name: row?.name ?? match.container ?? host?.name ?? '?',
    row,
    rowCurrent: row !== undefined && monitor?.current === true,
    reportAge: row === undefined ? null : Math.max(0, row.reportAgeSeconds) + past,
    stateAge: row === undefined ? null : Math.max(0, row.stateAgeSeconds) + past,
    healthAge: row?.healthAgeSeconds === undefined ? null : row.healthAgeSeconds + past,
    host,
    configured,
    containerName: match.container ?? container?.name ?? null,
    container,
    containerCurrent: linkUp && current(containers) !== undefined,
    postgres: fresh ? current(sample) : undefined,
    postgresAge,
    pending: configured && host !== undefined && isPending(host),
    problem: host === undefined ? undefined : nodeProblem(host, match.container, container, postgresAge),
  };
}

function isPending(host: HostSnapshot): boolean {
  if (problemOf(host.link) !== undefined || problemOf(host.containers) !== undefined) return false;
  return host.link === undefined || host.postgres === undefined;
}

function nodeProblem(
  host: HostSnapshot,
  configuredContainer: string | undefined,
  container: Container | undefined,
  postgresAge: number | null,
): Problem | undefined {
  const reaching = problemOf(host.link) ?? problemOf(host.containers);
  if (reaching !== undefined) return reaching;
  if (configuredContainer === undefined) return undefined;
  if (current(host.containers) !== undefined) {
    if (container === undefined) {
      return {
        kind: 'container-missing',
        message: `no container ${configuredContainer} on ${host.name}`,
        remedy: `create it there (docker compose up -d), or correct its name in the configuration`,
      };
    }
    if (container.state !== 'running') {
      return {
        kind: 'container-not-running',
        message: `container ${container.name} on ${host.name} is ${containerWords(container)}`,
        remedy: `docker start ${container.name}`,
      };
    }
  }
  const failure = problemOf(host.postgres);
  if (failure !== undefined) return failure;
  if (postgresAge !== null && postgresAge > currentForSeconds) {
    return {
      kind: 'timeout',
      message: `psql in ${configuredContainer} has not answered for ${Math.round(postgresAge)} s`,
    };
  }
  return undefined;
}

/** `exited (137, out of memory)`, `restarting (12)`, `paused`. */
export function containerWords(container: Container): string {
  const facts = [
    container.state !== 'running' && container.exitCode !== undefined ? String(container.exitCode) : undefined,
    container.outOfMemory ? 'out of memory' : undefined,
  ].filter(fact => fact !== undefined);
  return facts.length === 0 ? container.state : `${container.state} (${facts.join(', ')})`;
}
