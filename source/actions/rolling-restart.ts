import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Check, Plan, Progress, Request, Situation, Step} from './action.ts';
import {allOf, mayChange, monitorAnswers} from './availability.ts';
import {
  candidatesOf,
  isInMaintenance,
  isSecondary,
  monitorOf,
  nodeNamed,
  type Place,
  placeOf,
  primaryOf,
  reportsNow,
  standbysOf,
} from './cluster-facts.ts';
import {docker} from './commands.ts';
import {
  check,
  clientsOfPrimary,
  monitorIsFresh,
  nothingUnderWay,
  primaryIsStable,
  quorumReports,
  someoneCanBePromoted,
  warning,
  withMonitor,
} from './guards.ts';
import {formationIdentity} from './identity.ts';
import {containerAt} from './leaving.ts';
import {maintenanceOff, maintenanceOn} from './maintenance.ts';
import {momentOf} from './moment.ts';
import {both, canReachAll, nodePlaces, nothingMoves, stepsOf} from './procedure.ts';
import {promotion} from './promotion.ts';

/**
 * Restarts the containers of all nodes, one at a time, without losing the ability to fail over for longer than one of them takes: the
 * standbys in maintenance, then a switchover, then the old primary (R55, R56). `--since` leaves out what was started after that time, so
 * that a restart that was interrupted goes on.
 */
export const rollingRestart: ActionKind = {
  id: 'rolling-restart',
  usage: 'rolling-restart [--since TIME]',
  title: 'Rolling restart',
  help: 'restart the containers of all nodes one after the other, the primary last',
  tier: 'service',
  of: request => ({
    kind: rollingRestart,
    request,
    title: rollingRestart.title,
    tier: 'service',
    available: situation => allOf(mayChange(situation), monitorAnswers(situation)),
    preflight: situation => withMonitor(situation, reading => guards(situation, reading, request)),
    plan: situation => plan(situation, request),
    verify: (before, now) => verify(before, now, request),
    identity: formationIdentity,
  }),
};

/** Containers that were all started within so long were probably begun with by an earlier run. */
const recentMs = 2 * 3_600_000;

/** A node that is to be restarted, and how to know that it was. */
type Restart = {name: string; place: Place; isRestarted(situation: Situation): boolean};

function guards(situation: Situation, reading: MonitorReading, request: Request): readonly Check[] {
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
    ...recentlyStarted(situation, request),
  ];
}

/** What an interrupted run has done already need not be done again. */
function recentlyStarted(situation: Situation, {since}: Request): readonly Check[] {
  if (since !== undefined) return [];
  const recent = nodePlaces(situation).filter(
    ({inspected}) => inspected?.startedAt !== undefined && situation.now - inspected.startedAt < recentMs,
  );
  if (recent.length === 0 || recent.length === nodePlaces(situation).length) return [];
  const oldest = Math.min(...recent.map(({inspected}) => inspected?.startedAt ?? situation.now));
  const minutes = Math.ceil((situation.now - oldest) / 60_000);
  const names = recent.map(place => place.container).join(', ');
  const evidence = `${names}; to leave out what was restarted already: :rolling-restart --since ${minutes}m`;
  return [warning('recent', false, 'no container was started lately', evidence)];
}

function restartsOf(situation: Situation, {since}: Request): readonly Restart[] {
  const moment = since === undefined ? undefined : momentOf(since, situation.now);
  return (monitorOf(situation)?.nodes ?? [])
    .filter(node => node.assignedState !== 'dropped')
    .flatMap(node => {
      const place = placeOf(situation, node.name);
      if (place === undefined) return [];
      const first = place.inspected?.startedAt;
      const isRestarted = (now: Situation) => {
        const at = containerAt(now, place)?.startedAt;
        return at !== undefined && (moment === undefined ? at !== first : at >= moment);
      };
      return [{name: node.name, place, isRestarted}];
    });
}

function plan(situation: Situation, request: Request): Plan {
  const reading = monitorOf(situation);
  const restarts = restartsOf(situation, request);
  const time = new Date(situation.now).toISOString().slice(0, 19);
  return {
    meaning: [
      'each standby is taken out, restarted and taken back; then another node becomes the primary, and the old one follows',
      'clients see about 3 s without a writable primary; open transactions are lost then',
      `to go on after an interruption: :rolling-restart --since ${request.since ?? `${time}Z`}`,
    ],
    steps:
      reading === undefined
        ? []
        : groupsOf(reading).flatMap(group => stepsOfGroup(situation, reading, group, restarts)),
    confirmation: situation.snapshot.cluster.name,
    usualSeconds: 20 * restarts.length,
    budgetSeconds: 180 * Math.max(1, restarts.length),
  };
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
  const {name, place, isRestarted} = restart;
  const node = (now: Situation) => nodeNamed(now, name);
  const resting = (now: Situation) => node(now)?.reportedState === 'maintenance';
  const serving = (now: Situation) => {
    const seen = node(now);
    return seen !== undefined && isSecondary(seen);
  };
  return [
    ...stepsOf(situation, maintenanceOn.of({node: name}), now => isRestarted(now) || resting(now)),
    {
      ...docker(situation, place, ['restart', '-t', '60', place.container]),
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
        both(serving(now) ? done : {state: 'pending', waitingFor: wordsOf(node(now))}, () => nothingMoves(now)),
    ),
  ];
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
        both(isOther(now) ? done : {state: 'pending', waitingFor: wordsOf(nodeNamed(now, name))}, () =>
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

function verify(before: Situation, now: Situation, request: Request): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const restarts = restartsOf(before, request);
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
