import type {ActionRun} from '../actions/action-run.ts';

/** What `--json` says of an action, also of one that was only planned: its outcome is then null. The field names are a promise. */
export function actionDocument(run: ActionRun) {
  const {action, outcome} = run;
  return {
    action: action.kind.id,
    target: action.request.node ?? null,
    outcome: outcome?.kind ?? null,
    message: outcome?.message ?? null,
    forced: run.forced,
    checks: run.checks.map(({id, result, title, evidence}) => ({id, result, title, evidence})),
    steps: run.steps.map(({host, argv, state, exitCode}) => ({host, argv, state, exitCode})),
    withoutWritesSeconds: run.withoutWritesSeconds,
    startedAt: time(run.startedAt),
    endedAt: time(run.startedAt === undefined ? undefined : run.endedAt),
  };
}

function time(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
