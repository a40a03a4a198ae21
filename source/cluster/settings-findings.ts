import type {Finding} from './assessment.ts';
import {isElectionPriority} from './change.ts';
import type {Evidence} from './evidence.ts';
import type {Situation} from './situation.ts';
import {isSoundStandby} from './tolerance.ts';

/** Settings that do not fit the nodes there are, and leftovers of interrupted changes. */
export function settingsFindings(evidence: Evidence, situation: Situation): readonly Finding[] {
  const {group, change} = situation;
  if (!group.monitorCurrent || group.primary === undefined || (change !== undefined && !change.overdue)) return [];
  return [
    ...tooMany(situation),
    ...leftAtZero(situation),
    ...notApplied(evidence, situation),
    ...stalePriorities(situation),
    ...noCandidate(situation),
  ];
}

/** R49: number_sync_standbys cannot be met by the standbys that are registered. */
function tooMany({group}: Situation): readonly Finding[] {
  const registered = quorumStandbys(group.nodes.filter(node => node !== group.primary)).length;
  const wanted = group.numberSyncStandbys;
  if (wanted === 0 || wanted < registered) return [];
  return [
    {
      code: 'R49',
      severity: 'warning',
      node: null,
      title: `number_sync_standbys is ${wanted}, and only ${registered} quorum standby${registered === 1 ? ' is' : 's are'} registered`,
      evidence: ['it takes one more than that for a failover'],
      remedy: 'add a standby, or set number_sync_standbys to what the standbys allow',
    },
  ];
}

function leftAtZero({group}: Situation): readonly Finding[] {
  const sound = quorumStandbys(group.nodes.filter(node => node !== group.primary && isSoundStandby(node)));
  if (group.numberSyncStandbys > 0 || sound.length < 2) return [];
  return [
    {
      code: 'R49',
      severity: 'info',
      node: null,
      title: `number_sync_standbys is 0 with ${sound.length} healthy standbys: left over from a repair?`,
      evidence: ['commits become asynchronous as soon as no standby is connected'],
      remedy: 'pg_autoctl set formation number-sync-standbys 1',
    },
  ];
}

/** R49: the primary does not have the synchronous_standby_names that the monitor computed. */
function notApplied(evidence: Evidence, {group}: Situation): readonly Finding[] {
  const own = group.primary?.postgres?.synchronousStandbyNames;
  const computed = evidence.monitor?.reading.synchronousStandbyNames;
  // The monitor's value is that of group 0 only.
  if (group.number !== 0 || own === undefined || computed === undefined) return [];
  if (normal(own) === normal(computed) || (group.primary?.stateAge ?? 0) <= 10) return [];
  return [
    {
      code: 'R49',
      severity: 'warning',
      node: group.primary?.name ?? null,
      title: `${group.primary?.name ?? 'the primary'} has not applied synchronous_standby_names`,
      evidence: [`${group.primary?.name ?? 'primary'} itself: '${own}'`, `monitor: '${computed}'`],
      remedy: 'its keeper is not applying it: look at its log',
    },
  ];
}

/** R50: what an interrupted switchover leaves behind. */
function stalePriorities({group}: Situation): readonly Finding[] {
  return group.nodes
    .filter(node => isElectionPriority(node.row?.candidatePriority) && (group.primary?.stateAge ?? 0) > 10)
    .map(node => ({
      code: 'R50',
      severity: 'warning',
      node: node.name,
      title: `${node.name} has kept the candidate priority ${node.row?.candidatePriority ?? '?'} of an election`,
      evidence: ['values outside 0 to 100 are set during a switchover only'],
      remedy: `set it again: pg_autoctl set node candidate-priority --name ${node.name}`,
    }));
}

function noCandidate({group}: Situation): readonly Finding[] {
  const standbys = group.nodes.filter(node => node !== group.primary && node.row?.assignedState !== 'dropped');
  if (standbys.length === 0 || standbys.some(node => (node.row?.candidatePriority ?? 0) > 0)) return [];
  return [
    {
      code: 'no-candidate',
      severity: 'warning',
      node: null,
      title: 'every standby has candidate priority 0: there will be no failover',
      evidence: standbys.map(node => `${node.name}: candidate priority ${node.row?.candidatePriority ?? '?'}`),
      remedy: 'give one a priority above 0: pg_autoctl set node candidate-priority',
    },
  ];
}

function quorumStandbys<N extends {row: {replicationQuorum: boolean; assignedState: string} | undefined}>(
  nodes: readonly N[],
): readonly N[] {
  return nodes.filter(node => node.row?.replicationQuorum === true && node.row.assignedState !== 'dropped');
}

function normal(names: string): string {
  return names.replaceAll(/[\s"']/g, '').toLowerCase();
}
