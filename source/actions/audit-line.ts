import type {Check} from './action.ts';
import type {ActionOutcome, ActionRun, StepRun} from './action-run.ts';
import type {Operator} from './operator.ts';

/**
 * What the audit log says of a run, one JSON line: `begin` before its first step, `end` with the same id when it has ended, `refused` for
 * one that never began. The output of commands is left out; argv holds no secrets.
 */
export type AuditLine = {
  event: 'begin' | 'end' | 'refused';
  id: string;
  at: string;
  who: {user: string; sudoUser: string | null; machine: string; sshConnection: string | null};
  cluster: string;
  formation: string;
  action: string;
  title: string;
  target: string | null;
  value: string | null;
  options: readonly string[];
  /** Failed checks might be gone past. */
  forced: boolean;
  checks: readonly Pick<Check, 'id' | 'result' | 'title' | 'evidence'>[];
  /** `user` is the SSH user of the host. */
  steps: readonly (Pick<StepRun, 'host' | 'argv' | 'exitCode'> & {user: string | null; state: string})[];
  outcome: ActionOutcome['kind'] | null;
  message: string | null;
  durationSeconds: number | null;
  withoutWritesSeconds: number | null;
};

/** Where a run happens: what every line says beside the run itself. */
export type AuditPlace = {
  operator: Operator;
  cluster: string;
  formation: string;
  /** The SSH user of a host. */
  userOn(host: string): string | undefined;
};

/** What every line tells, whatever was done: when, by whom, in which cluster. */
export function whoAndWhere(
  {operator, cluster, formation}: AuditPlace,
  now: number,
): Pick<AuditLine, 'at' | 'who' | 'cluster' | 'formation'> {
  const {user, machine, sudoUser = null, sshConnection = null} = operator;
  return {at: new Date(now).toISOString(), who: {user, sudoUser, machine, sshConnection}, cluster, formation};
}

/** The line of a run as it is at this moment. */
export function auditLine(run: ActionRun, id: string, place: AuditPlace, now: number): AuditLine {
  const {action, outcome, startedAt, endedAt} = run;
  return {
    event: run.phase !== 'ended' ? 'begin' : outcome?.kind === 'refused' ? 'refused' : 'end',
    id,
    ...whoAndWhere(place, now),
    action: action.kind.id,
    title: action.title,
    target: action.request.node ?? null,
    value: action.request.value ?? null,
    options: action.request.options ?? [],
    forced: run.forced,
    checks: run.checks.map(({id: check, result, title, evidence}) => ({id: check, result, title, evidence})),
    steps: run.steps.map(({host, argv, state, exitCode}) => ({
      host,
      user: place.userOn(host) ?? null,
      argv,
      state,
      exitCode,
    })),
    outcome: outcome?.kind ?? null,
    message: outcome?.message ?? null,
    durationSeconds: startedAt === undefined || endedAt === undefined ? null : (endedAt - startedAt) / 1000,
    withoutWritesSeconds: run.withoutWritesSeconds,
  };
}
