import type {NodeAssessment} from '../cluster/assessment.ts';
import {current} from '../cluster/sample.ts';
import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {Action, Check, Plan, Progress, Situation} from './action.ts';

/** A report older than this says that the node's keeper is not there (a healthy one reports once a second). */
const freshReportSeconds = 5;

/**
 * Makes another node the primary: `pg_autoctl perform switchover` on the monitor. With three nodes the monitor itself checks nothing
 * (perform_failover, node_active_protocol.c), and an election waits for ever for a silent quorum node: the guards stand here (R07).
 */
export const switchover: Action = {
  id: 'switchover',
  key: 'S',
  title: 'Switchover',
  help: 'make the best standby the primary',
  tier: 'service',
  available(situation) {
    if (situation.snapshot.cluster.readOnly) return {available: false, reason: 'read-only'};
    if (monitorOf(situation) === undefined) return {available: false, reason: 'the monitor is not reachable'};
    if (monitorHost(situation) === undefined)
      return {available: false, reason: 'no host has a monitor in the configuration'};
    return {available: true};
  },
  preflight,
  plan,
  verify,
  identity(situation) {
    const reading = monitorOf(situation);
    const primary = reading === undefined ? undefined : primaryOf(reading);
    const host = monitorHost(situation);
    const container = current(host?.containers)?.find(each => each.name === host?.monitor?.container);
    return JSON.stringify([primary?.id, primary?.name, primary?.systemIdentifier, container?.id]);
  },
};

function preflight(situation: Situation): readonly Check[] {
  const reading = monitorOf(situation);
  if (reading === undefined) {
    return [
      {id: 'monitor', result: 'fail', title: 'the monitor answers', evidence: 'it does not: nothing can be judged'},
    ];
  }
  const age = sampleAge(situation);
  const primary = primaryOf(reading);
  const quorum = reading.nodes.filter(node => node.replicationQuorum && node.assignedState !== 'dropped');
  const checks: Check[] = [
    check('monitor-fresh', age <= freshReportSeconds, 'the monitor was read just now', `read ${seconds(age)} ago`),
    primaryCheck(primary, age),
    ...quorum.filter(node => node !== primary).map(node => quorumCheck(node, age)),
    maintenanceCheck(reading),
    ...standbysOf(reading, primary).flatMap(node => standbyChecks(situation, reading, primary, node)),
    candidateCheck(reading, primary),
    tieCheck(reading, primary),
  ].filter(each => each !== undefined);
  const order = {fail: 0, warn: 1, pass: 2};
  return checks.sort((a, b) => order[a.result] - order[b.result]);
}

function primaryCheck(primary: MonitorNode | undefined, age: number): Check {
  if (primary === undefined) {
    return check(
      'primary',
      false,
      'there is a primary in a stable state',
      'no node is primary now: a change is under way or the cluster is down',
    );
  }
  const stable = primary.reportedState === 'primary' && primary.assignedState === 'primary';
  const fresh = primary.reportAgeSeconds + age <= freshReportSeconds;
  const sound = stable && fresh && primary.health === 'good' && primary.postgresRunning;
  return check('primary', sound, `primary ${primary.name} is stable and reports`, describe(primary, age));
}

