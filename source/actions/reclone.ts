import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Check, Plan, Progress, Situation, Step} from './action.ts';
import {allOf, containerIsReachable, mayChange, monitorAnswers, unavailable} from './availability.ts';
import {monitorOf, nodeNamed, type Place, placeOf} from './cluster-facts.ts';
import {literal, monitorFunction} from './commands.ts';
import {check, monitorIsFresh, nothingUnderWay, warning, withMonitor} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {hasPrimaryToFollow, joined, joiningGuards, joiningSteps, nodeIn, onFilesOf} from './joining.ts';
import {forgetSteps, isGone, isStopped, leavingGuards, leavingSteps, stopContainer} from './leaving.ts';

/**
 * Deletes the data of a standby that cannot follow any more and copies the primary's anew (R25, R28): out of the cluster, PGDATA emptied,
 * in again. Its configuration file stays, as it may hold what no command line does: the replication password, changed timeouts.
 */
export const reclone: ActionKind = {
  id: 'reclone',
  usage: 'reclone NODE',
  title: 'Re-clone',
  help: 'delete the data of a standby and copy that of the primary anew',
  tier: 'destructive',
  of: ({node: name}) => ({
    kind: reclone,
    request: {...(name === undefined ? {} : {node: name})},
    title: `Re-clone ${name ?? 'a node'}`,
    tier: 'destructive',
    available(situation) {
      const known = allOf(mayChange(situation), monitorAnswers(situation), containerIsReachable(situation, name));
      const place = placeOf(situation, name);
      return known.available && place?.inspected === undefined
        ? unavailable(`docker has no container ${place?.container ?? name}`)
        : known;
    },
    preflight: situation =>
      withMonitor(situation, reading => {
        const place = placeOf(situation, name);
        return place === undefined ? [] : guards(situation, reading, place);
      }),
    plan: situation => plan(situation, name),
    verify(before, now) {
      const place = placeOf(now, name);
      return place === undefined
        ? {state: 'unchanged', message: `no container of ${name} is in the configuration`}
        : withItsSettings(before, now, place);
    },
    identity: situation => nodeIdentity(situation, name),
  }),
};

function guards(situation: Situation, reading: MonitorReading, place: Place): readonly Check[] {
  const node = nodeIn(situation, place);
  const directory = place.inspected?.making?.dataDirectory;
  return [
    monitorIsFresh(situation),
    ...joiningGuards(situation, place).map(absolute),
    absolute(
      check('directory', directory !== undefined, 'its data directory is known', directory ?? 'PGDATA is not set'),
    ),
    ...(node === undefined || node.assignedState === 'dropped' ? [] : leavingGuards(situation, reading, node)),
    nothingUnderWay(reading, node),
    warning('data', false, `nothing is needed of what only ${place.container} has`, 'its data is deleted first'),
  ];
}

/** Without a primary to copy from, or a way back, the data would be gone for nothing. */
function absolute(of: Check): Check {
  return {...of, absolute: true};
}

function plan(situation: Situation, name = ''): Plan {
  const place = placeOf(situation, name);
  return {
    meaning: [
      `everything in PGDATA of ${name} is deleted, and the primary's data copied to it (pg_basebackup)`,
      'the primary reads all its data once for that; there is one standby fewer until it is done',
    ],
    steps: place === undefined ? [] : steps(situation, place),
    confirmation: name,
    usualSeconds: 30,
    budgetSeconds: 4 * 3600,
  };
}

function steps(situation: Situation, place: Place): readonly Step[] {
  const node = nodeIn(situation, place);
  const leaving = node === undefined ? [] : [...leavingSteps(situation, node, place), ...forgetSteps(situation, node)];
  return [
    ...leaving,
    ...(node === undefined && !isStopped(situation, place) ? [stopContainer(situation, place)] : []),
    emptyData(situation, place, node),
    ...joiningSteps(situation, place),
    ...(node === undefined ? [] : settingsAgain(situation, node)),
  ];
}

function emptyData(situation: Situation, place: Place, node: MonitorNode | undefined): Step {
  const directory = place.inspected?.making?.dataDirectory ?? '';
  return {
    ...onFilesOf(situation, place, 'none', ['find', directory, '-mindepth', '1', '-delete']),
    title: 'deletes the data',
    preflight: now =>
      [
        hasPrimaryToFollow(now, node?.group),
        check('gone', node === undefined || isGone(now, node.name), 'the monitor knows the node no more', ''),
        check('stopped', isStopped(now, place), `${place.container} is stopped`, ''),
      ].map(absolute),
  };
}

function withItsSettings(before: Situation, now: Situation, place: Place): Progress {
  const progress = joined(now, place);
  const [was, is] = [nodeIn(before, place), nodeIn(now, place)];
  const same =
    was === undefined ||
    (was.replicationQuorum === is?.replicationQuorum &&
      (isUsual(was.candidatePriority) || was.candidatePriority === is.candidatePriority));
  return progress.state === 'done' && !same
    ? {state: 'pending', waitingFor: 'its settings, as they were before'}
    : progress;
}

/** 50 is what it gets by itself; outside of 0 to 100 it is no setting but an election (R50). */
function isUsual(priority: number): boolean {
  return priority === 50 || priority < 0 || priority > 100;
}

/** A node that registers gets its settings from its command line: those that a person changed are set again. */
function settingsAgain(
  situation: Situation,
  {name, candidatePriority, replicationQuorum}: MonitorNode,
): readonly Step[] {
  const of = `${literal(situation.snapshot.cluster.formation)}, ${literal(name)}`;
  const again = (call: string, holds: (node: MonitorNode) => boolean): readonly Step[] => {
    const step = monitorFunction(situation, call);
    const isSet = (now: Situation) => {
      const node = nodeNamed(now, name);
      return node !== undefined && holds(node);
    };
    const until = (_before: Situation, now: Situation): Progress =>
      isSet(now) && isSettled(now)
        ? {state: 'done', message: 'the primary has applied it'}
        : {state: 'pending', waitingFor: 'the primary to apply it'};
    return step === undefined ? [] : [{...step, title: 'as it was before', holds: isSet, until}];
  };
  const priority = `set_node_candidate_priority(${of}, ${candidatePriority})`;
  return [
    ...(isUsual(candidatePriority) ? [] : again(priority, node => node.candidatePriority === candidatePriority)),
    ...(replicationQuorum ? [] : again(`set_node_replication_quorum(${of}, false)`, node => !node.replicationQuorum)),
  ];
}

function isSettled(situation: Situation): boolean {
  return monitorOf(situation)?.nodes.every(each => each.reportedState === each.assignedState) === true;
}
