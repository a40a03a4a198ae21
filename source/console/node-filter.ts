import type {NodeAssessment} from '../cluster/assessment.ts';
import {parseFilter} from '../logs/filter.ts';
import type {ConsoleState} from './store.ts';

/** What is typed to see only some of the nodes. */
export type NodeFilter = {text: string; editing: boolean};

/**
 * The nodes that the table shows: those of which a name, a place, a state or the trouble fits, as `vm7`, `catchingup`, `!secondary`. The
 * selected one stays when it does not fit any more, because the keys are about it; text that is no valid expression yet hides nothing.
 */
export function shownNodes({
  assessment,
  nodeFilter,
  selectedNode,
}: Pick<ConsoleState, 'assessment' | 'nodeFilter' | 'selectedNode'>): readonly NodeAssessment[] {
  if (nodeFilter === undefined) return assessment.nodes;
  const fitting = fittingNodes(assessment.nodes, nodeFilter.text);
  if (nodeFilter.editing || fitting.some(node => node.name === selectedNode)) return fitting;
  const fits = new Set(fitting);
  return assessment.nodes.filter(node => fits.has(node) || node.name === selectedNode);
}

/** The nodes that fit a text; all of them when it is empty or no valid expression. */
export function fittingNodes(nodes: readonly NodeAssessment[], text: string): readonly NodeAssessment[] {
  const filter = parseFilter(text);
  if (!filter.ok) return nodes;
  const {matches, inverted} = filter.value;
  return nodes.filter(node => (inverted ? wordsOf(node).every(matches) : wordsOf(node).some(matches)));
}

function wordsOf(node: NodeAssessment): readonly string[] {
  return [
    node.name,
    node.host,
    node.container,
    node.address,
    node.group === null ? null : `group ${node.group}`,
    node.reportedState,
    node.assignedState,
    node.health === 'bad' ? 'unhealthy' : null,
    node.syncState,
    node.containerState,
    node.remark,
    node.error?.message,
  ].filter(word => word !== null && word !== undefined);
}