function quorumCheck(node: MonitorNode, age: number): Check {
  const sound =
    node.reportedState === 'secondary' &&
    node.assignedState === 'secondary' &&
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

function maintenanceCheck(reading: MonitorReading): Check {
  const absent = reading.nodes.filter(node =>
    [node.reportedState, node.assignedState].some(state => state.includes('maintenance')),
  );
  return check(
    'maintenance',
    absent.length === 0,
    'no node is in maintenance',
    absent.length === 0 ? 'none' : `${absent.map(node => node.name).join(', ')}: an election can not complete (R06)`,
  );
}

function standbyChecks(
  situation: Situation,
  reading: MonitorReading,
  primary: MonitorNode | undefined,
  node: MonitorNode,
): Check[] {
  if (primary === undefined) return [];
  const assessed = situation.assessment.nodes.find(each => each.id === node.id);
  const timeline = node.timeline === primary.timeline;
  return [
    check(
      `timeline-${node.name}`,
      timeline,
      `${node.name} is on the primary's timeline`,
      `timeline ${node.timeline}, primary ${primary.timeline}`,
    ),
    lagCheck(assessed, node, reading.settings.promoteWalLogThreshold),
  ];
}

function lagCheck(assessed: NodeAssessment | undefined, node: MonitorNode, limit: number): Check {
  const title = `${node.name} is close behind the primary`;
  const lag = assessed?.lagBytes ?? null;
  if (lag === null)
    return {
      id: `lag-${node.name}`,
      result: node.replicationQuorum ? 'fail' : 'warn',
      title,
      evidence: 'its lag is not known',
    };
  const source = assessed?.lagSource === 'node' ? 'pg_stat_replication' : 'the monitor';
  return check(`lag-${node.name}`, lag < limit, title, `${lag} bytes (${source}), limit ${limit}`);
}

function candidateCheck(reading: MonitorReading, primary: MonitorNode | undefined): Check {
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

function tieCheck(reading: MonitorReading, primary: MonitorNode | undefined): Check | undefined {
  const [first, second] = candidatesOf(reading, primary);
  if (first === undefined || second === undefined || first.candidatePriority !== second.candidatePriority)
    return undefined;
  return {
    id: 'tie',
    result: 'warn',
    title: 'which standby is promoted is not certain',
    evidence: `${first.name} and ${second.name} have candidate priority ${first.candidatePriority}: the one that is further ahead wins`,
  };
}

function plan(situation: Situation): Plan {
  const reading = monitorOf(situation);
  const host = monitorHost(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading);
  const candidates = reading === undefined ? [] : candidatesOf(reading, primary);
  const formation = situation.snapshot.cluster.formation;
  const best = candidates
    .filter(node => node.candidatePriority === candidates[0]?.candidatePriority)
    .map(node => node.name);
  return {
    meaning: [
      `${primary?.name ?? 'the primary'} stops taking writes; ${best.join(' or ') || 'no standby'} becomes the primary, the others follow it`,
      'clients see about 3 s without a writable primary; open transactions on the old primary are lost',
    ],
    steps:
      host?.monitor === undefined
        ? []
        : [
            {
              host: host.name,
              argv: [
                ...(situation.docker.get(host.name) ?? ['docker']),
                'exec',
                host.monitor.container,
                'pg_autoctl',
                'perform',
                'switchover',
                '--formation',
                formation,
              ],
            },
          ],
    confirmation: primary?.name ?? '',
    usualSeconds: 3,
    budgetSeconds: 60,
  };
}

function verify(before: Situation, now: Situation): Progress {
  const old = monitorOf(before);
  const reading = monitorOf(now);
  if (old === undefined || reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const oldPrimary = primaryOf(old);
  const primary = reading.nodes.find(node => node.reportedState === 'primary' && node.assignedState === 'primary');
  if (primary !== undefined && primary.id !== oldPrimary?.id) {
    return {state: 'done', message: `${primary.name} is the primary on the monitor, timeline ${primary.timeline}`};
  }
  if (primary !== undefined && primary.timeline !== oldPrimary?.timeline) {
    return {state: 'unchanged', message: `the election chose ${primary.name} again`};
  }
  if (primary !== undefined)
    return {state: 'unchanged', message: `${primary.name} is still the primary, nothing moved`};
  return {state: 'pending', waitingFor: waitingFor(reading)};
}

/** Which node the monitor waits for now, in the order of an election. */
function waitingFor(reading: MonitorReading): string {
  const moving = reading.nodes.filter(node => node.reportedState !== node.assignedState);
  const silent = moving.filter(node => node.reportAgeSeconds > freshReportSeconds);
  const named = silent.length > 0 ? silent : moving;
  if (named.length === 0) return 'the monitor to choose';
  return named.map(node => `${node.name}: ${node.reportedState} -> ${node.assignedState}`).join(', ');
}

function monitorOf(situation: Situation): MonitorReading | undefined {
  return current(situation.snapshot.monitor);
}

function sampleAge(situation: Situation): number {
  const at = situation.snapshot.monitor?.at;
  return at === undefined ? Number.POSITIVE_INFINITY : Math.max(0, (situation.now - at) / 1000);
}

function monitorHost(situation: Situation) {
  return situation.snapshot.hosts.find(host => host.monitor !== undefined);
}

/** The node the monitor counts on for writes. */
function primaryOf(reading: MonitorReading): MonitorNode | undefined {
  return (
    reading.nodes.find(node => node.assignedState === 'primary') ??
    reading.nodes.find(node => node.assignedState === 'wait_primary')
  );
}

function standbysOf(reading: MonitorReading, primary: MonitorNode | undefined): readonly MonitorNode[] {
  return reading.nodes.filter(
    node => node !== primary && node.group === (primary?.group ?? node.group) && node.assignedState !== 'dropped',
  );
}

function candidatesOf(reading: MonitorReading, primary: MonitorNode | undefined): readonly MonitorNode[] {
  return standbysOf(reading, primary)
    .filter(
      node =>
        node.candidatePriority > 0 &&
        node.health === 'good' &&
        node.reportedState === 'secondary' &&
        node.assignedState === 'secondary',
    )
    .sort((a, b) => b.candidatePriority - a.candidatePriority);
}

function describe(node: MonitorNode, age: number): string {
  const states =
    node.reportedState === node.assignedState ? node.reportedState : `${node.reportedState} -> ${node.assignedState}`;
  const postgres = node.postgresRunning ? '' : ', Postgres stopped';
  return `${states}, health ${node.health}${postgres}, reported ${seconds(node.reportAgeSeconds + age)} ago`;
}

function check(id: string, passes: boolean, title: string, evidence: string): Check {
  return {id, result: passes ? 'pass' : 'fail', title, evidence};
}

function seconds(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} s` : 'never';
}
