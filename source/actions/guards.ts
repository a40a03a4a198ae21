import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {Check, Situation} from './action.ts';
import {
  candidatesOf,
  freshReportSeconds,
  isInMaintenance,
  isSecondary,
  isStablePrimary,
  monitorAge,
  monitorOf,
  nodeNamed,
  postgresOf,
  standbysOf,
} from './cluster-facts.ts';

/** Makes a check that passes or fails. */
export function check(id: string, passes: boolean, title: string, evidence: string): Check {
  return {id, result: passes ? 'pass' : 'fail', title, evidence};
}

/** Makes a check that passes or warns. */
export function warning(id: string, passes: boolean, title: string, evidence: string): Check {
  return {id, result: passes ? 'pass' : 'warn', title, evidence};
}

/** Failed ones first, then those that warn. */
export function worstFirst(checks: readonly Check[]): readonly Check[] {
  const order = {fail: 0, warn: 1, pass: 2};
  return checks.toSorted((a, b) => order[a.result] - order[b.result]);
}

/** The only check there is when the monitor is silent: nothing can be judged then. */
export const monitorSilent: Check = {
  id: 'monitor',
  result: 'fail',
  title: 'the monitor answers',
  evidence: 'it does not: nothing can be judged',
  absolute: true,
};

export function monitorIsFresh(situation: Situation): Check {
  const age = monitorAge(situation);
  return check('monitor-fresh', age <= freshReportSeconds, 'the monitor was read just now', `read ${seconds(age)} ago`);
}

/** R13: while the primary is in any other state a change is under way, or must not begin. */
export function primaryIsStable(situation: Situation, primary: MonitorNode | undefined): Check {
  const age = monitorAge(situation);
  if (primary === undefined) {
    return check(
      'primary',
      false,
      'there is a primary in a stable state',
      'no node is primary now: a change is under way or the cluster is down',
    );
  }
  const fresh = primary.reportAgeSeconds + age <= freshReportSeconds;
  const sound = isStablePrimary(primary) && fresh && primary.health === 'good' && primary.postgresRunning;
  return check('primary', sound, `primary ${primary.name} is stable and reports`, describe(primary, age));
}

/** R07: an election waits for ever for a quorum node that does not report. `except` is one that is not counted on. */
export function quorumReports(
  situation: Situation,
  reading: MonitorReading,
  primary: MonitorNode | undefined,
  except?: MonitorNode,
): readonly Check[] {
  const age = monitorAge(situation);
  return standbysOf(reading, primary)
    .filter(node => node.replicationQuorum && node !== except)
    .map(node => quorumNode(node, age));
}

function quorumNode(node: MonitorNode, age: number): Check {
  const sound =
    isSecondary(node) &&
    node.health === 'good' &&
    node.postgresRunning &&
    node.reportAgeSeconds + age <= freshReportSeconds;
  return sound
    ? check(`quorum-${node.name}`, true, `quorum node ${node.name} reports and is healthy`, describe(node, age))
    : check(
        `quorum-${node.name}`,
        false,
        `R07: quorum node ${node.name} would block the election`,
        `${describe(node, age)}; the election waits for every quorum node's report, without a primary meanwhile`,
      );
}

/** R06: a node in maintenance is not counted, and an election may not find enough others. */
export function nobodyInMaintenance(reading: MonitorReading, except?: MonitorNode): Check {
  const absent = reading.nodes.filter(node => node !== except && isInMaintenance(node));
  return check(
    'maintenance',
    absent.length === 0,
    'no node is in maintenance',
    absent.length === 0 ? 'none' : `${absent.map(node => node.name).join(', ')}: an election can not complete (R06)`,
  );
}

/** A standby that is to follow or be promoted: on the primary's timeline, and close behind it. */
export function standbyIsClose(
  situation: Situation,
  reading: MonitorReading,
  primary: MonitorNode | undefined,
  node: MonitorNode,
): readonly Check[] {
  if (primary === undefined) return [];
  return [
    check(
      `timeline-${node.name}`,
      node.timeline === primary.timeline,
      `${node.name} is on the primary's timeline`,
      `timeline ${node.timeline}, primary ${primary.timeline}`,
    ),
    lagIsSmall(situation, node, reading.settings.promoteWalLogThreshold),
  ];
}

function lagIsSmall(situation: Situation, node: MonitorNode, limit: number): Check {
  const assessed = situation.assessment.nodes.find(each => each.id === node.id);
  const title = `${node.name} is close behind the primary`;
  const lag = assessed?.lagBytes ?? null;
  if (lag === null) {
    const result = node.replicationQuorum ? 'fail' : 'warn';
    return {id: `lag-${node.name}`, result, title, evidence: 'its lag is not known'};
  }
  const source = assessed?.lagSource === 'node' ? 'pg_stat_replication' : 'the monitor';
  return check(`lag-${node.name}`, lag < limit, title, `${lag} bytes (${source}), limit ${limit}`);
}

