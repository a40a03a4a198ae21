import type {Finding, Level, Verdict} from './assessment.ts';
import {changeWords} from './change.ts';
import {duration, wholeSeconds} from './duration.ts';
import type {Evidence, NodeEvidence} from './evidence.ts';
import {fewNames} from './few-names.ts';
import type {GroupNode} from './group.ts';
import {causeWords, lossWords} from './loss.ts';
import {verdictOfEmptyMonitor, verdictWithoutMonitor} from './nodes-verdict.ts';
import {problemOf} from './sample.ts';
import type {Situation} from './situation.ts';
import type {HostSnapshot} from './snapshot.ts';

const worseFirst: readonly Level[] = ['down', 'blocked', 'unknown', 'changing', 'degraded', 'healthy'];

/** The answer to: can the application write, how much more can fail, what is happening. The worst group speaks for the formation. */
export function verdictOf(evidence: Evidence, situations: readonly Situation[], findings: readonly Finding[]): Verdict {
  const split = situations.find(situation => situation.group.open.length > 1);
  if (split !== undefined) return splitVerdict(split);
  if (evidence.monitor?.current !== true) return verdictWithoutMonitor(evidence, situations[0]);
  if (evidence.monitor.reading.nodes.length === 0) return verdictOfEmptyMonitor(evidence, situations[0]);
  const populated = situations.filter(situation => situation.group.nodes.length > 0);
  const [first, ...others] = populated;
  if (first === undefined) return verdictWithoutMonitor(evidence, undefined);
  return others.length === 0
    ? groupVerdict(first, findings, sightOf(evidence.nodes, evidence.snapshot.hosts))
    : formationVerdict(populated, findings);
}

/** The worst group speaks for the formation, and it is said how many others are not well. */
function formationVerdict(situations: readonly Situation[], findings: readonly Finding[]): Verdict {
  const findingsOf = Map.groupBy(findings, finding => finding.group);
  const judged = situations.map(situation => {
    const {nodes, number} = situation.group;
    const hosts = nodes.flatMap(node => node.host ?? []);
    const verdict = groupVerdict(situation, findingsOf.get(number) ?? [], sightOf(nodes, hosts));
    return {number, verdict};
  });
  const worst = judged.reduce((one, other) => (rank(other.verdict) < rank(one.verdict) ? other : one));
  const verdicts = judged.map(each => each.verdict);
  const unwell = verdicts.filter(verdict => verdict.level !== 'healthy').length;
  const common = findingsOf.get(undefined)?.find(finding => finding.severity !== 'info');
  return {
    ...worst.verdict,
    writable: verdicts.some(verdict => verdict.writable === false)
      ? false
      : verdicts.every(verdict => verdict.writable === true) || null,
    toleratesFailures: toleratedByAll(verdicts.map(verdict => verdict.toleratesFailures)),
    groups: {total: judged.length, unwell, worst: worst.number},
    ...(unwell === 0
      ? wellWords(judged.length, common)
      : {summary: `group ${worst.number}: ${worst.verdict.summary}${othersWords(unwell - 1)}`}),
  };
}

/** A group that survives no loss is known to be one, whatever is not known of the others. */
function toleratedByAll(groups: readonly (number | null)[]): number | null {
  if (groups.includes(0)) return 0;
  return groups.reduce((least, group) => (least === null || group === null ? null : Math.min(least, group)));
}

function rank({level}: Verdict): number {
  return worseFirst.indexOf(level);
}

function wellWords(groups: number, common: Finding | undefined): Partial<Verdict> {
  return common === undefined
    ? {summary: `all ${groups} groups take writes; any one node may fail`}
    : {level: 'degraded', summary: `all ${groups} groups take writes; ${common.title}`};
}

function othersWords(others: number): string {
  if (others === 0) return '';
  return others === 1 ? '; 1 more group is not healthy' : `; ${others} more groups are not healthy`;
}

