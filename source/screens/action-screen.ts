import {type ActionRun, mayRun} from '../actions/action-run.ts';
import type {Assessment} from '../cluster/assessment.ts';
import type {ClusterIdentity, Snapshot} from '../cluster/snapshot.ts';
import {confirmAttempts} from './action-confirm.ts';
import {progressRows} from './action-progress.ts';
import {painted, paragraph, type Row} from './row.ts';

/** What the action screen reads of the console's state. */
export type ActionView = {action: ActionRun | undefined; snapshot: Snapshot; assessment: Assessment; now: number};

/** Nothing can be confirmed in a smaller window, whatever the plan: what it says could not be read. */
const least = {columns: 60, rows: 16};
/** Rows of the window that are not the screen's: header and footer. */
const chromeRows = 3;

/** One action from the question to its outcome, in at most `height` rows. */
export function actionRows(view: ActionView, columns: number, height: number, windowRows: number): readonly Row[] {
  const {action} = view;
  if (action === undefined) return [[painted(' no action is open', 'dim')]];
  if (action.phase !== 'confirm') return progressRows({...view, action}, columns, height);
  const {cluster} = view.snapshot;
  const fitting = confirmAttempts(action, cluster, columns).find(rows => rows.length <= height);
  if (fitting !== undefined && (!mayRun(action) || actionFits(columns, windowRows, action, cluster))) return fitting;
  return tooSmallRows(action, columns, height);
}

/**
 * Whether everything that has to be read before confirming fits a window of this size. If not, the screen says so, and keys other than
 * those that leave must not reach the confirmation.
 */
export function actionFits(columns: number, rows: number, run: ActionRun, cluster: ClusterIdentity): boolean {
  if (columns < least.columns || rows < least.rows) return false;
  return confirmAttempts(run, cluster, columns).some(attempt => attempt.length <= rows - chromeRows);
}

function tooSmallRows(run: ActionRun, columns: number, height: number): readonly Row[] {
  const words = `${run.action.title}: this window is too small to show what would run and why. Nothing is armed: make it larger (at least ${least.columns} columns and ${least.rows} rows), or press esc.`;
  return paragraph(words, columns, ' ', height).map(text => [painted(text, 'warning')]);
}
