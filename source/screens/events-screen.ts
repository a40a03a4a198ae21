import {clusterClock} from '../cluster/cluster-time.ts';
import type {ConsoleState} from '../console/store.ts';
import type {Appearance} from './appearance.ts';
import {eventRows} from './event-lines.ts';
import {counted} from './measures.ts';
import {blankRow, painted, type Row, spread} from './row.ts';

/** The monitor's events, newest last; `scroll` counts back from the newest, 0 follows. At most `height` rows. */
export function eventsRows(
  {snapshot, now}: Pick<ConsoleState, 'snapshot' | 'now'>,
  scroll: number,
  columns: number,
  height: number,
  appearance: Appearance,
): {rows: readonly Row[]; limit: number} {
  const {events} = snapshot;
  const room = Math.max(0, height - 2);
  const limit = Math.max(0, events.length - room);
  const back = Math.max(0, Math.min(scroll, limit));
  const shown = events.slice(Math.max(0, events.length - back - room), events.length - back);
  const place = back === 0 ? 'following' : `${back} newer below`;
  const title = spread(
    [{text: ' '}, painted('Events', 'bold'), painted(`  of the monitor, ${counted(events.length, 'event')}`, 'dim')],
    [painted(`${place} `, 'dim')],
    columns,
  );
  const empty: readonly Row[] = [[painted(' no event has been read yet', 'dim')]];
  return {
    rows: [
      title,
      blankRow,
      ...(events.length === 0 ? empty : eventRows(shown, clusterClock(snapshot, now), columns, appearance)),
    ].slice(0, height),
    limit,
  };
}
