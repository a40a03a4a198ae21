import {duration} from '../../cluster/duration.ts';
import type {Truth} from '../truth.ts';

/** The truth for a person: what is really so in the simulated cluster. */
export function truthLines(truth: Truth): readonly string[] {
  const names = (nodes: readonly string[]) => (nodes.length === 0 ? 'none' : nodes.join(', '));
  return [
    `as it was at ${new Date(truth.at).toISOString().slice(11, 19)} UTC of simulated time; :truth looks again`,
    '',
    ...truth.groups.flatMap(group => [
      `formation ${group.formation}, group ${group.group}`,
      `  writes possible     ${group.writesPossible ? 'yes' : 'no'}, for ${duration((truth.at - group.since) / 1000)}`,
      `  survives any loss   ${group.redundant ? 'yes' : 'no'}`,
      `  open for writes     ${names(group.open)}`,
      `  acknowledging       ${names(group.acknowledging)}`,
      `  writes              ${group.acknowledgedWrites} acknowledged, ${group.lostWrites} of them lost`,
      `  without writes      ${duration(group.secondsWithoutWrites)} in all`,
    ]),
    `faults in place       ${truth.faults.length === 0 ? 'none' : truth.faults.join('; ')}`,
  ];
}
