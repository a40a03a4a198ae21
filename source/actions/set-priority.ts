import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Availability, Check, Request, Situation} from './action.ts';
import {allOf, available, mayChange, monitorAnswers, nodeIsKnown, unavailable} from './availability.ts';
import {
  isHealthyStandby,
  monitorAge,
  monitorOf,
  nodeNamed,
  primaryOf,
  reportsNow,
  standbysOf,
} from './cluster-facts.ts';
import {literal, monitorFunction} from './commands.ts';
import {check, describe, monitorIsFresh, seconds, warning, withNode} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {appliesWithoutWaiting, byFunction, isStuckApplying, primaryTakesSettings, settingApplied} from './settings.ts';

/**
 * Sets a node's candidate priority by the monitor's function. It is also the way out of two wedges: an election without a candidate (R08)
 * and a primary that cannot finish applying a setting (R04), where even the present value helps.
 */
export const setPriority: ActionKind = {
  id: 'set-priority',
  usage: 'set NODE priority N',
  title: 'Candidate priority',
  help: 'which standby is promoted first, 0 to 100; 0: never by itself',
  tier: 'reversible',
  of: request => ({
    kind: setPriority,
    request,
    title: `Candidate priority of ${request.node ?? 'a node'}`,
    tier: 'reversible',
    available: situation => availability(situation, request),
    preflight: situation =>
      withNode(situation, request.node, (reading, node) => guards(situation, reading, node, wantedOf(request))),
    plan: situation => plan(situation, request),
    verify: (_before, now) => verify(now, request),
    identity: situation =>
      `${nodeIdentity(situation, request.node)} ${nodeNamed(situation, request.node)?.candidatePriority}`,
    undo(before) {
      const node = nodeNamed(before, request.node);
      // What an election left behind cannot be set (R50).
      if (node === undefined || !isPriority(node.candidatePriority)) return undefined;
      if (node.candidatePriority === wantedOf(request)) return undefined;
      return {kind: setPriority.id, request: {node: node.name, value: String(node.candidatePriority)}};
    },
  }),
};

const highest = 100;

function isPriority(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= highest;
}

function wantedOf({value}: Request): number {
  return value === undefined || value === '' ? Number.NaN : Number(value);
}

function availability(situation: Situation, request: Request): Availability {
  const reading = monitorOf(situation);
  const node = nodeNamed(situation, request.node);
  const wanted = wantedOf(request);
  const known = allOf(mayChange(situation), monitorAnswers(situation), nodeIsKnown(situation, request.node));
  if (!known.available || reading === undefined || node === undefined) return known;
  if (!isPriority(wanted)) return unavailable(`a candidate priority is a number from 0 to ${highest}`);
  const again = isStuckApplying(primaryOf(reading, node.group));
  return node.candidatePriority === wanted && !again ? unavailable(`it is ${wanted} already`) : available;
}

function guards(situation: Situation, reading: MonitorReading, node: MonitorNode, wanted: number): readonly Check[] {
  const primary = primaryOf(reading, node.group);
  if (primary === undefined) return [monitorIsFresh(situation), electionNeedsIt(situation, reading, node, wanted)];
  const {numberSyncStandbys} = reading.formation;
  return [
    monitorIsFresh(situation),
    ...(isStuckApplying(primary)
      ? [freesPrimary(situation, reading, primary)]
      : [
          primaryTakesSettings(situation, primary),
          appliesWithoutWaiting(situation, primary, standbysOf(reading, primary), numberSyncStandbys),
        ]),
    someoneIsLeft(reading, primary, node, wanted),
  ];
}

/**
 * R04: set once more, the monitor decides anew which standbys count. That helps when none has to acknowledge, and when it takes the dead
 * ones for dead.
 */
