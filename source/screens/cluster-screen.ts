import {clusterClock} from '../cluster/cluster-time.ts';
import type {ConsoleState} from '../console/store.ts';
import type {Appearance} from './appearance.ts';
import {eventRows} from './event-lines.ts';
import {findingRows} from './finding-lines.ts';
import {lagRows} from './lag-lines.ts';
import {nodeTableHeight, nodeTableRows} from './node-table.ts';
import {blankRow, painted, type Row} from './row.ts';

export type ClusterView = Pick<
  ConsoleState,
  'snapshot' | 'assessment' | 'now' | 'lagHistory' | 'changes' | 'selectedNode' | 'nodeFilter'
>;

/** From this many rows on, parts of the screen have a heading; below it a blank row has to do. */
const roomyHeight = 24;
const leastFindings = 3;
const leastEvents = 3;

/**
 * Nodes, lag history, findings, events: at most `height` rows. When there is too little room the lag history goes first, then the
 * blank rows, then events; the nodes and the worst finding stay longest.
 */
export function clusterRows(
  view: ClusterView,
  columns: number,
  height: number,
  appearance: Appearance,
): readonly Row[] {
  const wanted = nodeTableHeight(view);
  const table = nodeTableRows(view, columns, Math.min(wanted, Math.max(2, height - leastFindings - 1)));
  const rest = height - table.length;
  const lag = rest >= leastFindings + leastEvents + 4 ? lagRows(view, columns, lagHeight(height)) : [];
  const headings = height >= roomyHeight;
  const lower = height - table.length - (lag.length === 0 ? 0 : lag.length + 1) - 1;
  const blank = lower < 4 ? [] : [blankRow];
  const room = lower + 1 - blank.length;
  const findings = lowerPart(
    'FINDINGS',
    headings,
    findingRows(view.assessment, columns, findingHeight(room, headings)),
  );
  const eventHeight = room - findings.length - 1 - (headings ? 1 : 0);
  const events =
    eventHeight < 1
      ? []
      : eventRows(view.snapshot.events.slice(-eventHeight), clusterClock(view.snapshot, view.now), columns, appearance);
  return [
    ...table,
    ...(lag.length === 0 ? [] : [blankRow, ...lag]),
    ...blank,
    ...findings,
    ...(events.length === 0 ? [] : [blankRow, ...lowerPart('EVENTS', headings, events)]),
  ].slice(0, height);
}

function lagHeight(height: number): number {
  return height >= 40 ? 6 : height >= 28 ? 3 : 2;
}

/** Findings get what they need; some events stay as long as there is room for both. */
function findingHeight(room: number, headings: boolean): number {
  const heading = headings ? 1 : 0;
  const events =
    room >= leastFindings + leastEvents + 1 + 2 * heading
      ? Math.min(leastEvents, Math.floor(room / 4)) + 1 + heading
      : 0;
  return Math.max(1, room - events - heading);
}

function lowerPart(heading: string, headings: boolean, rows: readonly Row[]): readonly Row[] {
  return headings ? [[painted(` ${heading}`, 'dim')], ...rows] : rows;
}
