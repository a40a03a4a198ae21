import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {Check, Progress, Situation, Step} from './action.ts';
import {
  candidatesOf,
  isHealthyStandby,
  isInMaintenance,
  isSecondary,
  monitorOf,
  nodeNamed,
  type Place,
  primaryOf,
  reportsNow,
  standbysOf,
} from './cluster-facts.ts';
import {
  check,
  clientsOfPrimary,
  monitorIsFresh,
  nothingUnderWay,
  primaryIsStable,
  quorumReports,
  someoneCanBePromoted,
  warning,
} from './guards.ts';
import {maintenanceOff, maintenanceOn} from './maintenance.ts';
import {both, canReachAll, nodePlaces, nothingMoves, stepsOf} from './procedure.ts';
import {promotion} from './promotion.ts';

/** A node whose container is to be started anew: by which command, and how to know that it was. */
export type Restart = {name: string; place: Place; command: Step; isRestarted(situation: Situation): boolean};

/** What has to hold before containers are started anew one after the other. */
export function rollingGuards(situation: Situation, reading: MonitorReading): readonly Check[] {
  const primary = primaryOf(reading);
  const resting = reading.nodes.filter(isInMaintenance);
  return [
    monitorIsFresh(situation),
    primaryIsStable(situation, primary),
    canReachAll(nodePlaces(situation)),
    ...quorumReports(situation, reading, primary).filter(each => !resting.some(node => each.id.endsWith(node.name))),
    nothingUnderWay(reading),
    someoneCanBePromoted(reading, primary),
    ...clientsOfPrimary(situation, primary),
    ...resting.map(node =>
      warning(
        'maintenance',
        false,
        `${node.name} is not in maintenance`,
        'it is restarted, and serves again then (R47)',
      ),
    ),
  ];
}

/** The standbys in maintenance, then a switchover, then the old primary (R55, R56): there is always one that can be failed over to. */
export function rollingSteps(
  situation: Situation,
  reading: MonitorReading,
  restarts: readonly Restart[],
): readonly Step[] {
  return groupsOf(reading).flatMap(group => stepsOfGroup(situation, reading, group, restarts));
}

/** What is left of it, or that every one was started anew and all is at rest. */
export function rollingProgress(now: Situation, restarts: readonly Restart[]): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const left = restarts.filter(each => !each.isRestarted(now));
  if (left.length > 0) return {state: 'unchanged', message: `not restarted: ${left.map(each => each.name).join(', ')}`};
  const resting = reading.nodes.find(isInMaintenance);
  if (resting !== undefined) return {state: 'pending', waitingFor: `the end of the maintenance of ${resting.name}`};
  const behind = reading.nodes.find(
    node =>
      restarts.some(each => each.name === node.name) && !isSecondary(node) && primaryOf(reading, node.group) !== node,
  );
  if (behind !== undefined) return {state: 'pending', waitingFor: wordsOf(behind)};
  const primary = primaryOf(reading);
  return both(nothingMoves(now), () => ({
    state: 'done',
    message: `${restarts.length} containers were restarted; ${primary?.name ?? 'no node'} is the primary`,
  }));
}

function groupsOf(reading: MonitorReading): readonly number[] {
  return [...new Set(reading.nodes.map(node => node.group))];
}

function stepsOfGroup(
  situation: Situation,
  reading: MonitorReading,
  group: number,
  restarts: readonly Restart[],
): readonly Step[] {
  const primary = primaryOf(reading, group);
  const restartOf = (node: MonitorNode) => restarts.filter(each => each.name === node.name);
  const standbys = standbysOf(reading, primary).filter(node => node.group === group);
  const [successor] = candidatesOf(reading, primary).filter(node => node.group === group);
  const last = primary === undefined ? [] : restartOf(primary);
  return [
    ...standbys.flatMap(restartOf).flatMap(each => restartSteps(situation, each)),
    ...last.flatMap(each => (successor === undefined ? [] : switchAway(situation, each, successor.name))),
    ...last.flatMap(each => restartSteps(situation, each)),
  ];
}

function restartSteps(situation: Situation, restart: Restart): readonly Step[] {
  const {name, command, isRestarted} = restart;
  const node = (now: Situation) => nodeNamed(now, name);
  const resting = (now: Situation) => node(now)?.reportedState === 'maintenance';
  const serving = (now: Situation) => {
    const seen = node(now);
    return seen !== undefined && isSecondary(seen) && seen.health === 'good' && seen.postgresRunning;
  };
  return [
    ...stepsOf(situation, maintenanceOn.of({node: name}), now => isRestarted(now) || resting(now)),
    {
      ...command,
      holds: isRestarted,
      preflight: now => [
        check('maintenance', resting(now), `${name} is in maintenance`, node(now)?.reportedState ?? ''),
      ],
      until: (_before, now) => isBack(now, restart),
    },
    ...stepsOf(
      situation,
      maintenanceOff.of({node: name}),
      now => isRestarted(now) && serving(now),
      (_before, now) =>
        both(serving(now) ? standbysServe(now) : {state: 'pending', waitingFor: wordsOf(node(now))}, () =>
          nothingMoves(now),
        ),
    ),
  ];
}

/** What the next step asks for: the monitor calls a node secondary before it is seen to stream. */
function standbysServe(now: Situation): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const late = reading.nodes.find(
    node => isSecondary(node) && node.replicationQuorum && !isHealthyStandby(now, primaryOf(reading, node.group), node),
  );
  return late === undefined ? done : {state: 'pending', waitingFor: `${late.name} to be healthy and to stream`};
}

const done: Progress = {state: 'done', message: 'it serves'};

function switchAway(situation: Situation, {name, isRestarted}: Restart, successor: string): readonly Step[] {
  const isOther = (now: Situation) => {
    const node = nodeNamed(now, name);
    return node !== undefined && (isSecondary(node) || isInMaintenance(node));
  };
  const action = promotion.of({node: successor});
  return stepsOf(
    situation,
    action,
    now => isRestarted(now) || isOther(now),
    (before, now) =>
      both(action.verify(before, now, []), () =>
        both(isOther(now) ? standbysServe(now) : {state: 'pending', waitingFor: wordsOf(nodeNamed(now, name))}, () =>
          nothingMoves(now),
        ),
      ),
  );
}

/** In maintenance its keeper leaves Postgres alone, also stopped (R47): that it reports is all there is to see. */
function isBack(now: Situation, {name, isRestarted}: Restart): Progress {
  const node = nodeNamed(now, name);
  if (!isRestarted(now)) return {state: 'pending', waitingFor: `the container of ${name} to start`};
  return node !== undefined && reportsNow(now, node)
    ? {state: 'done', message: `the keeper of ${name} reports`}
    : {state: 'pending', waitingFor: `the keeper of ${name} to report`};
}

function wordsOf(node: MonitorNode | undefined): string {
  return node === undefined ? 'the monitor to answer' : `${node.name}: ${node.reportedState} -> ${node.assignedState}`;
}
