import type {Finding, Level, Verdict} from './assessment.ts';
import {changeWords} from './change.ts';
import {duration, wholeSeconds} from './duration.ts';
import type {Evidence} from './evidence.ts';
import {causeWords, lossWords} from './loss.ts';
import {verdictOfEmptyMonitor, verdictWithoutMonitor} from './nodes-verdict.ts';
import {problemOf} from './sample.ts';
import type {Situation} from './situation.ts';

const worseFirst: readonly Level[] = ['down', 'blocked', 'unknown', 'changing', 'degraded', 'healthy'];

/** The answer to: can the application write, how much more can fail, what is happening. The worst group speaks for the formation. */
export function verdictOf(evidence: Evidence, situations: readonly Situation[], findings: readonly Finding[]): Verdict {
  const split = situations.find(situation => situation.group.open.length > 1);
  if (split !== undefined) return splitVerdict(split);
  if (evidence.monitor?.current !== true) return verdictWithoutMonitor(evidence, situations[0]);
  if (evidence.monitor.reading.nodes.length === 0) return verdictOfEmptyMonitor(evidence, situations[0]);
  const verdicts = situations
    .filter(situation => situation.group.nodes.length > 0)
    .map(situation => groupVerdict(evidence, situation, findings));
  const [worst] = verdicts.sort((a, b) => worseFirst.indexOf(a.level) - worseFirst.indexOf(b.level));
  return worst ?? verdictWithoutMonitor(evidence, undefined);
}

function groupVerdict(evidence: Evidence, situation: Situation, findings: readonly Finding[]): Verdict {
  const {group, change, countdown, noWritesSeconds, blocked, tolerates} = situation;
  const said = judge(evidence, situation, findings);
  const proof =
    group.primary?.proof.writable ?? (group.nodes.some(node => node.proof.writable === null) ? null : false);
  return {
    level: said.level,
    writable: blocked === undefined ? (group.nodes.some(node => node.proof.writable === true) ? true : proof) : false,
    summary: said.summary,
    primary: group.primary?.name ?? null,
    sinceSeconds: said.sinceSeconds,
    toleratesFailures: tolerates,
    source: 'the monitor',
    ...(change === undefined ? {} : {change}),
    ...(countdown === undefined ? {} : {countdown}),
    ...(noWritesSeconds === undefined ? {} : {noWritesSeconds}),
  };
}

type Said = {level: Level; summary: string; sinceSeconds: number | null};

function judge(evidence: Evidence, situation: Situation, findings: readonly Finding[]): Said {
  const {group, change, election, silence, blocked} = situation;
  if (blocked !== undefined) return blockedWords(situation);
  const writes = group.nodes.some(node => node.proof.writable === true);
  if (election !== undefined && !writes && isStuck(situation)) return downWords(situation, findings);
  // Within the first seconds of its silence the monitor's row alone would still prove writes.
  const proven = group.primary?.proof.writable === true && group.primary.proof.source === 'node';
  if (silence !== undefined && !proven) return silenceVerdict(situation);
  if (silence?.countdown !== undefined && group.primary?.row?.health === 'bad') return silenceVerdict(situation);
  if (change !== undefined && !change.overdue) {
    return {level: 'changing', summary: changingWords(situation), sinceSeconds: change.sinceSeconds};
  }
  if (group.primary?.proof.writable === true) return runningWords(evidence, situation, findings);
  return withoutProof(situation, findings);
}

function blockedWords(situation: Situation): Said {
  const {blocked, group} = situation;
  const waiting = blocked?.waiting ?? 0;
  const name = group.primary?.name ?? 'the primary';
  const summary =
    waiting > 0
      ? `commits wait on ${name} (${waiting} now): no synchronous standby`
      : `the next commit on ${name} will wait: no synchronous standby`;
  return {level: 'blocked', summary, sinceSeconds: shortestSilence(situation)};
}

/** Since the last standby that could acknowledge fell silent; null when they are not silent (a cut link). */
function shortestSilence({group}: Situation): number | null {
  const ages = group.nodes
    .filter(node => node !== group.primary && node.row?.replicationQuorum === true)
    .map(node => node.reportAge ?? 0);
  const shortest = Math.min(...ages);
  return Number.isFinite(shortest) && shortest > 10 ? shortest : null;
}

/** Switching over is quick: what is not over after this long and cannot end by itself is an outage. */
const patienceSeconds = 5;

function isStuck({election, change}: Situation): boolean {
  if (change === undefined || election === undefined) return false;
  return (
    change.overdue || (election.stuck !== undefined && (change.sinceSeconds ?? patienceSeconds) >= patienceSeconds)
  );
}

