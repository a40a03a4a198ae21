import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {Action, ActionKind, Check, Plan, Progress, Request, Situation, Step} from './action.ts';
import {allOf, mayChange, monitorAnswers, nodeIsKnown, unavailable} from './availability.ts';
import {
  freshReportSeconds,
  isHealthyStandby,
  isInMaintenance,
  isReachable,
  isSecondary,
  isStablePrimary,
  monitorOf,
  nodeNamed,
  placeOf,
  primaryOf,
  standbysOf,
  streams,
} from './cluster-facts.ts';
import {inContainer, monitorFunction} from './commands.ts';
import {check, describe, electionGuards, monitorIsFresh, seconds, warning, withNode} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {anotherPrimary} from './new-primary.ts';

/**
 * Takes a node out for a while: `pg_autoctl enable maintenance` in its container. On the primary it is a failover that goes on after the
 * command has returned. A node in maintenance is not counted in elections (R06), and `number-sync-standbys` may then block writes.
 */
export const maintenanceOn: ActionKind = {
  id: 'maintenance-on',
  key: 'M',
  usage: 'maintenance on NODE [--allow-failover]',
  title: 'Maintenance',
  help: 'take the selected node out of service for a while',
  tier: 'reversible',
  // The dialog says that it is a failover, and asks as for one.
  byKey(situation, request) {
    const reading = monitorOf(situation);
    const node = nodeNamed(situation, request.node);
    const isPrimary = reading !== undefined && node !== undefined && primaryOf(reading, node.group) === node;
    return isPrimary ? {...request, options: ['allow-failover']} : request;
  },
  of: request => ({
    kind: maintenanceOn,
    request,
    title: `Maintenance of ${request.node ?? 'a node'}`,
    tier: 'service',
    available(situation) {
      const known = knownNode(situation, request);
      const node = nodeNamed(situation, request.node);
      if (!known.available || node === undefined) return known;
      return isInMaintenance(node) ? unavailable(`${node.name} is in maintenance`) : known;
    },
    preflight: situation =>
      withNode(situation, request.node, (reading, node) => guardsOn(situation, reading, node, request)),
    plan: situation => planOn(situation, request),
    verify: (before, now) => verifyOn(before, now, request.node),
    identity: situation => nodeIdentity(situation, request.node),
    undo: () => ({kind: 'maintenance-off', request: {...(request.node === undefined ? {} : {node: request.node})}}),
  }),
};

/** Lets a node come back: `pg_autoctl disable maintenance` in its container, or by the monitor's function where the VM cannot be reached. */
export const maintenanceOff: ActionKind = {
  id: 'maintenance-off',
  key: 'M',
  usage: 'maintenance off NODE',
  title: 'End maintenance',
  help: 'let the selected node serve again',
  tier: 'reversible',
  of: (request): Action => ({
    kind: maintenanceOff,
    request,
    title: `End of maintenance of ${request.node ?? 'a node'}`,
    tier: 'reversible',
    available(situation) {
      const known = knownNode(situation, request);
      const node = nodeNamed(situation, request.node);
      if (!known.available || node === undefined) return known;
      return isInMaintenance(node) ? known : unavailable(`${node.name} is not in maintenance`);
    },
    preflight: situation => withNode(situation, request.node, guardsOff),
    plan: situation => ({
      meaning: [`${request.node} starts Postgres, catches up with the primary and takes part in elections again`],
      steps: steps(situation, request, 'disable', []),
      confirmation: request.node ?? '',
      usualSeconds: 3,
      budgetSeconds: 60,
    }),
    verify: (_before, now) => verifyOff(now, request.node),
    identity: situation => nodeIdentity(situation, request.node),
  }),
};

function knownNode(situation: Situation, {node}: Request) {
  return allOf(mayChange(situation), monitorAnswers(situation), nodeIsKnown(situation, node));
}

function guardsOn(
  situation: Situation,
  reading: MonitorReading,
  node: MonitorNode,
  request: Request,
): readonly Check[] {
  const primary = primaryOf(reading, node.group);
  return node === primary
    ? [allowsFailover(node, request), ...electionGuards(situation, reading, node)]
    : guardsOfStandby(situation, reading, node, primary);
}

function allowsFailover(node: MonitorNode, {options = []}: Request): Check {
  return check(
    'allow-failover',
    options.includes('allow-failover'),
    `${node.name} is the primary: its maintenance is a failover`,
    'pg_autoctl refuses it without --allow-failover: type :maintenance on NODE --allow-failover',
  );
}

