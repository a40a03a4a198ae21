import type {ActionKind, Check, Plan, Progress, Request, Situation} from './action.ts';
import {isMonitor, monitorOf, nodeNamed, placeOf, primaryOf, standbysOf} from './cluster-facts.ts';
import {containerAction, containerStep, placeWords} from './container-target.ts';
import {check, warning} from './guards.ts';
import {anotherPrimary} from './new-primary.ts';
import {monitorStoppingGuards, stoppingGuards} from './stopping-guards.ts';

/** `docker stop` of a node's or the monitor's container, with time to end in good order. Of a primary it is a failure to the monitor (R02). */
export const containerStop: ActionKind = {
  id: 'container-stop',
  usage: 'container stop NAME',
  title: 'Stop container',
  help: 'stop the container of a node or of the monitor',
  tier: 'service',
  of: request =>
    containerAction(containerStop, request, {
      noun: 'Stop',
      from: ['running', 'paused', 'restarting'],
      ...{guards, plan, verify},
      undo: 'container-start',
    }),
};

function guards(situation: Situation, {node: name}: Request): readonly Check[] {
  if (isMonitor(situation, name)) return monitorStoppingGuards(situation, 'until it is started again');
  const reading = monitorOf(situation);
  if (reading === undefined)
    return [
      check(
        'monitor',
        false,
        'the monitor answers',
        'R19: it does not; a primary that loses its last standby too stops itself, and a stopped node does not come up again (R59)',
      ),
    ];
  const node = nodeNamed(situation, name);
  if (node === undefined) return [];
  const elects = standbysOf(reading, primaryOf(reading, node.group)).length > 1 && node.replicationQuorum;
  return [
    ...stoppingGuards(situation, reading, node, {what: 'a stop of its container', outage: 'about 50 s (R02)'}),
    warning(
      'election',
      !elects,
      'a failover can complete without it',
      elects
        ? `while it is stopped an election waits for it, without a primary (R05, R07); for a long time: :outage begin ${name}`
        : 'it is not needed for one',
    ),
  ];
}

function plan(situation: Situation, {node: name}: Request): Plan {
  const isPrimary = wasPrimary(situation, name);
  const what = placeWords(placeOf(situation, name), name);
  return {
    meaning: isMonitor(situation, name)
      ? [`${what} stops; writes go on`, 'there is no failover until it is started again']
      : isPrimary
        ? [
            `${what} stops; the monitor waits 20 s for it, then 30 s for its fence, then promotes a standby`,
            'clients see about 50 s without a writable primary: a switchover first makes that 3 s',
          ]
        : [`${what} stops, and stays stopped also when its machine restarts; the primary keeps WAL for it`],
    steps: containerStep(situation, name, 'stop'),
    confirmation: name ?? '',
    usualSeconds: isPrimary ? 55 : 5,
    budgetSeconds: isPrimary ? 150 : 90,
  };
}

function wasPrimary(situation: Situation, name: string | undefined): boolean {
  const reading = monitorOf(situation);
  const node = nodeNamed(situation, name);
  return reading !== undefined && node !== undefined && primaryOf(reading, node.group) === node;
}

function verify(before: Situation, now: Situation, {node: name}: Request): Progress {
  const is = placeOf(now, name)?.inspected;
  if (is === undefined) return {state: 'pending', waitingFor: `docker to show ${name}`};
  if (is.state !== 'exited') return {state: 'unchanged', message: `the container of ${name} is ${is.state}`};
  const reading = monitorOf(before);
  const node = nodeNamed(before, name);
  const replaced =
    reading !== undefined && node !== undefined && wasPrimary(before, name) && standbysOf(reading, node).length > 0;
  if (!replaced) return {state: 'done', message: `the container of ${name} is stopped`};
  const election = anotherPrimary(before, now);
  if (election.state === 'done')
    return {...election, message: `the container of ${name} is stopped; ${election.message}`};
  return {state: 'pending', waitingFor: election.state === 'pending' ? election.waitingFor : 'the monitor to notice'};
}
