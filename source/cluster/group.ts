import type {Evidence, NodeEvidence} from './evidence.ts';
import {canTakeWrites} from './replication-state.ts';
import type {MonitorSettings} from './snapshot.ts';
import {defaultMonitorSettings} from './snapshot.ts';
import {type SynchronousReplication, synchronousReplication} from './synchronous.ts';
import {type WriteProof, writeProof} from './writable.ts';

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
  /** Nodes that prove, each by its own psql, that they accept writes. */
  open: readonly GroupNode[];
  numberSyncStandbys: number;
  settings: MonitorSettings;
  synchronous: SynchronousReplication | undefined;
};

/** Sorts the nodes into groups. Configured nodes that no monitor ever named belong to the first group. */
export function groupsOf(evidence: Evidence): readonly Group[] {
  const numbers = [...new Set(evidence.nodes.map(node => node.row?.group ?? 0))].sort((a, b) => a - b);
  return numbers.map(number => makeGroup(evidence, number));
}

function makeGroup(evidence: Evidence, number: number): Group {
  const registered = evidence.monitor?.reading.nodes.length ?? 0;
  // A monitor that knows no node has nothing to say about them.
  const monitorCurrent = evidence.monitor?.current === true && registered > 0;
  const nodes = evidence.nodes
    .filter(node => (node.row === undefined ? number === 0 && !monitorCurrent : node.row.group === number))
    .map(node => ({...node, proof: writeProof(node)}));
  const open = nodes.filter(node => node.proof.source === 'node' && node.proof.writable === true);
  const primary = primaryOf(nodes, open, monitorCurrent);
  return {
    number,
    monitorCurrent,
    nodes,
    primary,
    open,
    numberSyncStandbys: evidence.monitor?.reading.formation.numberSyncStandbys ?? 0,
    settings: evidence.monitor?.reading.settings ?? defaultMonitorSettings,
    synchronous: synchronousReplication(primary, nodes),
  };
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
