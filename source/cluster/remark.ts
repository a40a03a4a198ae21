import {wholeSeconds} from './duration.ts';
import {isChosen} from './election.ts';
import type {GroupNode} from './group.ts';
import {registeredElsewhere, replicationRow} from './lag.ts';
import {formatLsn} from './lsn.ts';
import type {Situation} from './situation.ts';
import {reports} from './tolerance.ts';

/** A few words about a node's part in what happens now; undefined when there is nothing to add to its states. */
export function remarkOf(node: GroupNode, situation: Situation): string | undefined {
  return fenceRemark(node) ?? electionRemark(node, situation) ?? standbyRemark(node, situation);
}

function fenceRemark(node: GroupNode): string | undefined {
  return node.proof.writable === null && node.proof.source !== null ? node.proof.reason : undefined;
}

function electionRemark(node: GroupNode, {election}: Situation): string | undefined {
  if (election === undefined) return undefined;
  if (isChosen(node)) return 'promoted next';
  const is = (other: GroupNode) => other.name === node.name;
  if (election.missing.some(is)) return 'missing: the election waits for it';
  if (election.awaited.some(is)) return 'its position is awaited';
  if (node.row?.reportedState !== 'report_lsn') return undefined;
  return node.row.lsn === undefined ? 'reported its position' : `reported ${formatLsn(node.row.lsn)}`;
}

function standbyRemark(node: GroupNode, {group}: Situation): string | undefined {
  const {primary} = group;
  if (primary === undefined || primary.name === node.name) return undefined;
  const row = replicationRow(node, primary);
  if (!reports(node) && node.reportAge !== null && node.rowCurrent) return `silent for ${wholeSeconds(node.reportAge)}`;
  if (row !== undefined) return row.state;
  if (registeredElsewhere(node, primary)) return 'on another timeline';
  const knows = primary.postgres?.inRecovery === false;
  return knows ? 'not connected to the primary' : undefined;
}
