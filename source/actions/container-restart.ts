import type {ActionKind, Check, Plan, Progress, Request, Situation} from './action.ts';
import {isMonitor, monitorOf, nodeNamed, placeOf, primaryOf} from './cluster-facts.ts';
import {containerAction, containerStarted, containerStep, monitorIsBack, placeWords} from './container-target.ts';
import {nodeSettled} from './node-settled.ts';
import {isRegistered, monitorIsThere, monitorStoppingGuards, stoppingGuards} from './stopping-guards.ts';

/** `docker restart` of a node's or the monitor's container. Of a primary it is a failover, however quick it is (R56). */
export const containerRestart: ActionKind = {
  id: 'container-restart',
  usage: 'container restart NAME',
  title: 'Restart container',
  help: 'restart the container of a node or of the monitor',
  tier: 'service',
  of: request =>
    containerAction(containerRestart, request, {
      noun: 'Restart',
      from: ['running', 'paused', 'restarting'],
      guards,
      plan,
      verify,
    }),
};

function guards(situation: Situation, {node: name}: Request): readonly Check[] {
  if (isMonitor(situation, name)) return monitorStoppingGuards(situation, 'for 10 to 30 s');
  const reading = monitorOf(situation);
  if (reading === undefined) return [monitorIsThere(situation)];
  const node = nodeNamed(situation, name);
  return [
    monitorIsThere(situation),
    isRegistered(node, name),
    ...(node === undefined
      ? []
      : stoppingGuards(situation, reading, node, {what: 'a restart of its container', outage: 'about 10 s'})),
  ];
}

function plan(situation: Situation, {node: name}: Request): Plan {
  const reading = monitorOf(situation);
  const node = nodeNamed(situation, name);
  const isPrimary = reading !== undefined && node !== undefined && primaryOf(reading, node.group) === node;
  const what = placeWords(placeOf(situation, name), name);
  return {
    meaning: isMonitor(situation, name)
      ? [
          `${what} stops and starts again; writes go on`,
          'there is no failover until it answers and has heard the nodes',
        ]
      : isPrimary
        ? [
            `${what} stops and starts again; its first report says that Postgres does not run, and the monitor elects`,
            'clients see about 10 s without a writable primary; any standby can come out as the primary',
          ]
        : [`${what} stops and starts again; it catches up, and is secondary again after 5 to 10 s`],
    steps: containerStep(situation, name, 'restart'),
    confirmation: name ?? '',
    usualSeconds: 10,
    budgetSeconds: 120,
  };
}

function verify(before: Situation, now: Situation, {node: name}: Request): Progress {
  const started = containerStarted(before, now, name);
  if (started.state !== 'done') return started;
  return isMonitor(now, name) ? monitorIsBack(before, now) : nodeSettled(before, now, name);
}