function groupVerdict(situation: Situation, findings: readonly Finding[], sight: Sight): Verdict {
  const {group, change, countdown, noWritesSeconds, blocked, tolerates} = situation;
  const said = judge(situation, findings, sight);
  const proof =
    group.primary?.proof.writable ?? (group.nodes.some(node => node.proof.writable === null) ? null : false);
  // One that was dropped by force goes on as before, seen or not.
  const elsewhere =
    group.unfenced.length > 0 ||
    (blocked?.unless.length ?? 0) > 0 ||
    group.strangers.some(node => node.proof.writable === null);
  const proven = blocked === undefined && group.nodes.some(node => node.proof.writable === true);
  return {
    level: said.level,
    writable: proven || (elsewhere ? null : blocked === undefined ? proof : false),
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

function judge(situation: Situation, findings: readonly Finding[], sight: Sight): Said {
  const {group, change, election, silence, blocked} = situation;
  if (blocked !== undefined) return blockedWords(situation);
  const writes = group.nodes.some(node => node.proof.writable === true);
  const stuck = election !== undefined && !writes && isStuck(situation);
  const [unfenced] = group.unfenced;
  if (unfenced !== undefined && !writes && (stuck || change === undefined || change.overdue)) {
    return {level: 'unknown', summary: unfencedWords(unfenced), sinceSeconds: unfenced.stateAge};
  }
  if (stuck) return downWords(situation, findings);
  // Within the first seconds of its silence the monitor's row alone would still prove writes.
  const proven = group.primary?.proof.writable === true && group.primary.proof.source === 'node';
  if (silence !== undefined && !proven) return silenceVerdict(situation);
  if (silence?.countdown !== undefined && group.primary?.row?.health === 'bad') return silenceVerdict(situation);
  if (change !== undefined && !change.overdue) {
    return {level: 'changing', summary: changingWords(situation), sinceSeconds: change.sinceSeconds};
  }
  if (group.primary?.proof.writable === true) return runningWords(situation, findings, sight);
  return withoutProof(situation, findings);
}

function blockedWords(situation: Situation): Said {
  const {blocked, group} = situation;
  const waiting = blocked?.waiting ?? 0;
  const name = group.primary?.name ?? 'the primary';
  const [unless] = blocked?.unless ?? [];
  if (unless !== undefined) {
    const summary = `commits on ${name} may wait: only ${unless.name}, which the monitor does not know, may still acknowledge them`;
    return {level: 'unknown', summary, sinceSeconds: shortestSilence(situation)};
  }
  const waits = waiting > 0 ? `commits wait on ${name} (${waiting} now)` : `the next commit on ${name} will wait`;
  const [unfenced] = group.unfenced;
  const beside = unfenced === undefined ? '' : `; ${unfencedWords(unfenced)}`;
  return {
    level: 'blocked',
    summary: `${waits}: no synchronous standby${beside}`,
    sinceSeconds: shortestSilence(situation),
  };
}

/** What an application that is still connected there can do, whatever becomes of the primary. */
function unfencedWords({name, row, proof}: GroupNode): string {
  const what = row === undefined ? 'is not registered at the monitor' : 'is not the primary any more';
  return `${name} ${proof.source === 'node' ? 'accepts writes' : 'may still accept writes'} and ${what}`;
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
      : (downCause(findings)?.title ?? change?.step ?? 'no writable primary');
  return {level: 'down', summary: `${since}${reason}`, sinceSeconds: noWritesSeconds ?? null};
}

/** That an old primary takes commits which then wait is not what keeps writes from being possible. */
function downCause(findings: readonly Finding[]): Finding | undefined {
  const critical = findings.filter(finding => finding.severity === 'critical');
  return critical.find(finding => finding.code !== 'not-fenced') ?? critical[0];
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

function runningWords(
  situation: Situation,
  findings: readonly Finding[],
  {unheard, unreadable, unreachable}: Sight,
): Said {
  const {group, tolerates} = situation;
  const name = group.primary?.name ?? 'the primary';
  const settledFor = Math.min(...group.nodes.map(node => node.stateAge ?? Number.POSITIVE_INFINITY));
  const sinceSeconds = Number.isFinite(settledFor) ? settledFor : null;
  const worst = findings.find(finding => finding.severity !== 'info');
  const loss = lossWords(situation);
  if (
    worst === undefined &&
    loss === undefined &&
    unheard.length === 0 &&
    unreadable === undefined &&
    (tolerates ?? 0) > 0
  ) {
    const standbys = group.nodes.length - 1;
    return {
      level: 'healthy',
      summary: `${name} takes writes, ${standbys} standby${standbys === 1 ? '' : 's'}; any one node may fail`,
      sinceSeconds,
    };
  }
  const unknown = unheard.length > 0 ? `not heard yet: ${fewNames(unheard)}` : unreadable;
  const reason = worst?.title ?? unknown;
  const summary = [causeWords(situation, unreachable) ?? reason, loss].filter(part => part !== undefined).join(': ');
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

/** What cannot be seen of a group, or of all there is. */
type Sight = {
  /** Hosts from which neither good nor bad news has come yet. */
  unheard: readonly string[];
  /** What cannot be seen for the moment, even where that is no alarm: enough not to call the cluster healthy. */
  unreadable: string | undefined;
  /** Hosts that cannot be reached. */
  unreachable: readonly string[];
};

function sightOf(nodes: readonly NodeEvidence[], hosts: readonly HostSnapshot[]): Sight {
  const problems = hosts.map(host => problemOf(host.link) ?? problemOf(host.containers));
  const silent = nodes.filter(node => node.pending).map(node => node.host?.name ?? node.name);
  const unseen = hosts.filter(host => host.link === undefined || host.containers === undefined);
  return {
    unheard: [...new Set([...silent, ...unseen.map(host => host.name)])],
    unreadable: [...problems, ...nodes.map(node => node.problem)].find(problem => problem !== undefined)?.message,
    unreachable: hosts.filter(host => problemOf(host.link) !== undefined).map(host => host.name),
  };
}
