import {wholeSeconds} from './duration.ts';
import {inMaintenance} from './election.ts';
import {containerWords} from './evidence.ts';
import {fewNames} from './few-names.ts';
import type {GroupNode} from './group.ts';
import type {Situation} from './situation.ts';
import {afterPrimaryLoss, afterQuorumLoss, isConnected, isSoundStandby, reports} from './tolerance.ts';

/** Which loss would now stop writes, and how; undefined when any one node may fail. */
export function lossWords({group, redundancy, tolerates}: Situation): string | undefined {
  const {primary} = group;
  if (primary === undefined || tolerates === null || tolerates > 0) return undefined;
  const primaryHurts = afterPrimaryLoss(redundancy) === undefined;
  const standbyHurts = redundancy.quorum > 0 && afterQuorumLoss(redundancy) === undefined;
  if (group.nodes.length === 1) return `losing ${primary.name} stops writes`;
  if (primaryHurts && standbyHurts) return 'losing another node stops writes';
  if (primaryHurts) return `losing ${primary.name} stops writes`;
  return standbyHurts ? 'losing a standby stops writes' : undefined;
}

/** Why redundancy is reduced, in a few words: which standby is away, or which host cannot be seen. */
export function causeWords(situation: Situation, unreachable: readonly string[]): string | undefined {
  const {group} = situation;
  if (situation.starting) return 'the monitor has just started, and not heard every node yet';
  const away = group.nodes.filter(
    node => node !== group.primary && !(isSoundStandby(node) && isConnected(group, node)),
  );
  const [first] = away;
  if (first !== undefined && away.length === 1) return `${first.name} ${absence(first)}`;
  if (first !== undefined) return `${fewNames(away.map(node => node.name))} are away`;
  return unreachable.length === 0 ? undefined : `cannot reach ${fewNames(unreachable)}`;
}

function absence(node: GroupNode): string {
  if (inMaintenance(node)) return 'in maintenance';
  const {container} = node;
  if (node.containerCurrent && container !== undefined && container.state !== 'running')
    return containerWords(container);
  if (!reports(node)) {
    return node.reportAge === null ? 'silent' : `silent for ${wholeSeconds(node.reportAge)}`;
  }
  if (node.row?.health === 'bad') return 'unhealthy';
  if (isSoundStandby(node)) return 'is not connected to the primary';
  return node.row?.assignedState === node.row?.reportedState ? `is ${node.row?.reportedState ?? '?'}` : 'joins';
}
