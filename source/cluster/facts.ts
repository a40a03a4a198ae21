import {stateWords} from './change.ts';
import {wholeSeconds} from './duration.ts';
import {containerWords, type Evidence} from './evidence.ts';
import type {GroupNode} from './group.ts';
import {latest} from './sample.ts';

/** What the monitor, Docker and the node itself say about a node, one line each, each with its age. */
export function nodeFacts(evidence: Evidence, node: GroupNode): readonly string[] {
  return [monitorFact(evidence, node), containerFact(evidence, node), postgresFact(node)].filter(
    fact => fact !== undefined,
  );
}

export function monitorFact(evidence: Evidence, node: GroupNode): string | undefined {
  const {row} = node;
  if (row === undefined || evidence.monitor === undefined) return undefined;
  const postgres = row.postgresRunning ? '' : ', Postgres stopped';
  const report = node.reportAge === null ? '' : `, last report ${wholeSeconds(node.reportAge)} ago`;
  return `monitor${readAge(evidence.monitor.ageSeconds)}: ${stateWords(node)}, health ${row.health}${postgres}${report}`;
}

function containerFact(evidence: Evidence, node: GroupNode): string | undefined {
  const sample = latest(node.host?.containers);
  if (node.container === undefined || sample === undefined || node.host === undefined) return undefined;
  // A container's state is pushed by Docker: it has no age while the connection holds.
  const age = node.containerCurrent ? '' : readAge((evidence.now - sample.at) / 1000);
  return `docker on ${node.host.name}${age}: ${node.container.name} ${containerWords(node.container)}`;
}

function postgresFact(node: GroupNode): string | undefined {
  const reading = node.postgres;
  if (reading === undefined || node.postgresAge === null) return undefined;
  const role = reading.inRecovery ? 'in recovery' : reading.readOnly ? 'read-only' : 'accepts writes';
  return `${node.name} itself${readAge(node.postgresAge)}: ${role}, timeline ${reading.timeline}`;
}

/** ` 12 s ago` for what is not from this moment; '' for what is. */
export function readAge(seconds: number): string {
  return seconds < 2 ? '' : `, ${wholeSeconds(seconds)} ago`;
}
