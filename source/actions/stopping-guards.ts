import {current} from '../cluster/sample.ts';
import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {Check, Situation} from './action.ts';
import {isHealthyStandby, monitorHost, monitorOf, placeOf, primaryOf, standbysOf, streams} from './cluster-facts.ts';
import {check, clientsOfPrimary, electionGuards, monitorIsFresh, nothingUnderWay, warning} from './guards.ts';

/** How a node goes away, and what that means where it is the primary. */
export type Stopping = {what: string; outage: string};

/**
 * What the others need while a node is away, be it for seconds: a primary is as good as switched over (R56), a standby must not be the one
 * that commits wait for (R58).
 */
export function stoppingGuards(
  situation: Situation,
  reading: MonitorReading,
  node: MonitorNode,
  stopping: Stopping,
): readonly Check[] {
  const primary = primaryOf(reading, node.group);
  if (node !== primary)
    return [
      monitorIsFresh(situation),
      writesGoOn(situation, reading, primary, node),
      // R55: nothing is stopped while anything else moves.
      nothingUnderWay(reading, node),
    ];
  const alone = ['wait_primary', 'single'].includes(node.reportedState) && node.reportedState === node.assignedState;
  return alone
    ? [
        monitorIsFresh(situation),
        warning(
          'outage',
          false,
          `${node.name} is the only node that can take writes`,
          'there are none until it is back',
        ),
        ...clientsOfPrimary(situation, node),
      ]
    : [
        warning(
          'outage',
          false,
          `R56: ${node.name} is the primary: a switchover first costs 3 s`,
          `${stopping.what} costs ${stopping.outage}: the monitor takes it for a failure, and elects`,
        ),
        ...electionGuards(situation, reading, node),
      ];
}

/** R58, R03: commits wait when too few synchronous standbys are left. */
function writesGoOn(
  situation: Situation,
  reading: MonitorReading,
  primary: MonitorNode | undefined,
  node: MonitorNode,
): Check {
  const left = standbysOf(reading, primary).filter(
    each => each !== node && each.replicationQuorum && isHealthyStandby(situation, primary, each),
  );
  // The monitor's value is that of group 0 only.
  const asynchronous = node.group === 0 && reading.synchronousStandbyNames === '';
  const needed = asynchronous ? 0 : Math.max(1, reading.formation.numberSyncStandbys);
  const counts = node.replicationQuorum && streams(situation, primary, node) !== false;
  const enough = !counts || left.length >= needed;
  const names = left.map(each => each.name).join(', ') || 'none';
  return check(
    'writes',
    enough,
    `writes go on without ${node.name}`,
    !counts
      ? `${node.name} acknowledges nothing now`
      : `R58: ${needed} ${needed === 1 ? 'standby has' : 'standbys have'} to acknowledge a commit; left and healthy: ${names}${enough ? '' : '; every commit would wait until it is back'}`,
  );
}

/** R59: pg_autoctl asks the monitor at its start whether the node was dropped, and gives up without an answer. */
export function monitorIsThere(situation: Situation): Check {
  const there = monitorOf(situation) !== undefined;
  return check(
    'monitor',
    there,
    'the monitor answers: a node asks it before it starts',
    there
      ? 'it does'
      : 'R59: it does not, and without it the node does not come up; start the monitor first (:container start)',
  );
}

/** R15: a dropped node restarts for ever, or registers anew with data that was never rewound. */
export function isRegistered(node: MonitorNode | undefined, name: string | undefined): Check {
  const registered = node !== undefined && node.assignedState !== 'dropped';
  return check(
    'registered',
    registered,
    `${name} is a node of this formation`,
    registered
      ? `node ${node.id}`
      : 'R15: the monitor has dropped it, or never knew it: started like this it restarts for ever, or joins as a new node',
  );
}

/** R57: when all are down the last primary goes first, or a standby is promoted without an election. */
export function lastPrimaryFirst(reading: MonitorReading, node: MonitorNode): Check {
  const group = reading.nodes.filter(each => each.group === node.group);
  const silence = reading.settings.nodeConsideredUnhealthyTimeout / 1000;
  const cold = group.length > 1 && group.every(each => each.reportAgeSeconds > silence);
  const last = primaryOf(reading, node.group);
  const passes = !cold || last === undefined || last === node;
  return check(
    'cold-start',
    passes,
    'what has to run before it runs',
    passes
      ? cold
        ? `every node is down, and ${node.name} was the last primary`
        : 'other nodes of the group report'
      : `R57: every node is down, and ${last.name} was the last primary: start it first, wait until it is primary, then the others`,
  );
}

/** R19: without the monitor and without a standby the primary stops itself. */
export function monitorStoppingGuards(situation: Situation, forHowLong: string): readonly Check[] {
  const reading = monitorOf(situation);
  const primaries = situation.snapshot.hosts
    .map(host => current(host.postgres))
    .filter(postgres => postgres !== undefined && !postgres.inRecovery);
  const rows = primaries.flatMap(postgres => postgres?.replication ?? []).filter(row => row.state === 'streaming');
  const told = reading === undefined ? undefined : primaryOf(reading);
  const streaming = primaries.length > 0 ? rows.length > 0 : told !== undefined && told.replicationState !== 'unknown';
  const sameMachine = reading?.nodes.find(
    node => placeOf(situation, node.name)?.host === monitorHost(situation) && monitorHost(situation) !== undefined,
  );
  const onlyThere = sameMachine !== undefined && rows.length > 0 && rows.every(row => row.nodeId === sameMachine.id);
  return [
    ...(reading === undefined ? [] : [monitorIsFresh(situation), nothingUnderWay(reading)]),
    check(
      'streaming',
      streaming,
      'a standby streams from the primary',
      streaming
        ? `${rows.map(row => row.applicationName).join(', ') || told?.replicationState}`
        : `R19: ${told?.name ?? 'the primary'} has none: without the monitor too it stops Postgres after 20 s`,
    ),
    ...(onlyThere
      ? [
          warning(
            'machine',
            false,
            'a standby streams from another machine than the monitor’s',
            `R19: only ${sameMachine.name} does, on the same machine: together they take the primary down after 20 s`,
          ),
        ]
      : []),
    warning(
      'failover',
      false,
      `there is no failover ${forHowLong}`,
      'R18: a primary that is lost meanwhile is not replaced, no setting can be changed, and a node that restarts does not come up (R59)',
    ),
  ];
}
