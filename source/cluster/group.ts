import type {Evidence, NodeEvidence} from './evidence.ts';
import {canTakeWrites} from './replication-state.ts';
import {latest} from './sample.ts';
import type {MonitorSettings} from './snapshot.ts';
import {defaultMonitorSettings} from './snapshot.ts';
import {commitsWait, type SynchronousReplication, synchronousReplication} from './synchronous.ts';
import {reports} from './tolerance.ts';
import {isBeingDemoted, type WriteProof, writeProof} from './writable.ts';

/** A node with what is concluded about its writes. */
export type GroupNode = NodeEvidence & {proof: WriteProof};

/** One group of a formation: one primary and its standbys (plain PostgreSQL has group 0 only). */
export type Group = {
  number: number;
  /** True when the monitor's rows are current; otherwise everything rests on the nodes' own words. */
  monitorCurrent: boolean;
  /** Without those that are only in the configuration. */
  nodes: readonly GroupNode[];
  /** The node that the monitor counts on for writes; without the monitor, the only one that proves it takes them. */
  primary: GroupNode | undefined;
  /** Nodes that prove, each by its own psql, that they accept writes; one that the monitor does not know as well. */
  open: readonly GroupNode[];
  /** Nodes in the configuration that the monitor does not know. */
  strangers: readonly GroupNode[];
  /** Nodes that go on acknowledging writes by their own word, or may, although they are not, or not any more, the monitor's primary. */
  unfenced: readonly GroupNode[];
  numberSyncStandbys: number;
  settings: MonitorSettings;
  synchronous: SynchronousReplication | undefined;
};

/**
 * Sorts the nodes into groups. Configured nodes that the monitor does not name belong to the first group; as long as no monitor was ever
 * read, those of one system identifier are a group: two primaries of two databases are no split.
 */
export function groupsOf(evidence: Evidence): readonly Group[] {
  const registered = evidence.monitor?.reading.nodes.length ?? 0;
  // A monitor that knows no node has nothing to say about them.
  const monitorCurrent = evidence.monitor?.current === true && registered > 0;
  const unread = registered === 0 ? groupsBySystem(evidence.nodes) : undefined;
  const groups = Map.groupBy(evidence.nodes, node => node.row?.group ?? unread?.get(node) ?? 0);
  return [...groups]
    .sort(([one], [other]) => one - other)
    .map(([number, nodes]) => makeGroup(evidence, number, nodes, {monitorCurrent, alone: groups.size === 1}));
}

function groupsBySystem(nodes: readonly NodeEvidence[]): ReadonlyMap<NodeEvidence, number> {
  const known = nodes.flatMap(node => {
    const system = latest(node.host?.postgres)?.value.systemIdentifier;
    return system === undefined ? [] : [{node, system}];
  });
  const systems = [...new Set(known.map(({system}) => system))];
  return new Map(known.map(({node, system}) => [node, systems.indexOf(system)]));
}

type Circumstances = {monitorCurrent: boolean; alone: boolean};

function makeGroup(
  evidence: Evidence,
  number: number,
  known: readonly NodeEvidence[],
  {monitorCurrent, alone}: Circumstances,
): Group {
  const proven = known.map(node => ({...node, proof: writeProof(node)}));
  const nodes = proven.filter(node => node.row !== undefined || !monitorCurrent);
  // Nobody knows which of several groups one that is not registered belongs to.
  const strangers = alone && monitorCurrent ? proven.filter(node => node.row === undefined) : [];
  const open = [...nodes, ...strangers].filter(node => node.proof.source === 'node' && node.proof.writable === true);
  const primary = primaryOf(nodes, open, monitorCurrent);
  return {
    number,
    monitorCurrent,
    nodes,
    primary,
    open,
    strangers,
    unfenced: [
      ...nodes.filter(node => isLeftOpen(node) && !commitsWait(synchronousReplication(node, nodes))),
      ...nodes.filter(isLeftRunning),
      // Without a primary the monitor refuses all reports: that standbys are silent says nothing about them then.
      ...strangers.filter(node => open.includes(node) && !commitsWait(synchronousReplication(node, []))),
    ],
    numberSyncStandbys: evidence.monitor?.reading.formation.numberSyncStandbys ?? 0,
    settings: evidence.monitor?.reading.settings ?? defaultMonitorSettings,
    synchronous: synchronousReplication(primary, nodes),
  };
}

/** It accepts writes by its own word, and the monitor is taking it out of service. */
function isLeftOpen({proof}: GroupNode): boolean {
  return proof.source === 'node' && proof.writable === null;
}

/** The monitor is taking it out of service and connects to its Postgres, and the keeper that would stop that is not heard (R11). */
function isLeftRunning(node: GroupNode): boolean {
  const {proof, row} = node;
  const notFenced = proof.source === 'monitor' && proof.writable === null && row !== undefined && isBeingDemoted(row);
  return notFenced && row.health === 'good' && !reports(node);
}

function primaryOf(
  nodes: readonly GroupNode[],
  open: readonly GroupNode[],
  monitorCurrent: boolean,
): GroupNode | undefined {
  if (!monitorCurrent) return open.length === 1 ? open[0] : undefined;
  return (
    nodes.find(node => node.row?.assignedState === 'primary') ??
    nodes.find(node => node.row !== undefined && canTakeWrites(node.row.assignedState))
  );
}