function freesPrimary(situation: Situation, reading: MonitorReading, primary: MonitorNode): Check {
  const title = `R04: ${primary.name} is stuck in apply_settings; setting a priority lets the monitor decide anew`;
  const away = standbysOf(reading, primary).filter(
    node => node.replicationQuorum && !isHealthyStandby(situation, primary, node),
  );
  const {numberSyncStandbys} = reading.formation;
  const states = away.map(node => `${node.name}: ${describe(node, monitorAge(situation))}`).join('; ');
  const start = `start ${away.map(node => node.name).join(' or ') || 'a quorum standby'}, which frees it at once`;
  if (numberSyncStandbys > 0) {
    const evidence = `${states}; it does not help while number-sync-standbys is ${numberSyncStandbys}: ${start}`;
    return check('primary', false, title, evidence);
  }
  const silence = reading.settings.nodeConsideredUnhealthyTimeout / 1000;
  const counted = away.filter(
    node => node.postgresRunning && (node.reportAgeSeconds <= silence || node.health !== 'bad'),
  );
  return counted.length === 0
    ? check('primary', true, title, states)
    : check(
        'primary',
        false,
        title,
        `${states}; the monitor still counts ${counted.map(node => node.name).join(', ')} until ${seconds(silence)} of silence: wait, or ${start}`,
      );
}

/** R08: without a primary a priority is only stored, which is what an election in which nobody may be chosen waits for. */
function electionNeedsIt(situation: Situation, reading: MonitorReading, node: MonitorNode, wanted: number): Check {
  const group = reading.nodes.filter(each => each.group === node.group);
  const candidates = group.filter(each => each.candidatePriority > 0);
  const waiting = node.reportedState === 'report_lsn' && node.assignedState === 'report_lsn';
  const helps = candidates.length === 0 && wanted > 0 && waiting && reportsNow(situation, node);
  return helps
    ? check(
        'election',
        true,
        `R08: no node may be chosen in this election; now ${node.name} can`,
        describe(node, monitorAge(situation)),
      )
    : check(
        'election',
        false,
        'there is a primary, or an election that waits for a candidate (R08)',
        candidates.length > 0
          ? `no node is primary now, and ${candidates.map(each => each.name).join(', ')} can be chosen: see what the election waits for (R05)`
          : `no node is primary now; the election needs a priority above 0 of a node that has reported its LSN; ${node.name}: ${describe(node, monitorAge(situation))}`,
      );
}

function someoneIsLeft(reading: MonitorReading, primary: MonitorNode, node: MonitorNode, wanted: number): Check {
  const left = standbysOf(reading, primary).filter(each => (each === node ? wanted : each.candidatePriority) > 0);
  return warning(
    'candidates',
    left.length > 0,
    'a standby is left that a failover could promote',
    left.length > 0
      ? left.map(each => each.name).join(', ')
      : 'with priority 0 for all there is no failover, and a switchover ends without a primary (R08)',
  );
}

function plan(situation: Situation, request: Request) {
  const {node: name = '', value = ''} = request;
  const node = nodeNamed(situation, name);
  const call = `set_node_candidate_priority(${literal(situation.snapshot.cluster.formation)}, ${literal(name)}, ${wantedOf(request)})`;
  const step = monitorFunction(situation, call);
  return {
    meaning: [
      value === '0'
        ? `${name} is not promoted any more unless by hand`
        : 'an election takes the healthy standby with the highest priority; among equals the one that is further ahead',
      'nothing is interrupted',
    ],
    steps: byFunction(step),
    confirmation: name,
    change: {what: `candidate priority of ${name}`, from: String(node?.candidatePriority ?? '?'), to: value},
    usualSeconds: 2,
    budgetSeconds: 30,
  };
}

function verify(now: Situation, {node: name, value = ''}: Request) {
  const node = nodeNamed(now, name);
  return settingApplied(now, node?.group, {
    holds: node !== undefined && node.candidatePriority === Number(value),
    message: `the candidate priority of ${name} is ${value}`,
    otherwise: `the candidate priority of ${name} is ${node?.candidatePriority ?? 'not known'}`,
  });
}
