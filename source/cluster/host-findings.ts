import type {Finding} from './assessment.ts';
import {wholeSeconds} from './duration.ts';
import {containerWords, type Evidence, type NodeEvidence} from './evidence.ts';
import type {GroupNode} from './group.ts';
import type {Problem} from './problem.ts';
import {current, latest, problemOf, type Sample} from './sample.ts';
import type {Situation} from './situation.ts';
import type {Container, HostSnapshot} from './snapshot.ts';

/** A host that cannot be reached, Docker on it that does not answer, containers that do not run, psql that fails. */
export function hostFindings(evidence: Evidence, situations: readonly Situation[]): readonly Finding[] {
  return evidence.snapshot.hosts.flatMap(host => {
    const link = problemOf(host.link);
    if (link !== undefined) return [linkFinding(evidence, host, link)];
    // Still being connected to, or a person is being asked: what fails meanwhile is not Docker's fault.
    if (host.link === undefined) return [];
    const docker = problemOf(host.containers);
    if (docker !== undefined) return [dockerFinding(evidence, host, docker)];
    return [...monitorContainer(evidence, host), ...nodeContainer(evidence, situations, host)];
  });
}

function linkFinding(evidence: Evidence, host: HostSnapshot, problem: Problem): Finding {
  return {
    code: 'host-unreachable',
    severity: 'warning',
    node: evidence.nodeOn(host)?.name ?? null,
    title:
      problem.brief === undefined
        ? `${host.name} cannot be reached: ${problem.message}`
        : `${host.name}: ${problem.brief}`,
    evidence: [...problemLines(problem), ...lastSeen(evidence, host.link), ...onHost(evidence, host)],
    remedy: problem.remedy ?? 'check that the machine is up and that ssh reaches it',
  };
}

function dockerFinding(evidence: Evidence, host: HostSnapshot, problem: Problem): Finding {
  return {
    code: problem.kind.startsWith('docker') ? problem.kind : 'docker-failed',
    severity: 'warning',
    node: evidence.nodeOn(host)?.name ?? null,
    title: `Docker on ${host.name}: ${problem.message}`,
    evidence: [...problemLines(problem), ...lastSeen(evidence, host.containers)],
    remedy: problem.remedy ?? `look at Docker on ${host.name}: systemctl status docker`,
  };
}

function monitorContainer(evidence: Evidence, host: HostSnapshot): readonly Finding[] {
  const name = host.monitor?.container;
  const containers = current(host.containers);
  if (name === undefined || containers === undefined) return [];
  const container = containers.find(each => each.name === name);
  if (container?.state === 'running') return [];
  return [
    {
      code: container === undefined ? 'container-missing' : 'R37',
      severity: 'warning',
      node: null,
      title:
        container === undefined
          ? `no container ${name} on ${host.name}: there is no monitor`
          : `the monitor's container ${name} is ${containerWords(container)}`,
      evidence: container === undefined ? seenInstead(containers) : containerEvidence(evidence, host, container),
      remedy:
        container === undefined
          ? 'create it (docker compose up -d), or correct its name in the configuration'
          : `on ${host.name}: docker start ${name}. Restart no node before the monitor answers`,
    },
  ];
}

function nodeContainer(evidence: Evidence, situations: readonly Situation[], host: HostSnapshot): readonly Finding[] {
  const node = evidence.nodeOn(host);
  const problem = node?.problem;
  if (node === undefined || problem === undefined || node.configured === false) return [];
  const primary = situations.some(situation => situation.group.primary?.name === node.name);
  const severity =
    primary && node.postgres === undefined && node.container?.state !== 'running' ? 'critical' : 'warning';
  if (problem.kind === 'container-missing') {
    return [
      {
        code: 'container-missing',
        severity,
        node: node.name,
        title: problem.message,
        evidence: [...seenInstead(current(host.containers) ?? []), ...reportLine(node)],
        remedy: problem.remedy ?? '',
      },
    ];
  }
  if (problem.kind === 'container-not-running' && node.container !== undefined && node.container.state !== 'running') {
    return [stoppedFinding(evidence, host, node, node.container, severity)];
  }
  return [
    {
      code: problem.kind === 'postgres-down' ? 'postgres-down' : 'psql-failed',
      severity: isOnItsWay(node, problem) ? 'info' : 'warning',
      node: node.name,
      title: `${node.name} does not answer psql: ${problem.message}`,
      evidence: [...problemLines(problem), ...lastSeen(evidence, host.postgres), ...reportLine(node)],
      remedy: problem.remedy ?? `look at its log: docker logs ${node.containerName ?? node.name}`,
    },
  ];
}

