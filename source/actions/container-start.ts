import {current} from '../cluster/sample.ts';
import type {ActionKind, Check, Plan, Progress, Request, Situation} from './action.ts';
import {isMonitor, monitorOf, nodeNamed, placeOf} from './cluster-facts.ts';
import {containerAction, containerStarted, containerStep, monitorIsBack, placeWords} from './container-target.ts';
import {warning} from './guards.ts';
import {nodeSettled} from './node-settled.ts';
import {isRegistered, lastPrimaryFirst, monitorIsThere} from './stopping-guards.ts';

/** `docker start` of a node's or the monitor's container. The monitor goes first (R59), the last primary before the standbys (R57). */
export const containerStart: ActionKind = {
  id: 'container-start',
  usage: 'container start NAME',
  title: 'Start container',
  help: 'start the container of a node or of the monitor',
  tier: 'reversible',
  of: request =>
    containerAction(containerStart, request, {
      noun: 'Start',
      from: ['exited', 'created', 'dead'],
      ...{guards, plan, verify},
      undo: 'container-stop',
    }),
};

function plan(situation: Situation, {node: name}: Request): Plan {
  const what = placeWords(placeOf(situation, name), name);
  return {
    meaning: [
      isMonitor(situation, name)
        ? `${what} starts; nodes that wait for it come up by themselves, as docker tries them again`
        : `${what} starts; the node catches up with the primary, rewound if it has to be`,
    ],
    steps: containerStep(situation, name, 'start'),
    confirmation: name ?? '',
    usualSeconds: 10,
    budgetSeconds: 120,
  };
}

function guards(situation: Situation, {node: name}: Request): readonly Check[] {
  if (isMonitor(situation, name)) return [nodesComeUpInOrder(situation)];
  const reading = monitorOf(situation);
  if (reading === undefined) return [monitorIsThere(situation)];
  const node = nodeNamed(situation, name);
  return [
    monitorIsThere(situation),
    isRegistered(node, name),
    ...(node === undefined ? [] : [lastPrimaryFirst(reading, node)]),
  ];
}

/** R57: nodes that loop until the monitor is there start together when it is. */
function nodesComeUpInOrder({snapshot}: Situation): Check {
  const down = snapshot.hosts.filter(host => host.node !== undefined && current(host.postgres) === undefined);
  const waiting = down.filter(host => {
    const state = current(host.containers)?.find(each => each.name === host.node?.container)?.state;
    return state === 'restarting' || state === 'running';
  });
  const nodes = snapshot.hosts.filter(host => host.node !== undefined);
  const together = nodes.length > 1 && down.length === nodes.length && waiting.length > 1;
  return warning(
    'cold-start',
    !together,
    'nodes do not all start with it at the same moment',
    together
      ? `R57: ${waiting.map(host => host.node?.container).join(', ')} wait for it; stop the standbys first, or one may be promoted without an election`
      : `${nodes.length - down.length} of ${nodes.length} nodes serve`,
  );
}

function verify(before: Situation, now: Situation, {node: name}: Request): Progress {
  const started = containerStarted(before, now, name);
  if (started.state !== 'done') return started;
  return isMonitor(now, name) ? monitorIsBack(before, now) : nodeSettled(before, now, name);
}
