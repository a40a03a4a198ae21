import type {Finding} from './assessment.ts';
import {wholeSeconds} from './duration.ts';
import {inMaintenance} from './election.ts';
import type {Evidence} from './evidence.ts';
import {nodeFacts} from './facts.ts';
import type {GroupNode} from './group.ts';
import type {Situation} from './situation.ts';
import {isMissing} from './tolerance.ts';

/** Elections that cannot complete, and the ones that could not if the primary were lost now. */
export function electionFindings(evidence: Evidence, situation: Situation): readonly Finding[] {
  if (situation.election !== undefined) return stuckElection(evidence, situation);
  return [...noFailover(evidence, situation), ...nextFailover(evidence, situation)];
}

function stuckElection(evidence: Evidence, situation: Situation): readonly Finding[] {
  const {election, group, change} = situation;
  if (election?.stuck === undefined) return [];
  const words = election.message === undefined ? [] : [`monitor: ${election.message}`];
  const critical = {severity: 'critical' as const};
  switch (election.stuck) {
    case 'R05': {
      const names = election.missing.map(node => node.name).join(', ');
      const [first] = election.missing;
      return [
        {
          ...critical,
          code: change?.kind === 'switchover' ? 'R07' : 'R05',
          node: first?.name ?? null,
          title: `no primary: the election waits for ${names}, which ${election.missing.length === 1 ? 'is' : 'are'} silent`,
          evidence: [...words, ...election.missing.flatMap(node => nodeFacts(evidence, node))],
          remedy: `start ${names}: the election completes by itself once it reports. Only if it is lost for good: drop it (not --force), which may lose what only it has`,
        },
      ];
    }
    case 'R06': {
      const absent = group.nodes.filter(inMaintenance);
      const names = absent.map(node => node.name).join(', ');
      return [
        {
          ...critical,
          code: 'R06',
          node: absent[0]?.name ?? null,
          title: `no primary: ${election.candidates} candidate${election.candidates === 1 ? '' : 's'}, number_sync_standbys needs ${election.required}`,
          evidence: [...words, ...absent.flatMap(node => nodeFacts(evidence, node))],
          remedy:
            absent.length > 0
              ? `end the maintenance of ${names}: pg_autoctl disable maintenance there`
              : 'bring another node of the replication quorum back',
        },
      ];
    }
    case 'R08':
      return [
        {
          ...critical,
          code: 'R08',
          node: null,
          title: election.nobodyMayWin
            ? 'no primary: every node has candidate priority 0'
            : 'no primary: all nodes have reported and none is chosen',
          evidence: [...words, ...group.nodes.flatMap(node => nodeFacts(evidence, node).slice(0, 1))],
          remedy: election.nobodyMayWin
            ? 'give one node a candidate priority above 0: pg_autoctl set node candidate-priority'
            : "read the monitor's message: an unhealthy candidate, or standbys too far behind; then heal that node",
        },
      ];
    case 'R09':
    case 'R10':
      return [
        {
          ...critical,
          code: election.stuck,
          node: election.candidate?.name ?? null,
          title: `${election.candidate?.name ?? 'the candidate'} is stuck on its way to primary (${election.candidate?.row?.assignedState ?? '?'})`,
          evidence: [...words, ...(election.candidate === undefined ? [] : nodeFacts(evidence, election.candidate))],
          remedy:
            election.stuck === 'R09'
              ? `bring up the standby that is furthest ahead, or let it be reached (HBA between standbys)${fromItself(election.candidate)}`
              : `read its log; restart its keeper: docker restart ${election.candidate?.containerName ?? election.candidate?.name ?? ''}`,
        },
      ];
  }
}

/** A candidate that was the last to report may be told to fetch from itself, which never ends. */
function fromItself(candidate: GroupNode | undefined): string {
  if (candidate?.row === undefined) return '';
  const sql = `update pgautofailover.node set goalstate = 'report_lsn' where nodeid = ${candidate.row.id} and goalstate = 'fast_forward'`;
  return `; when its own log says that it fetches from itself, begin the election anew in the monitor's database, as its superuser: ${sql}`;
}

/** The primary is silent and the monitor will do nothing about it (R27). */
function noFailover(evidence: Evidence, {silence}: Situation): readonly Finding[] {
  if (silence?.hindrance === undefined || silence.seconds < 10) return [];
  // A keeper that alone is silent has its own finding (R11).
  if (silence.node.row?.health === 'good') return [];
  return [
    {
      code: 'R27',
      severity: 'critical',
      node: silence.node.name,
      title: `${silence.node.name} is silent and there will be no failover: ${silence.hindrance}`,
      evidence: nodeFacts(evidence, silence.node),
      remedy: `bring ${silence.node.name} back, or a standby that may be promoted`,
    },
  ];
}

/** Said before the incident: with this node silent or absent, losing the primary stops writes for good. */
function nextFailover(evidence: Evidence, {group, redundancy, change, starting}: Situation): readonly Finding[] {
  if (starting || !group.monitorCurrent || group.primary === undefined || group.nodes.length < 3) return [];
  if (change !== undefined && !change.overdue && change.kind !== 'join') return [];
  const others = group.nodes.filter(node => node !== group.primary && node.row?.replicationQuorum === true);
  const silent = others.filter(isMissing).map(node => blocker(evidence, node, 'silent', startRemedy(node)));
  if (silent.length > 0) return silent;
  const away = others.filter(node => node.row?.assignedState === 'maintenance');
  const short = group.numberSyncStandbys > 0 && redundancy.quorum < group.numberSyncStandbys + 1;
  return short ? away.map(node => blocker(evidence, node, 'in maintenance', endRemedy(node))) : [];
}

function blocker(evidence: Evidence, node: GroupNode, what: string, remedy: string): Finding {
  return {
    code: 'next-failover-blocks',
    severity: 'warning',
    node: node.name,
    title: `the next failover will block: ${node.name} is in the quorum and ${what}`,
    evidence: [
      ...nodeFacts(evidence, node),
      ...(node.reportAge === null
        ? []
        : [`an election waits for every quorum node; it last reported ${wholeSeconds(node.reportAge)} ago`]),
    ],
    remedy,
  };
}

function startRemedy(node: GroupNode): string {
  return `start ${node.name} again; for a long absence take it out of the quorum (R54). No switchover until then`;
}

function endRemedy(node: GroupNode): string {
  return `end its maintenance: pg_autoctl disable maintenance on ${node.name}; for a long absence see R54`;
}