export function someoneCanBePromoted(reading: MonitorReading, primary: MonitorNode | undefined): Check {
  const candidates = candidatesOf(reading, primary);
  return check(
    'candidate',
    candidates.length > 0,
    'a standby can be promoted',
    candidates.length === 0
      ? 'no healthy standby has a candidate priority above 0'
      : candidates.map(node => `${node.name} (priority ${node.candidatePriority})`).join(', '),
  );
}

/** With equal priorities the LSN decides: said, so that nobody counts on a name. */
export function choiceIsCertain(reading: MonitorReading, primary: MonitorNode | undefined): readonly Check[] {
  const [first, second] = candidatesOf(reading, primary);
  if (first === undefined || second === undefined || first.candidatePriority !== second.candidatePriority) return [];
  return [
    {
      id: 'tie',
      result: 'warn',
      title: 'which standby is promoted is not certain',
      evidence: `${first.name} and ${second.name} have candidate priority ${first.candidatePriority}: the one that is further ahead wins`,
    },
  ];
}

/** R13: nodes on their way to another state; a second operator's change looks like this too. */
export function nothingUnderWay(reading: MonitorReading, except?: MonitorNode): Check {
  const moving = reading.nodes.filter(
    node => node !== except && node.reportedState !== node.assignedState && node.assignedState !== 'dropped',
  );
  return check(
    'no-change',
    moving.length === 0,
    'no change is under way',
    moving.length === 0
      ? 'every node is where the monitor wants it'
      : moving.map(node => `${node.name}: ${node.reportedState} -> ${node.assignedState}`).join(', '),
  );
}

/** The monitor's group of guards for everything that ends in an election (R05 to R08, R13). */
export function electionGuards(
  situation: Situation,
  reading: MonitorReading,
  primary: MonitorNode | undefined,
  target?: MonitorNode,
): readonly Check[] {
  const followers = standbysOf(reading, primary);
  return [
    monitorIsFresh(situation),
    primaryIsStable(situation, primary),
    ...quorumReports(situation, reading, primary),
    nobodyInMaintenance(reading),
    ...followers.flatMap(node => standbyIsClose(situation, reading, primary, node)),
    ...(target === undefined
      ? [someoneCanBePromoted(reading, primary), ...choiceIsCertain(reading, primary)]
      : [targetCanBePromoted(target)]),
    ...clientsOfPrimary(situation, primary),
  ];
}

function targetCanBePromoted(node: MonitorNode): Check {
  const {candidatePriority: priority} = node;
  return check(
    'target',
    isSecondary(node) && node.health === 'good' && priority > 0,
    `${node.name} can be promoted`,
    `${node.reportedState}, health ${node.health}, candidate priority ${priority}`,
  );
}

/** What a switchover would interrupt on the primary: long transactions and running base backups. */
export function clientsOfPrimary(situation: Situation, primary: MonitorNode | undefined): readonly Check[] {
  const activity = postgresOf(situation, primary?.name)?.activity;
  if (primary === undefined || activity === undefined) return [];
  const {oldestTransactionSeconds: oldest, baseBackups} = activity;
  return [
    warning(
      'long-transactions',
      oldest === undefined || oldest < longTransactionSeconds,
      `no long transaction is open on ${primary.name}`,
      oldest === undefined ? 'none is open' : `the oldest is open for ${seconds(oldest)}; it would be rolled back`,
    ),
    warning(
      'base-backups',
      baseBackups === 0,
      `no base backup is running on ${primary.name}`,
      baseBackups === 0 ? 'none' : `${baseBackups} running; it would be cut off`,
    ),
  ];
}

const longTransactionSeconds = 60;

/** The monitor's own refusal and the guard's words name states the same way. */
export function describe(node: MonitorNode, age: number): string {
  const states =
    node.reportedState === node.assignedState ? node.reportedState : `${node.reportedState} -> ${node.assignedState}`;
  const postgres = node.postgresRunning ? '' : ', Postgres stopped';
  return `${states}, health ${node.health}${postgres}, reported ${seconds(node.reportAgeSeconds + age)} ago`;
}

export function seconds(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} s` : 'never';
}

/** The checks of a reading, or the one that says that there is none. */
export function withMonitor(
  situation: Situation,
  checks: (reading: MonitorReading) => readonly Check[],
): readonly Check[] {
  const reading = monitorOf(situation);
  return reading === undefined ? [monitorSilent] : worstFirst(checks(reading));
}

/** The same for what concerns one node. */
export function withNode(
  situation: Situation,
  name: string | undefined,
  checks: (reading: MonitorReading, node: MonitorNode) => readonly Check[],
): readonly Check[] {
  return withMonitor(situation, reading => {
    const node = nodeNamed(situation, name);
    return node === undefined
      ? [{...check('target', false, 'the node is registered', `the monitor knows no ${name}`), absolute: true}]
      : checks(reading, node);
  });
}