function downWords(situation: Situation, findings: readonly Finding[]): Said {
  const {noWritesSeconds, election, change} = situation;
  const since = noWritesSeconds === undefined ? '' : `no writes for ${duration(noWritesSeconds)}: `;
  const missing = election?.missing.map(node => node.name).join(', ');
  const reason =
    missing !== undefined && missing !== ''
      ? `the election waits for ${missing}`
      : (findings.find(finding => finding.severity === 'critical')?.title ?? change?.step ?? 'no writable primary');
  return {level: 'down', summary: `${since}${reason}`, sinceSeconds: noWritesSeconds ?? null};
}

function silenceVerdict(situation: Situation): Said {
  const {silence, group, noWritesSeconds} = situation;
  const name = group.primary?.name ?? 'the primary';
  const seconds = silence?.seconds ?? 0;
  if (silence?.countdown !== undefined) {
    return {level: 'changing', summary: silence.countdown.text, sinceSeconds: seconds};
  }
  const proven = group.primary?.proof.writable === false || group.primary?.row?.health === 'bad';
  return {
    level: proven ? 'down' : 'unknown',
    summary: `${name} silent for ${wholeSeconds(seconds)}, no failover: ${silence?.hindrance ?? 'unknown why'}`,
    sinceSeconds: noWritesSeconds ?? seconds,
  };
}

function changingWords(situation: Situation): string {
  const {change, noWritesSeconds, countdown} = situation;
  if (change === undefined) return '';
  const silent = noWritesSeconds === undefined ? '' : `, no writes for ${duration(noWritesSeconds)}`;
  if (countdown?.kind === 'demote-timeout' && change.to !== null) {
    return `${change.kind} to ${change.to}, ${countdown.text}${silent}`;
  }
  return `${changeWords(change, duration)}${silent}`;
}

function runningWords(evidence: Evidence, situation: Situation, findings: readonly Finding[]): Said {
  const {group, tolerates} = situation;
  const name = group.primary?.name ?? 'the primary';
  const settledFor = Math.min(...group.nodes.map(node => node.stateAge ?? Number.POSITIVE_INFINITY));
  const sinceSeconds = Number.isFinite(settledFor) ? settledFor : null;
  const waiting = unheard(evidence);
  const worst = findings.find(finding => finding.severity !== 'info');
  const broken = unreadable(evidence);
  const loss = lossWords(situation);
  if (
    worst === undefined &&
    loss === undefined &&
    waiting.length === 0 &&
    broken === undefined &&
    (tolerates ?? 0) > 0
  ) {
    const standbys = group.nodes.length - 1;
    return {
      level: 'healthy',
      summary: `${name} takes writes, ${standbys} standby${standbys === 1 ? '' : 's'}; any one node may fail`,
      sinceSeconds,
    };
  }
  const unknown = waiting.length > 0 ? `not heard yet: ${waiting.join(', ')}` : broken;
  const reason = worst?.title ?? unknown;
  const summary = [causeWords(evidence, situation) ?? reason, loss].filter(part => part !== undefined).join(': ');
  return {level: 'degraded', summary: summary || `${name} takes writes`, sinceSeconds};
}

function withoutProof(situation: Situation, findings: readonly Finding[]): Said {
  const {group, noWritesSeconds} = situation;
  const {primary} = group;
  if (primary !== undefined && primary.proof.writable === null) {
    return {level: 'unknown', summary: `${primary.name}: ${primary.proof.reason}`, sinceSeconds: primary.stateAge};
  }
  if (primary !== undefined) {
    const since = noWritesSeconds === undefined ? '' : `no writes for ${duration(noWritesSeconds)}: `;
    return {
      level: 'down',
      summary: `${since}${primary.name} is the primary, but: ${primary.proof.reason}`,
      sinceSeconds: noWritesSeconds ?? null,
    };
  }
  return downWords(situation, findings);
}

function splitVerdict(situation: Situation): Verdict {
  const names = situation.group.open.map(node => node.name).join(' and ');
  return {
    level: 'down',
    writable: null,
    summary: `TWO NODES ACCEPT WRITES: ${names}. Stop the one that is not the primary`,
    primary: situation.group.primary?.name ?? null,
    sinceSeconds: null,
    toleratesFailures: 0,
    source: 'the nodes themselves',
  };
}

/** What cannot be seen for the moment, even where that is no alarm: enough not to call the cluster healthy. */
function unreadable(evidence: Evidence): string | undefined {
  const problems = evidence.snapshot.hosts.map(host => problemOf(host.link) ?? problemOf(host.containers));
  const nodes = evidence.nodes.map(node => node.problem);
  return [...problems, ...nodes].find(problem => problem !== undefined)?.message;
}

/** Hosts from which neither good nor bad news has come yet. */
function unheard(evidence: Evidence): readonly string[] {
  const nodes = evidence.nodes.filter(node => node.pending).map(node => node.host?.name ?? node.name);
  const hosts = evidence.snapshot.hosts.filter(host => host.link === undefined || host.containers === undefined);
  return [...new Set([...nodes, ...hosts.map(host => host.name)])];
}