/** Postgres is stopped and started in every change of roles; nothing is wrong with it for a while. */
function isOnItsWay(node: NodeEvidence, problem: Problem): boolean {
  const row = node.row;
  if (problem.kind !== 'postgres-down' || !node.rowCurrent || row === undefined) return false;
  const age = node.stateAge ?? 0;
  return ['primary', 'single', 'secondary'].includes(row.assignedState) && row.reportedState === row.assignedState
    ? age < 5
    : age < 45;
}

function stoppedFinding(
  evidence: Evidence,
  host: HostSnapshot,
  node: NodeEvidence,
  container: Container,
  severity: Finding['severity'],
): Finding {
  const restarting = container.state === 'restarting';
  const monitorAway = evidence.monitor?.current !== true;
  return {
    code: restarting && monitorAway ? 'R59' : restarting ? 'R12' : 'R37',
    severity,
    node: node.name,
    title: `container ${container.name} on ${host.name} is ${containerWords(container)}`,
    evidence: [...containerEvidence(evidence, host, container), ...reportLine(node)],
    remedy: stoppedRemedy(host, container, restarting, monitorAway),
  };
}

function stoppedRemedy(host: HostSnapshot, container: Container, restarting: boolean, monitorAway: boolean): string {
  if (monitorAway) {
    return 'bring the monitor back first: a node that starts without it does not come up, and then starts by itself';
  }
  if (restarting) return `read why it gives up: docker logs --tail 100 ${container.name} on ${host.name}`;
  if (container.state === 'paused') return `on ${host.name}: docker unpause ${container.name}`;
  return `on ${host.name}: docker start ${container.name}`;
}

function containerEvidence(evidence: Evidence, host: HostSnapshot, container: Container): readonly string[] {
  // The end is by the host's clock: only the text of Docker is shown, no age is made of it.
  const finished = container.finishedAt;
  const when =
    finished === undefined || !isTime(finished)
      ? ''
      : ` at ${new Date(finished).toISOString()} (clock of ${host.name})`;
  const restarts = container.restarts > 0 ? [`${container.restarts} restarts`] : [];
  return [`docker on ${host.name}: ${containerWords(container)}${when}`, ...restarts, ...exitMeaning(container)].filter(
    line => line !== '' && evidence.now >= 0,
  );
}

function exitMeaning(container: Container): readonly string[] {
  if (container.outOfMemory) return ['killed by the kernel: out of memory'];
  if (container.exitCode === 137) return ['137: killed'];
  if (container.exitCode === 12) return ['12: pg_autoctl gave up (dropped, configuration, access or version)'];
  if (container.exitCode === 0 || container.exitCode === 143) return [`${container.exitCode}: stopped by hand`];
  return [];
}

function onHost(evidence: Evidence, host: HostSnapshot): readonly string[] {
  const node = evidence.nodeOn(host);
  const part = [node?.name, host.monitor === undefined ? undefined : 'the monitor'].filter(each => each !== undefined);
  const what = part.length === 0 ? [] : [`it has ${part.join(' and ')}`];
  return node === undefined ? what : [...what, ...reportLine(node)];
}

function reportLine(node: NodeEvidence | GroupNode): readonly string[] {
  if (!node.rowCurrent || node.reportAge === null) return [];
  return [
    `the monitor last heard ${node.name} ${wholeSeconds(node.reportAge)} ago, health ${node.row?.health ?? 'unknown'}`,
  ];
}

function problemLines(problem: Problem): readonly string[] {
  return problem.detail === undefined
    ? []
    : problem.detail
        .split('\n')
        .filter(line => line.trim() !== '')
        .slice(0, 3);
}

function lastSeen(evidence: Evidence, sample: Sample<unknown> | undefined): readonly string[] {
  const last = latest(sample);
  return last === undefined
    ? ['it has not answered since the console started']
    : [`last answer ${wholeSeconds((evidence.now - last.at) / 1000)} ago`];
}

function seenInstead(containers: readonly Container[]): readonly string[] {
  const names = containers.map(container => container.name).slice(0, 8);
  return [names.length === 0 ? 'Docker shows no container there' : `Docker shows: ${names.join(', ')}`];
}

function isTime(milliseconds: number): boolean {
  return !Number.isNaN(new Date(milliseconds).getTime());
}
