import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Availability, Check, Request, Situation} from './action.ts';
import {allOf, available, mayChange, monitorAnswers, nodeIsKnown, unavailable} from './availability.ts';
import {isHealthyStandby, monitorAge, nodeNamed, primaryOf, standbysOf} from './cluster-facts.ts';
import {literal, monitorFunction} from './commands.ts';
import {check, describe, monitorIsFresh, warning, withNode} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {appliesWithoutWaiting, byFunction, primaryTakesSettings, settingApplied} from './settings.ts';

/** Takes a node into the replication quorum, or out of it, by the monitor's function: whether commits wait for it and elections need it. */
export const setQuorum: ActionKind = {
  id: 'set-quorum',
  usage: 'set NODE quorum on|off',
  title: 'Replication quorum',
  help: 'whether commits wait for the node and elections need its report',
  tier: 'reversible',
  of: request => ({
    kind: setQuorum,
    request,
    title: `Replication quorum of ${request.node ?? 'a node'}`,
    tier: 'reversible',
    available: situation => availability(situation, request),
    preflight: situation =>
      withNode(situation, request.node, (reading, node) => guards(situation, reading, node, request.value === 'on')),
    plan: situation => plan(situation, request),
    verify: (_before, now) => verify(now, request),
    identity: situation =>
      `${nodeIdentity(situation, request.node)} ${nodeNamed(situation, request.node)?.replicationQuorum}`,
    undo(before) {
      const node = nodeNamed(before, request.node);
      return node && {kind: setQuorum.id, request: {node: node.name, value: word(node.replicationQuorum)}};
    },
  }),
};

function word(quorum: boolean | undefined): string {
  return quorum === undefined ? '?' : quorum ? 'on' : 'off';
}

function availability(situation: Situation, {node: name, value}: Request): Availability {
  const known = allOf(mayChange(situation), monitorAnswers(situation), nodeIsKnown(situation, name));
  if (!known.available) return known;
  if (value !== 'on' && value !== 'off') return unavailable('replication quorum is on or off');
  return word(nodeNamed(situation, name)?.replicationQuorum) === value
    ? unavailable(`it is ${value} already`)
    : available;
}

function guards(situation: Situation, reading: MonitorReading, node: MonitorNode, wanted: boolean): readonly Check[] {
  const primary = primaryOf(reading, node.group);
  const standbys = standbysOf(reading, primary).map(each =>
    each === node ? {...each, replicationQuorum: wanted} : each,
  );
  const quorum = standbys.filter(each => each.replicationQuorum);
  const healthy = quorum.filter(each => isHealthyStandby(situation, primary, each));
  const {numberSyncStandbys} = reading.formation;
  const needed = numberSyncStandbys === 0 ? 0 : numberSyncStandbys + 1;
  return [
    monitorIsFresh(situation),
    primaryTakesSettings(situation, primary),
    appliesWithoutWaiting(situation, primary, standbys, numberSyncStandbys),
    ...(wanted
      ? [joinsAlive(situation, primary, node)]
      : [
          check(
            'quorum',
            quorum.length >= needed,
            'enough standbys are left in the quorum for number-sync-standbys',
            `${quorum.length} left, number-sync-standbys ${numberSyncStandbys} needs ${needed}${quorum.length >= needed ? '' : ': lower that first, the monitor refuses it otherwise'}`,
          ),
          warning(
            'redundancy',
            healthy.length >= Math.max(needed, 1),
            'the loss of one more standby leaves writes possible',
            healthy.length === 0
              ? 'no healthy standby is left in the quorum: commits wait for none, and a failover can lose them'
              : `${healthy.map(each => each.name).join(', ')} left in the quorum and healthy`,
          ),
        ]),
  ];
}

/** R05, R07: an election waits for every node of the quorum, so a dead one must not join it. */
function joinsAlive(situation: Situation, primary: MonitorNode | undefined, node: MonitorNode): Check {
  const alive = node === primary || isHealthyStandby(situation, primary, node);
  return check(
    'target',
    alive,
    `${node.name} is a healthy secondary`,
    `${describe(node, monitorAge(situation))}${alive ? '' : '; in the quorum it would block every election until it reports (R07): wait until it is secondary'}`,
  );
}

function plan(situation: Situation, {node: name = '', value = ''}: Request) {
  const call = `set_node_replication_quorum(${literal(situation.snapshot.cluster.formation)}, ${literal(name)}, ${value === 'on'})`;
  return {
    meaning: [
      value === 'on'
        ? `commits may be acknowledged by ${name}, and every election waits for its report (R07)`
        : `commits do not wait for ${name} any more, and an election goes on without it`,
      'nothing is interrupted',
    ],
    steps: byFunction(monitorFunction(situation, call)),
    confirmation: name,
    change: {
      what: `replication quorum of ${name}`,
      from: word(nodeNamed(situation, name)?.replicationQuorum),
      to: value,
    },
    usualSeconds: 2,
    budgetSeconds: 30,
  };
}

function verify(now: Situation, {node: name, value}: Request) {
  const node = nodeNamed(now, name);
  return settingApplied(now, node?.group, {
    holds: word(node?.replicationQuorum) === value,
    message: `the replication quorum of ${name} is ${value}`,
    otherwise: `the replication quorum of ${name} is ${word(node?.replicationQuorum)}`,
  });
}
