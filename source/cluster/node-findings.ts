import type {Finding} from './assessment.ts';
import {stateWords} from './change.ts';
import {silentAfterSeconds, slowestHealthCheckSeconds} from './countdown.ts';
import {wholeSeconds} from './duration.ts';
import {inMaintenance} from './election.ts';
import type {Evidence} from './evidence.ts';
import {nodeFacts} from './facts.ts';
import {isPossible, knowsEdgesOf} from './fsm-edges.ts';
import type {GroupNode} from './group.ts';
import {registeredElsewhere} from './lag.ts';
import type {Situation} from './situation.ts';
import {isConnected, isSoundStandby, reports} from './tolerance.ts';

type Rule = (
  node: GroupNode,
  evidence: Evidence,
  situation: Situation,
) => Omit<Finding, 'node' | 'evidence'> | undefined;

/** What is wrong with a node by the monitor's row; the first rule that fits speaks for it. */
export function nodeFindings(evidence: Evidence, situation: Situation): readonly Finding[] {
  const {group} = situation;
  if (!group.monitorCurrent) return [];
  return group.nodes.flatMap(node => {
    for (const rule of rules) {
      const found = rule(node, evidence, situation);
      if (found !== undefined) return [{...found, node: node.name, evidence: nodeFacts(evidence, node)}];
    }
    return [];
  });
}

const dropped: Rule = node => {
  if (node.row?.assignedState !== 'dropped') return undefined;
  if (reports(node)) return undefined;
  return {
    code: 'R38',
    severity: 'warning',
    title: `${node.name} was dropped and its row stays: its keeper is gone`,
    remedy: `if it is dead for good: :drop ${node.name} --lost`,
  };
};

const impossible: Rule = (node, evidence) => {
  const {row} = node;
  const version = evidence.monitor?.reading.version ?? '';
  if (row === undefined || !knowsEdgesOf(version) || isPossible(row.reportedState, row.assignedState)) return undefined;
  if ((node.stateAge ?? 0) <= 5) return undefined;
  return {
    code: 'R41',
    severity: 'critical',
    title: `${node.name} cannot get from ${row.reportedState} to ${row.assignedState}: pg_auto_failover knows no way`,
    remedy:
      row.reportedState === 'wait_primary' && row.assignedState === 'draining'
        ? 'wait 30 s: it mostly heals itself when the drain timeout ends'
        : 'see the reference rule R41: the assigned state has to be corrected on the monitor by its owner',
  };
};

const keeperDead: Rule = (node, _evidence, {group, starting}) => {
  if (starting) return undefined;
  const {row} = node;
  if (row === undefined || row.health !== 'good' || reports(node) || node.reportAge === null) return undefined;
  // Until the checks could have failed, a good health is only old news.
  const proven = node.postgres !== undefined || node.reportAge > 10 + slowestHealthCheckSeconds(group.settings);
  if (!proven) return undefined;
  const primary = node === group.primary;
  const name = node.containerName ?? node.name;
  const keeper = `pg_autoctl in ${name}`;
  return {
    code: 'R11',
    severity: 'warning',
    title: `${node.name}: keeper silent for ${wholeSeconds(node.reportAge)}, Postgres answers${primary ? ': no failover' : ''}`,
    remedy: primary
      ? `does ${keeper} run and reach the monitor? If not, start only it (docker exec -d ${name} pg_autoctl run): a restart of the container is a failover. No switchover before`
      : `does ${keeper} run and reach the monitor? If it does not run: docker restart ${name}`,
  };
};

const silent: Rule = (node, _evidence, {group, change, starting}) => {
  if (starting) return undefined;
  if (node.row === undefined || reports(node) || node.reportAge === null) return undefined;
  if (node === group.primary && change === undefined) return undefined;
  // The host's or the container's own finding says why.
  if (node.problem !== undefined && node.problem.kind !== 'query') return undefined;
  return {
    code: 'node-silent',
    severity: 'warning',
    title: `${node.name} silent for ${wholeSeconds(node.reportAge)} (${stateWords(node)})`,
    remedy: `look at its container and its log: docker logs ${node.containerName ?? node.name}`,
  };
};

const maintenance: Rule = node => {
  if (node.row?.assignedState !== 'maintenance' || node.row.reportedState !== 'maintenance') return undefined;
  return {
    code: 'R47',
    severity: 'warning',
    title: `${node.name} in maintenance for ${wholeSeconds(node.stateAge ?? 0)}`,
    remedy: `when the work is done: pg_autoctl disable maintenance on ${node.name}`,
  };
};

