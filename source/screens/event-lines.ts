import type {ClusterEvent} from '../cluster/snapshot.ts';
import {stripLine} from '../terminal/strip.ts';
import {displayWidth} from '../terminal/width.ts';
import type {Appearance} from './appearance.ts';
import {isMoving, statesText} from './node-columns.ts';
import {cell, painted, type Row} from './row.ts';

/** A change that is older is history, and stays calm. */
const recentMs = 60_000;

/** The monitor's events, oldest first, one row each: when, which node, its states, why. Events of another day than `now` carry their date. */
export function eventRows(
  events: readonly ClusterEvent[],
  now: number,
  columns: number,
  appearance: Appearance,
): readonly Row[] {
  const nodeWidth = Math.min(16, Math.max(8, ...events.map(event => displayWidth(stripLine(event.nodeName)))));
  const stateWidth = columns >= 110 ? 37 : 29;
  const dated = events.some(event => appearance.day(event.at) !== appearance.day(now));
  return events.map((event): Row => {
    const day = dated ? `${appearance.day(event.at)} ` : '';
    return [
      painted(` ${day}${appearance.timeOfDay(event.at)}  `, 'dim'),
      {text: `${cell(event.nodeName, nodeWidth)}  `},
      painted(
        cell(statesText(event), stateWidth),
        ...(isMoving(event) && now - event.at < recentMs ? (['warning'] as const) : []),
      ),
      ...(columns >= 70 ? [painted(`  ${reasonOf(event)}`, 'dim')] : []),
    ];
  });
}

/** The monitor's sentences repeat node, address and states, which stand beside them; what says why is what remains. */
function reasonOf(event: ClusterEvent): string {
  return event.description
    .replace(/^New state is reported by node \d+ "[^"]*" \([^)]*\)[^:]*: .*$/, '')
    .replace(/^Setting goal state of node \d+ "[^"]*" \([^)]*\).*? to "?\w+"?[ .]*/, '')
    .replace(/^(?:Node )?node \d+ "[^"]*" \([^)]*\) is (marked as \w+) by the monitor/i, '$1')
    .replace(/node \d+ "([^"]*)" \([^)]*\)/g, '$1')
    .replace(/\.$/, '');
}
