import {type AuditLine, type AuditPlace, whoAndWhere} from '../actions/audit-line.ts';
import type {BootstrapRecord} from '../bootstrap/bootstrap-record.ts';
import {argvOf} from '../bootstrap/step-argv.ts';

/** A bootstrap as a line of the audit log: what it makes or would have made, where, and what came of it. */
export function bootstrapLine(
  {options, forced, checks, steps, startedAt, ended}: BootstrapRecord,
  id: string,
  docker: (host: string) => readonly string[],
  place: AuditPlace,
  now: number,
): AuditLine {
  const how = ended?.how;
  return {
    event: how === undefined ? 'begin' : how.kind === 'refused' ? 'refused' : 'end',
    id,
    ...whoAndWhere(place, now),
    action: 'bootstrap',
    title: ['Bootstrap', ...options.map(option => `--${option}`)].join(' '),
    target: null,
    value: null,
    options,
    forced,
    checks: checks.map(({id: check, host, result, title, evidence}) => ({
      id: check,
      result,
      title: host === undefined ? title : `${host}: ${title}`,
      evidence,
    })),
    steps: steps.map(({step, state}) => ({
      host: step.host,
      user: place.userOn(step.host) ?? null,
      argv: argvOf(step, docker),
      state,
      exitCode: state === 'succeeded' ? 0 : null,
    })),
    outcome: how?.kind ?? null,
    message: how === undefined || how.kind === 'done' ? null : how.message,
    durationSeconds: ended === undefined ? null : (ended.at - startedAt) / 1000,
    withoutWritesSeconds: null,
  };
}
