import {type AuditLine, type AuditPlace, whoAndWhere} from '../actions/audit-line.ts';
import type {BootstrapRecord} from '../bootstrap/bootstrap-record.ts';
import {argvOf} from '../bootstrap/step-argv.ts';

/** A bootstrap as a line of the audit log: what it makes, where, and what came of it. */
export function bootstrapLine(
  {options, forced, checks, steps, startedAt, ended}: BootstrapRecord,
  id: string,
  docker: (host: string) => readonly string[],
  place: AuditPlace,
  now: number,
): AuditLine {
  const outcome = ended?.outcome;
  return {
    event: ended === undefined ? 'begin' : 'end',
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
      title: `${host}: ${title}`,
      evidence,
    })),
    steps: steps.map(({step, state}) => ({
      host: step.host,
      user: place.userOn(step.host) ?? null,
      argv: argvOf(step, docker),
      state,
      exitCode: state === 'succeeded' ? 0 : null,
    })),
    outcome: outcome === undefined ? null : outcome.ok ? 'done' : 'failed',
    message: outcome === undefined || outcome.ok ? null : outcome.problem.message,
    durationSeconds: ended === undefined ? null : (ended.at - startedAt) / 1000,
    withoutWritesSeconds: null,
  };
}
