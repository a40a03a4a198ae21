import {current} from '../cluster/sample.ts';
import type {Container, MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {Check, Progress, Situation, Step} from './action.ts';
import {
  isHealthyStandby,
  isPrimaryLike,
  isReachable,
  isStablePrimary,
  monitorAge,
  monitorOf,
  nodeNamed,
  type Place,
  primaryOf,
  reportsNow,
  standbysOf,
} from './cluster-facts.ts';
import {docker, onMonitor} from './commands.ts';
import {check, describe, seconds, warning} from './guards.ts';
import {movingNodes} from './new-primary.ts';

/** A keeper that has been silent for so long is not waited for. */
const silentSeconds = 10;

/**
 * The commands that take a node out of the cluster and keep it out. Docker must not start its container again: one whose command is
 * `pg_autoctl create postgres … --run` registers within a second under its old number, one with `run` ends for ever with status 12
 * (R15). So the restart policy comes first, and a keeper that is alive takes note of the drop before it is stopped.
 */
export function leavingSteps(situation: Situation, node: MonitorNode, place: Place | undefined): readonly Step[] {
  const reachable = place !== undefined && isReachable(place) && place.inspected !== undefined;
  const drop = dropStep(situation, node);
  if (!reachable) return drop === undefined ? [] : [drop];
  const [before, after] = [keepDown(situation, place), stopContainer(situation, place)];
  if (drop === undefined) return [before, after];
  // A silent node may be on a machine that is gone, and nobody knows that yet: it must not hold up the drop.
  return isSilent(situation, node) ? [drop, before, after] : [before, drop, after];
}

/** Deletes the row of a node that will not report that it was dropped, and nothing else: the plain drop before has done the rest (R38, R49). */
export function forgetSteps(situation: Situation, node: MonitorNode): readonly Step[] {
  const {formation} = situation.snapshot.cluster;
  const argv = ['drop', 'node', '--formation', formation, '--name', node.name, '--force', '--wait', '0'];
  const step = onMonitor(situation, argv);
  if (step === undefined) return [];
  return [
    {
      ...step,
      title: `${node.name} will not report any more: its row is deleted`,
      holds: now => isGone(now, node.name),
      preflight: now => {
        const row = nodeNamed(now, node.name);
        const primary = primaryWithout(now, node);
        const checks = [
          check(
            'dropped',
            row?.assignedState === 'dropped',
            `${node.name} was dropped before`,
            row?.assignedState ?? '',
          ),
          check(
            'election',
            primary !== undefined,
            'another node is the primary, and in a stable state',
            primary === undefined ? 'no node is: an election may still need this row' : primary.name,
          ),
        ];
        return checks.map(each => ({...each, absolute: true as const}));
      },
      until: (_before, now) =>
        isGone(now, node.name)
          ? {state: 'done', message: `${node.name} is gone from the monitor`}
          : {state: 'pending', waitingFor: `the monitor to forget ${node.name}`},
    },
  ];
}

/** True when the monitor answers and has no row of that name. */
export function isGone(situation: Situation, name: string): boolean {
  return monitorOf(situation) !== undefined && nodeNamed(situation, name) === undefined;
}

/** What speaks against taking a node out: it is the primary, or the last standby that could help it. */
export function leavingGuards(situation: Situation, reading: MonitorReading, node: MonitorNode): readonly Check[] {
  const primary = primaryOf(reading, node.group);
  return [
    isNotThePrimary(situation, node),
    ...(primary === node ? [] : [groupHasPrimary(situation, node), standbyIsLeft(situation, reading, primary, node)]),
  ];
}

/** R20: without its primary a group elects nobody. One that a failover replaced is reported as primary until it comes back. */
function isNotThePrimary(situation: Situation, node: MonitorNode): Check {
  const title = `${node.name} is not the primary`;
  const words = describe(node, monitorAge(situation));
  if (!isPrimaryLike(node)) return check('not-primary', true, title, words);
  const successor = primaryWithout(situation, node);
  if (isPrimaryLike({...node, reportedState: node.assignedState}) || successor === undefined) {
    const evidence = `${words}; make another node the primary first: :switchover`;
    return {...check('not-primary', false, title, evidence), absolute: true};
  }
  return warning(
    'not-primary',
    false,
    `${node.name} was the primary and has not reported since`,
    `${words}; ${successor.name} is the primary now. Be sure that its machine is off: nobody has seen it stop writing`,
  );
}

/** R05, R13: while nobody is the primary, a drop decides who is elected. */
export function groupHasPrimary(situation: Situation, node: MonitorNode): Check {
  const primary = primaryWithout(situation, node);
  return check(
    'primary',
    primary !== undefined && reportsNow(situation, primary),
    'there is a primary in a stable state',
    primary === undefined
      ? `no node is: the election goes on without ${node.name}, and what only ${node.name} had is lost (R05)`
      : describe(primary, monitorAge(situation)),
  );
}

function standbyIsLeft(
  situation: Situation,
  reading: MonitorReading,
  primary: MonitorNode | undefined,
  node: MonitorNode,
): Check {
  const others = standbysOf(reading, primary).filter(each => each !== node && each.group === node.group);
  const healthy = others.filter(each => isHealthyStandby(situation, primary, each));
  const title = `${node.name} is not the last healthy standby`;
  if (healthy.length > 0)
    return check('last', true, title, `${healthy.map(each => each.name).join(', ')}: healthy and streaming`);
  const asynchronous = primary?.reportedState === 'wait_primary' && primary.assignedState === 'wait_primary';
  if (asynchronous && !isHealthyStandby(situation, primary, node))
    return check('last', true, title, `${primary.name} is wait_primary: it waits for no standby already`);
  if (others.length > 0) {
    const states = others.map(each => `${each.name}: ${describe(each, monitorAge(situation))}`).join('; ');
    const evidence = `no other is healthy (${states}): commits would wait, and the primary in apply_settings (R03, R04)`;
    return check('last', false, title, evidence);
  }
  if (!isHealthyStandby(situation, primary, node))
    return check('last', true, title, 'it is not healthy; the primary goes on alone, and waits for nobody');
  return check('last', false, title, 'it is the only standby: the next failure would end writes, and lose the newest');
}

/** The other node of the group that is the primary and has nothing under way. */
function primaryWithout(situation: Situation, node: MonitorNode): MonitorNode | undefined {
  return monitorOf(situation)?.nodes.find(
    each =>
      each.group === node.group &&
      each.name !== node.name &&
      (isStablePrimary(each) ||
        ['wait_primary', 'single'].some(state => each.reportedState === state && each.assignedState === state)),
  );
}

/** Docker does not start it again by itself, not even after a reboot. */
export function keepDown(situation: Situation, place: Place): Step {
  return {
    ...docker(situation, place, ['update', '--restart=no', place.container]),
    title: 'so that docker does not bring it back (R15)',
    holds: now => containerAt(now, place)?.restartPolicy === 'no',
  };
}

/** Its keeper has ended by itself when it was told of the drop; what still runs is stopped. */
export function stopContainer(situation: Situation, place: Place): Step {
  return {
    ...docker(situation, place, ['stop', '-t', '60', place.container]),
    holds: now => isStopped(now, place),
    until: (_before, now) =>
      isStopped(now, place)
        ? {state: 'done', message: `${place.container} is stopped`}
        : {state: 'pending', waitingFor: `${place.container} to stop`},
  };
}

/** True when docker says that it does not run; false as well when docker cannot be asked. */
export function isStopped(situation: Situation, place: Place): boolean {
  const state = containerAt(situation, place)?.state;
  return state !== undefined && ['exited', 'created', 'dead'].includes(state);
}

/** The container as it is in this situation. */
export function containerAt({snapshot}: Situation, {host, container}: Place): Container | undefined {
  const containers = current(snapshot.hosts.find(each => each.name === host.name)?.containers);
  return containers?.find(each => each.name === container);
}

function dropStep(situation: Situation, node: MonitorNode): Step | undefined {
  const {formation} = situation.snapshot.cluster;
  const silent = isSilent(situation, node);
  const wait = silent ? '0' : '60';
  const step = onMonitor(situation, ['drop', 'node', '--formation', formation, '--name', node.name, '--wait', wait]);
  if (step === undefined) return undefined;
  return {
    ...step,
    // It waits for a keeper that may end before it has said so.
    tolerates: [6, 12],
    holds: now => isGone(now, node.name) || nodeNamed(now, node.name)?.assignedState === 'dropped',
    until: (_before, now) => dropped(now, node),
  };
}

/** Out of the cluster: without a row, or with one that only a silent keeper could take away; and the primary has taken note. */
function dropped(now: Situation, node: MonitorNode): Progress {
  const row = nodeNamed(now, node.name);
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  if (row !== undefined && row.assignedState !== 'dropped')
    return {state: 'unchanged', message: `the monitor still has ${node.name} as ${row.assignedState}`};
  if (row !== undefined && !isSilent(now, row))
    return {state: 'pending', waitingFor: `${node.name} to take note that it is dropped`};
  if (primaryWithout(now, node) === undefined) return {state: 'pending', waitingFor: movingNodes(reading)};
  return {
    state: 'done',
    message: row === undefined ? `${node.name} is gone from the monitor` : `${node.name} is dropped, and silent`,
  };
}

export function isSilent(situation: Situation, node: MonitorNode): boolean {
  return node.reportAgeSeconds + monitorAge(situation) > silentSeconds;
}

/** For the evidence of checks. */
export function silence(situation: Situation, node: MonitorNode): string {
  return `${node.name} reported ${seconds(node.reportAgeSeconds + monitorAge(situation))} ago`;
}