const catchingUp: Rule = (node, _evidence, {group}) => {
  const {row} = node;
  if (row?.assignedState !== 'catchingup' || (node.stateAge ?? 0) <= 60) return undefined;
  if (registeredElsewhere(node, group.primary)) return undefined;
  // A node that does not report is not catching up: what keeps it away has its own finding.
  if (!reports(node)) return undefined;
  return {
    code: 'R23',
    severity: 'warning',
    title: `${node.name} is catching up for ${wholeSeconds(node.stateAge ?? 0)} (${stateWords(node)})`,
    remedy:
      'check in this order: its health, its keeper, its timeline, its lag, a base backup in progress, its replication slot',
  };
};

const neverJoins: Rule = node => {
  const waits = node.row?.assignedState === 'wait_standby' && node.row.reportedState === 'wait_standby';
  if (!waits || (node.stateAge ?? 0) <= 30) return undefined;
  return {
    code: 'R39',
    severity: 'warning',
    title: `${node.name} waits to join for ${wholeSeconds(node.stateAge ?? 0)}`,
    remedy: 'the primary has to be stable and its keeper running; heal it first, then this node joins by itself',
  };
};

/** States in which Postgres is stopped or not reachable by design: health "bad" says nothing there. */
const stoppedByDesign = ['init', 'wait_standby', 'join_secondary', 'demoted', 'demote_timeout', 'draining', 'dropped'];

const unhealthy: Rule = (node, _evidence, {change}) => {
  const {row} = node;
  if (change?.kind === 'join' && !change.overdue) return undefined;
  if (row?.health !== 'bad' || !reports(node) || !row.postgresRunning || inMaintenance(node)) return undefined;
  if (stoppedByDesign.includes(row.reportedState) || (node.stateAge ?? 0) <= 10) return undefined;
  // A keeper that reports does so every second; an older report is that of one that has just gone.
  if ((node.reportAge ?? 0) > silentAfterSeconds) return undefined;
  return {
    code: 'R26',
    severity: 'warning',
    title: `the monitor cannot connect to ${node.name}, whose keeper reports: no failover to or from it`,
    remedy: `from the monitor: psql "host=${row.host} port=${row.port} user=pgautofailover_monitor dbname=postgres"; repair pg_hba.conf, firewall or port`,
  };
};

const disconnected: Rule = (node, _evidence, {group, blocked}) => {
  const {primary} = group;
  if (blocked !== undefined || primary?.postgres === undefined || !isSoundStandby(node) || isConnected(group, node))
    return undefined;
  if ((node.stateAge ?? 0) <= 5 || (primary.stateAge ?? 0) <= 5 || node.problem !== undefined) return undefined;
  return {
    code: 'not-streaming',
    severity: 'warning',
    title: `${node.name} is not connected to ${primary.name}, although the monitor finds it healthy`,
    remedy: `it connects again by itself when it can: look at the network between ${node.name} and ${primary.name}, and at its log`,
  };
};

const postgresStopped: Rule = node => {
  const {row} = node;
  if (row === undefined || row.postgresRunning || !reports(node) || inMaintenance(node)) return undefined;
  if (stoppedByDesign.includes(row.reportedState) || row.reportedState !== row.assignedState) return undefined;
  return {
    code: 'R34',
    severity: 'warning',
    title: `Postgres does not run on ${node.name}, whose keeper reports`,
    remedy: `read its log (docker logs ${node.containerName ?? node.name}, startup.log in PGDATA)`,
  };
};

const stuck: Rule = (node, _evidence, {group}) => {
  const {row} = node;
  if (row === undefined || row.reportedState === row.assignedState || !reports(node)) return undefined;
  if ((node.stateAge ?? 0) <= 60 || node === group.primary) return undefined;
  return {
    code: 'stuck-transition',
    severity: 'warning',
    title: `${node.name} is stuck: ${stateWords(node)} for ${wholeSeconds(node.stateAge ?? 0)}`,
    remedy: `its log says what it tries: docker logs ${node.containerName ?? node.name}`,
  };
};

const rules: readonly Rule[] = [
  dropped,
  impossible,
  keeperDead,
  silent,
  maintenance,
  catchingUp,
  neverJoins,
  unhealthy,
  disconnected,
  postgresStopped,
  stuck,
];
