import {problemOf} from '../cluster/sample.ts';
import type {Snapshot} from '../cluster/snapshot.ts';
import type {Span} from '../terminal/span.ts';
import {durationText} from './measures.ts';
import {painted} from './row.ts';

/** The monitor is read once a second: older than this, something is slow. Milliseconds. */
const liveMs = 3000;

/** How old the facts on the screen are: `live 1 s`, or since when the monitor has not been read. */
export function connectionSpan(snapshot: Snapshot, now: number): Span {
  const {monitor} = snapshot;
  if (monitor === undefined)
    return painted(snapshot.hosts.every(host => host.link === undefined) ? 'connecting' : 'monitor: connecting', 'dim');
  if ('value' in monitor) {
    const age = now - monitor.at;
    if (age < liveMs) return painted(`live ${Math.max(1, Math.ceil(age / 1000))} s`);
    return painted(`monitor read ${durationText(age / 1000)} ago`, 'warning');
  }
  if (monitor.last !== undefined)
    return painted(`monitor lost ${durationText((now - monitor.last.at) / 1000)} ago`, 'danger');
  return painted(`monitor: ${shortProblem(problemOf(monitor)?.kind)}`, 'danger');
}

function shortProblem(kind: string | undefined): string {
  return kind === undefined ? 'no answer' : kind.replace(/^monitor-/, '').replaceAll('-', ' ');
}
