/** What is really so, for scoring and for tests: no console can see all of it. */
export type Truth = {
  at: number;
  groups: readonly GroupTruth[];
  /** The faults in place, in words that follow the fault methods: `poweroff vm2`, `partition vm1 vm3`. */
  faults: readonly string[];
};

export type GroupTruth = {
  formation: string;
  group: number;
  /** Nodes whose Postgres is out of recovery and not read-only. */
  open: readonly string[];
  /** Of these, the ones on which a commit is acknowledged now. */
  acknowledging: readonly string[];
  /** An application outside the three hosts can write, and its commit is acknowledged. */
  writesPossible: boolean;
  /** Since when writesPossible has its value. */
  since: number;
  /** A node is open, but commits wait for a synchronous standby. */
  blocked: boolean;
  /** Writes are possible, and would be again after the loss of any one node. */
  redundant: boolean;
  acknowledgedWrites: number;
  /** Acknowledged writes that are not in the history that goes on. */
  lostWrites: number;
  /** Seconds without possible writes since the world began. */
  secondsWithoutWrites: number;
};
