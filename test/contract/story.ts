import {byText} from './by-text.ts';
import {normalise} from './normalise.ts';
import {nameOf, pairOf, type Row} from './operator.ts';

/**
 * What the monitor's events tell of each node, oldest first: the pair of its states and the words. Health checks come when they come, and
 * are left out.
 */
export function storyOf(events: readonly Row[]): string {
  const told = events.filter(event => !/ is marked as /.test(String(event.description)));
  const names = [...new Set(told.map(nameOf))].toSorted(byText);
  return names.map(name => `${name}\n${chapter(told.filter(event => nameOf(event) === name))}`).join('');
}

/** Seconds of the monitor's clock from the first event to the last. */
export function secondsOf(events: readonly Row[]): number {
  return (Number(events.at(-1)?.at ?? 0) - Number(events[0]?.at ?? 0)) / 1000;
}

/** A node that follows a new primary waits for it in join_secondary, unless it comes so late that there is nothing to wait for. */
const following = /^(report_lsn|join_secondary)\/(join_secondary|secondary)$/;

function chapter(events: readonly Row[]): string {
  const lines = events.map(event => {
    const pair = pairOf(event);
    return following.test(pair) ? 'report_lsn/[join_]secondary' : `${pair} ${normalise(String(event.description))}`;
  });
  return lines
    .filter((line, index) => line !== lines[index - 1])
    .map(line => `  ${line}\n`)
    .join('');
}
