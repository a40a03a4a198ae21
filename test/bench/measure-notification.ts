import type {Robot} from '../robot/robot.ts';
import {atRest, type ClusterUnderTest} from './cluster-under-test.ts';
import {showsWholeTable} from './screen-marks.ts';
import {median, worst} from './statistics.ts';
import {type Subject, whileOpen} from './subject.ts';

type Times = {median: number; worst: number};

/** Milliseconds from the monitor's notification to the changed text at the terminal. */
export type NotificationTimes = {console: Times; watch: Times};

/**
 * Changes a standby's candidate priority some times while both programs are open, and takes for each how long it took from the
 * notification (as a listener of its own sees it, or the commit's return, whichever was first) to the new number on its screen.
 * The priority is put back at the end.
 */
export async function measureNotification(
  cluster: ClusterUnderTest,
  subjects: {console: Subject; watch: Subject},
  nodeNames: readonly string[],
  changes: number,
): Promise<NotificationTimes> {
  const consoleTimes: number[] = [];
  const watchTimes: number[] = [];
  await whileOpen(subjects.console, 200, 50, ours =>
    whileOpen(subjects.watch, 200, 50, async theirs => {
      await Promise.all([ours, theirs].map(robot => robot.waitFor(showsWholeTable(nodeNames), 20_000)));
      await withChangingPriority(cluster, async change => {
        for (let count = 0; count < changes; count += 1) {
          await atRest(cluster);
          // Or the changes would be in step with what the programs do in turns.
          await new Promise(resolve => setTimeout(resolve, Math.random() * 600));
          const priority = unseenNumber([ours, theirs]);
          const seen = numberPattern(priority);
          const [notified, committed, painted, watched] = await Promise.all([
            nextNotification(cluster),
            change(priority).then(() => performance.now()),
            ours.waitFor(seen, 5000),
            theirs.waitFor(seen, 5000),
          ]);
          const cause = Math.min(notified, committed);
          consoleTimes.push(Math.max(0, painted - cause));
          watchTimes.push(Math.max(0, watched - cause));
        }
      });
    }),
  );
  return {
    console: {median: median(consoleTimes), worst: worst(consoleTimes)},
    watch: {median: median(watchTimes), worst: worst(watchTimes)},
  };
}

/** Hands over a function that changes a secondary's candidate priority, and puts the priority back afterwards. */
async function withChangingPriority(
  cluster: ClusterUnderTest,
  work: (change: (priority: number) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const [standby] = await cluster.query(
    `select formationid, nodename, candidatepriority from pgautofailover.node
      where goalstate = 'secondary' order by nodeid limit 1`,
  );
  if (standby === undefined) throw new Error('the cluster has no secondary');
  const change = (priority: unknown) =>
    cluster.query('select pgautofailover.set_node_candidate_priority($1, $2, $3)', [
      standby.formationid,
      standby.nodename,
      priority,
    ]);
  try {
    await work(change);
  } finally {
    await atRest(cluster);
    await change(standby.candidatepriority);
  }
}

/** A priority whose number stands on none of the screens; no minute, second or hour of a clock is as large. */
function unseenNumber(robots: readonly Robot[]): number {
  for (let number = 61; number < 100; number += 1) {
    if (!robots.some(robot => numberPattern(number).test(robot.screen()))) return number;
  }
  throw new Error('every number from 61 to 99 is on a screen');
}

function numberPattern(number: number): RegExp {
  return new RegExp(`(?<![\\w.:/])${number}(?![\\w.:/])`);
}

function nextNotification(cluster: ClusterUnderTest): Promise<number> {
  return new Promise(resolve => {
    const off = cluster.onNotification(() => {
      off();
      resolve(performance.now());
    });
  });
}
