import {bad, good, type Outcome} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';
import type {ActionKind, Request, Situation} from './action.ts';
import {monitorPlace} from './cluster-facts.ts';
import {readUsage} from './usage.ts';

/** The names that can stand for a node, and those that can stand for a node or the monitor. */
export function targetNames(situation: Situation): {nodes: readonly string[]; all: readonly string[]} {
  const nodes = situation.assessment.nodes.map(node => node.name);
  const monitor = monitorPlace(situation)?.container;
  return {nodes, all: monitor === undefined ? nodes : [...nodes, monitor]};
}

/** The request with its target by the name that the monitor uses; a container or a host of the configuration stands for its node. */
export function withTarget(situation: Situation, kind: ActionKind, request: Request): Outcome<Request> {
  const {node: word} = request;
  if (word === undefined) return good(request);
  const allowsMonitor = readUsage(kind.usage).parts.some(
    part => part.part === 'placeholder' && part.placeholder === 'NAME',
  );
  const name = nodeCalled(situation, word, allowsMonitor);
  if (name !== undefined) return good({...request, node: name});
  const {nodes, all} = targetNames(situation);
  const close = closestWord(word, allowsMonitor ? all : nodes);
  return bad('configuration', `no node, container or host is called ${word}`, {
    remedy: close === undefined ? `there are ${nodes.join(', ') || 'none'}` : `did you mean ${close}?`,
  });
}

function nodeCalled(situation: Situation, word: string, allowsMonitor: boolean): string | undefined {
  const {nodes} = situation.assessment;
  if (nodes.some(node => node.name === word)) return word;
  const monitor = monitorPlace(situation);
  if (allowsMonitor && monitor?.container === word) return word;
  const named = nodes.filter(node => node.container === word || node.host === word);
  if (named.length === 1) return named[0]?.name;
  // The monitor does not know a node that was dropped, or never joined: its container is what there is.
  const host = situation.snapshot.hosts.find(each => each.node?.container === word || each.name === word);
  return named.length === 0 ? host?.node?.container : undefined;
}
