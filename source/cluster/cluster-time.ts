import type {Snapshot} from './snapshot.ts';

/** The time that an embedded cluster lives by: it may run faster than this machine's, and stand still. `at` and `steadySince` are of this machine's clock. */
export type ClusterTime = {
  at: number;
  /** What its clocks said at that moment, milliseconds since 1970. */
  clock: number;
  /** Its seconds in a second of this machine. */
  pace: number;
  /** Since then the pace has been so, and no time was left out. */
  steadySince: number;
};

/** The time of day to show beside what a cluster says: this machine's, and for an embedded cluster its own. */
export function clusterClock({time}: Snapshot, now: number): number {
  return time === undefined ? now : time.clock + (now - time.at) * time.pace;
}