function guardsOfStandby(
  situation: Situation,
  reading: MonitorReading,
  node: MonitorNode,
  primary: MonitorNode | undefined,
): readonly Check[] {
  const left = standbysOf(reading, primary).filter(
    each => each !== node && each.replicationQuorum && isHealthyStandby(situation, primary, each),
  );
  const absent = streams(situation, primary, node) === false;
  const needed = reading.formation.numberSyncStandbys;
  const others = standbysOf(reading, primary).filter(each => each !== node);
  return [
    monitorIsFresh(situation),
    // R48: the monitor refuses with any other primary, a wait_primary too.
    check(
      'primary',
      primary !== undefined && isStablePrimary(primary),
      'the primary is stable: the monitor allows maintenance only then',
      primary === undefined ? 'no node is primary now' : describe(primary, 0),
    ),
    check(
      'target',
      ['secondary', 'catchingup'].includes(node.reportedState),
      `${node.name} is a standby that can be taken out`,
      describe(node, 0),
    ),
    check(
      'writes',
      !node.replicationQuorum || absent || left.length >= Math.max(needed, 1) || needed === 0,
      `enough synchronous standbys are left for writes`,
      // R30: one that is cut off acknowledges nothing; in maintenance it is not counted any more, and sync-standbys 0 frees the writes.
      absent
        ? `${node.name} does not stream: its maintenance takes nothing away`
        : `${left.length} left, number-sync-standbys is ${needed}: ${
            left.length >= needed
              ? 'writes go on'
              : 'every commit would wait until it is back; set sync-standbys 0 first'
          }`,
    ),
    // R06, R07: while it lasts, an election may not complete.
    warning(
      'election',
      others.length === 0 || needed === 0 || !node.replicationQuorum,
      'a failover could still complete',
      `with ${node.name} in maintenance a failover waits for it (R06); for a long outage: :outage begin ${node.name}`,
    ),
  ];
}

function guardsOff(reading: MonitorReading, node: MonitorNode): readonly Check[] {
  return [
    check(
      'target',
      node.reportedState === 'maintenance' && node.assignedState === 'maintenance',
      `${node.name} is in maintenance`,
      describe(node, 0),
    ),
    check(
      'keeper',
      node.reportAgeSeconds <= freshReportSeconds,
      `the keeper of ${node.name} reports`,
      `${seconds(node.reportAgeSeconds)} ago${node.reportAgeSeconds <= freshReportSeconds ? '' : ': start its container first'}`,
    ),
    warning(
      'primary',
      primaryOf(reading, node.group) !== undefined,
      'there is a primary to follow',
      'without one it takes part in the election instead (R06)',
    ),
  ];
}

function planOn(situation: Situation, request: Request): Plan {
  const reading = monitorOf(situation);
  const node = nodeNamed(situation, request.node);
  const isPrimary = reading !== undefined && node !== undefined && primaryOf(reading, node.group) === node;
  const allowed = request.options?.includes('allow-failover') === true;
  return {
    meaning: isPrimary
      ? [
          `another node becomes the primary first; then Postgres on ${request.node} stops until maintenance ends`,
          'clients see about 3 s without a writable primary; open transactions are lost',
        ]
      : [
          `Postgres on ${request.node} may be stopped, restarted or patched; the monitor leaves it alone`,
          'it is not counted in elections meanwhile, and the primary keeps WAL for it (R47)',
        ],
    steps: steps(situation, request, 'enable', allowed ? ['--allow-failover'] : []),
    confirmation: request.node ?? '',
    usualSeconds: isPrimary ? 5 : 2,
    budgetSeconds: 90,
  };
}

/** In the node's container; by the monitor's function where its VM cannot be reached. */
function steps(
  situation: Situation,
  {node: name}: Request,
  what: 'enable' | 'disable',
  more: readonly string[],
): readonly Step[] {
  const place = placeOf(situation, name);
  if (place !== undefined && isReachable(place) && place.inspected?.state === 'running') {
    return [{...inContainer(situation, place, ['pg_autoctl', what, 'maintenance', ...more]), tolerates: gaveUpWaiting}];
  }
  const id = nodeNamed(situation, name)?.id;
  const call = what === 'enable' ? `start_maintenance(${id})` : `stop_maintenance(${id})`;
  const step = id === undefined ? undefined : monitorFunction(situation, call);
  const title = `by the monitor's function: ${place === undefined ? 'no container is known' : `${place.host.name} or its container does not answer`}`;
  return step === undefined ? [] : [{...step, title}];
}

/** pg_autoctl waits 60 s and then fails, while the change goes on. */
const gaveUpWaiting: readonly number[] = [6, 12];

function verifyOn(before: Situation, now: Situation, name: string | undefined): Progress {
  const node = nodeNamed(now, name);
  if (node === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const was = nodeNamed(before, name);
  const old = monitorOf(before);
  const settled = node.reportedState === 'maintenance' && node.assignedState === 'maintenance';
  const wasPrimary = old !== undefined && was !== undefined && primaryOf(old, was.group) === was;
  if (settled && wasPrimary) {
    const election = anotherPrimary(before, now);
    return election.state === 'done'
      ? {...election, message: `${name} is in maintenance; ${election.message}`}
      : election;
  }
  if (settled) return {state: 'done', message: `${name} is in maintenance on the monitor`};
  if (isInMaintenance(node) || node.reportedState !== node.assignedState)
    return {state: 'pending', waitingFor: `${name}: ${node.reportedState} -> ${node.assignedState}`};
  return {state: 'unchanged', message: `${name} is ${node.reportedState}, not in maintenance`};
}

function verifyOff(now: Situation, name: string | undefined): Progress {
  const node = nodeNamed(now, name);
  if (node === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const serves = isSecondary(node) || isStablePrimary(node);
  if (serves) return {state: 'done', message: `${name} is ${node.reportedState} again`};
  if (node.reportedState === 'maintenance' && node.assignedState === 'maintenance')
    return {state: 'unchanged', message: `${name} is still in maintenance`};
  return {state: 'pending', waitingFor: `${name}: ${node.reportedState} -> ${node.assignedState}`};
}
