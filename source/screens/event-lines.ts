import type {ClusterEvent} from '../cluster/snapshot.ts';
import type {Appearance} from './appearance.ts';
import {isMoving, statesText} from './node-columns.ts';
import {cell, painted, type Row} from './row.ts';

/** The monitor's events, oldest first, one row each: when, which node, its states, the monitor's own words. */
export function eventRows(events: readonly ClusterEvent[], columns: number, appearance: Appearance): readonly Row[] {
  const nodeWidth = Math.min(16, Math.max(8, ...events.map(event => event.nodeName.length)));
  const stateWidth = columns >= 110 ? 37 : 22;
  return events.map((event): Row => {
    const states = statesText(event);
    return [
      painted(` ${appearance.timeOfDay(event.at)}  `, 'dim'),
      {text: `${cell(event.nodeName, nodeWidth)}  `},
      painted(cell(states, stateWidth), ...(isMoving(event) ? (['warning'] as const) : [])),
      ...(columns >= 70 ? [painted(`  ${meaning(event)}`, 'dim')] : []),
    ];
  });
}

/** The monitor repeats node, address and states in most of its sentences; what says why is what remains. */
function meaning(event: ClusterEvent): string {
  return event.description
    .replace(/^New state is reported by node \d+ "[^"]*" \([^)]*\)[^:]*: .*$/, 'reported')
    .replace(/^Setting goal state of node \d+ "[^"]*" \([^)]*\).*? to "?(\w+)"?/, 'goal $1')
    .replace(/^(?:Node )?node \d+ "[^"]*" \([^)]*\) (?=is )/i, '')
    .replace(/node \d+ "([^"]*)" \([^)]*\)/g, '$1');
}
