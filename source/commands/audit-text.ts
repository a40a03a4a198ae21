import type {AuditEntry} from '../actions/audit-entries.ts';
import type {AuditLine} from '../actions/audit-line.ts';
import {duration} from '../cluster/duration.ts';
import {shownCommand} from '../ssh/quote.ts';

/** A run of the audit log for a person: when, who and what, what came of it, and what was run where. */
export function auditText({line, ended}: AuditEntry): readonly string[] {
  const {at, title, cluster, formation, forced, message} = line;
  const time = new Date(at).toISOString().replace('T', ' ').slice(0, 19);
  const failed = line.checks.filter(check => check.result === 'fail');
  const run = line.steps.filter(step => line.event === 'begin' || !['waiting', 'skipped'].includes(step.state));
  return [
    `${time}Z  ${title} in ${cluster}/${formation}${forced ? ', forced' : ''}, by ${whoOf(line)}`,
    `    ${outcomeWords(line, ended)}${message === null ? '' : `: ${message}`}`,
    ...(forced && line.event !== 'refused'
      ? failed.map(check => `    past a failed check: ${check.title}: ${check.evidence}`)
      : []),
    ...run.map(
      step => `    ${step.user === null ? '' : `${step.user}@`}${step.host}: ${shownCommand(step.argv)}${exitOf(step)}`,
    ),
  ];
}

function whoOf({who: {user, sudoUser, machine, sshConnection}}: AuditLine): string {
  const name = sudoUser === null || sudoUser === user ? user : `${sudoUser} as ${user}`;
  const [from] = sshConnection?.split(' ') ?? [];
  return `${name} on ${machine}${from === undefined ? '' : ` from ${from}`}`;
}

function outcomeWords({event, outcome, durationSeconds, withoutWritesSeconds}: AuditLine, ended: boolean): string {
  if (!ended) return 'UNFINISHED: it runs, or the program ended before it could write down what came of it';
  const words = {done: 'done', failed: 'FAILED', refused: 'refused', unknown: 'OUTCOME NOT KNOWN'};
  const took = durationSeconds === null || event === 'refused' ? '' : ` after ${duration(durationSeconds)}`;
  const writes =
    withoutWritesSeconds === null || event === 'refused' ? '' : `, no writes for ${withoutWritesSeconds.toFixed(1)} s`;
  return `${outcome === null ? 'ended' : words[outcome]}${took}${writes}`;
}

function exitOf({exitCode}: AuditLine['steps'][number]): string {
  return exitCode === null || exitCode === 0 ? '' : ` (exit status ${exitCode})`;
}
