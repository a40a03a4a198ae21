import type {ClusterUnderTest} from './cluster-under-test.ts';
import {leave} from './measure-start.ts';
import {showsWholeTable} from './screen-marks.ts';
import {median, worst} from './statistics.ts';
import type {Subject} from './subject.ts';

/** Milliseconds from the monitor's notification to the changed text at the terminal. */
export type NotificationTimes = Record<Subject['name'], {median: number; worst: number}>;

/**
 * Changes a standby's candidate priority some times while both programs are open, and takes for each how long it took from the
 * notification (as a listener of its own sees it, or the commit's return, whichever was first) to the new number on its screen.
 * The priority is put back at the end.
 */
export async function measureNotification(
  cluster: ClusterUnderTest,
  subjects: readonly Subject[],
  nodeNames: readonly string[],
  changes: number,
): Promise<NotificationTimes> {
  const open = subjects.map(subject => ({subject, robot: subject.open(200, 50), times: [] as number[]}));
  const [standby] = await cluster.query(
    `select nodename, candidatepriority from pgautofailover.node where goalstate = 'secondary' order by nodeid limit 1`,
  );
  if (standby === undefined) throw new Error('the cluster has no secondary');
  const setPriority = (priority: unknown) =>
    cluster.query('select pgautofailover.set_node_candidate_priority($1, $2, $3)', [
      'default',
      standby.nodename,
      priority,
    ]);
  try {
    await Promise.all(open.map(({robot}) => robot.waitFor(showsWholeTable(nodeNames), 20_000)));
    for (let change = 0; change < changes; change += 1) {
      await atRest(cluster);
      // Or the changes would be in step with what the programs do in turns.
      await new Promise(resolve => setTimeout(resolve, Math.random() * 600));
      // No minute, second or hour of a clock is as large.
      const priority = 61 + change;
      const notified = nextNotification(cluster);
      const seen = open.map(({robot}) => robot.waitFor(new RegExp(`(?<![\\w.:/])${priority}(?![\\w.:/])`), 5000));
      const committed = setPriority(priority).then(() => performance.now());
      const cause = Math.min(await notified, await committed);
      const painted = await Promise.all(seen);
      for (const [index, one] of open.entries()) one.times.push(Math.max(0, (painted[index] ?? Number.NaN) - cause));
    }
    await Promise.all(open.map(({robot}) => leave(robot)));
  } finally {
    await Promise.all(open.map(({robot}) => robot.close()));
    await atRest(cluster);
    await setPriority(standby.candidatepriority);
  }
  const result: NotificationTimes = {
    console: {median: Number.NaN, worst: Number.NaN},
    watch: {median: Number.NaN, worst: Number.NaN},
  };
  for (const {subject, times} of open) result[subject.name] = {median: median(times), worst: worst(times)};
  return result;
}

function nextNotification(cluster: ClusterUnderTest): Promise<number> {
  return new Promise(resolve => {
    const off = cluster.onNotification(() => {
      off();
      resolve(performance.now());
    });
  });
}

/** Resolves when every node is where the monitor wants it. */
export async function atRest(cluster: ClusterUnderTest): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const moving = await cluster.query('select 1 from pgautofailover.node where reportedstate <> goalstate');
    if (moving.length === 0) return;
    if (performance.now() > deadline) throw new Error('the cluster does not come to rest');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}
