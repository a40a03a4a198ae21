import type {MonitorReading} from '../cluster/snapshot.ts';
import type {Progress, Situation} from './action.ts';
import {freshReportSeconds, isStablePrimary, monitorOf, primaryOf} from './cluster-facts.ts';

/** `pg_autoctl perform …` gives up after 60 s while the election goes on (R14): the monitor tells what came of it. */
export const performTimesOut: readonly number[] = [6, 12];

/** Done when another node, or the one that was named, is the primary on the monitor. */
export function anotherPrimary(before: Situation, now: Situation, target?: string): Progress {
  const old = monitorOf(before);
  const reading = monitorOf(now);
  if (old === undefined || reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const oldPrimary = primaryOf(old);
  const primary = reading.nodes.find(
    node => isStablePrimary(node) && (oldPrimary === undefined || node.group === oldPrimary.group),
  );
  if (primary === undefined) return {state: 'pending', waitingFor: movingNodes(reading)};
  const another = primary.id !== oldPrimary?.id;
  if (another && (target === undefined || primary.name === target)) {
    return {state: 'done', message: `${primary.name} is the primary on the monitor, timeline ${primary.timeline}`};
  }
  if (another) return {state: 'unchanged', message: `the election chose ${primary.name}, not ${target}`};
  if (primary.timeline !== oldPrimary?.timeline)
    return {state: 'unchanged', message: `the election chose ${primary.name} again`};
  return {state: 'unchanged', message: `${primary.name} is still the primary, nothing moved`};
}

/** Which node the monitor waits for now, in the order of an election. */
export function movingNodes(reading: MonitorReading): string {
  const moving = reading.nodes.filter(
    node => node.reportedState !== node.assignedState && node.assignedState !== 'dropped',
  );
  const silent = moving.filter(node => node.reportAgeSeconds > freshReportSeconds);
  const named = silent.length > 0 ? silent : moving;
  if (named.length === 0) return 'the monitor to choose';
  return named.map(node => `${node.name}: ${node.reportedState} -> ${node.assignedState}`).join(', ');
}
