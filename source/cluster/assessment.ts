import type {Lsn} from './lsn.ts';
import type {Problem} from './problem.ts';
import type {ReplicationState} from './replication-state.ts';

/** What `assess` makes of a snapshot. */
export type Assessment = {
  verdict: Verdict;
  nodes: readonly NodeAssessment[];
  /** Worst first. */
  findings: readonly Finding[];
};

export type Level = 'healthy' | 'degraded' | 'changing' | 'blocked' | 'down' | 'unknown';

export type Verdict = {
  level: Level;
  /** Can the application write: proven yes, proven no, or not known. */
  writable: boolean | null;
  /** One line in plain words: what is happening, since when, until when. */
  summary: string;
  primary: string | null;
  /** Seconds the present condition has lasted, by the monitor's clock; null when not known. */
  sinceSeconds: number | null;
  /** How many more node failures leave writes possible; null when not known. */
  toleratesFailures: number | null;
  /** Where the verdict comes from when it is not the monitor (`the nodes themselves`). */
  source: string;
  /** What is under way, whatever the level is. */
  change?: Change;
  /** When the monitor acts next by itself. */
  countdown?: Countdown;
  /** How long nobody could write, by the monitor's clock alone; absent while somebody can, or when not known. */
  noWritesSeconds?: number;
  /** In a formation of several groups: how many there are, how many are not healthy, and the worst one, which the rest speaks of. */
  groups?: {total: number; unwell: number; worst: number};
};

/** A change that moves nodes from one stable state to the next. */
export type Change = {
  kind: ChangeKind;
  /** The primary that gives up. */
  from: string | null;
  /** The node that takes over, or the one that the change is about. */
  to: string | null;
  /** By the monitor's clock. */
  sinceSeconds: number | null;
  /** What is being waited for now. */
  step: string;
  /** Longer than such a change takes. */
  overdue: boolean;
};

export type ChangeKind = 'switchover' | 'failover' | 'maintenance' | 'settings' | 'join' | 'drop';

/** One of the monitor's own timeouts that is running. */
export type Countdown = {
  kind: 'failover' | 'demote-timeout';
  node: string;
  /** 0 when it is due. For a failover an estimate: the monitor's health checks come in rounds. */
  secondsLeft: number;
  text: string;
};

export type Severity = 'critical' | 'warning' | 'info';

export type Finding = {
  code: string;
  severity: Severity;
  node: string | null;
  /** In a formation of several groups: the one that it is about, where it is about one. */
  group?: number;
  title: string;
  evidence: readonly string[];
  remedy: string;
};

/** One row of the node table: the monitor's row, the host, the container and the node's own words put together. */
export type NodeAssessment = {
  name: string;
  id: number | null;
  group: number | null;
  /** The primary of its group, which may be the node itself. */
  primary: string | null;
  /** The configured host's name, or null for a node that only the monitor knows. */
  host: string | null;
  address: string | null;
  port: number | null;
  container: string | null;
  reportedState: ReplicationState | null;
  assignedState: ReplicationState | null;
  /** true when the two states come from the monitor now; false when they are old or from the node itself. */
  statesCurrent: boolean;
  health: 'good' | 'bad' | 'unknown';
  writable: boolean | null;
  /** A few words about its part in what happens: `not fenced: may still accept writes`, `promoted next`, `streaming`. */
  remark?: string;
  timeline: number | null;
  lsn: Lsn | null;
  /** Replay lag against the primary. */
  lagBytes: number | null;
  lagSeconds: number | null;
  lagSource: 'node' | 'monitor' | null;
  lag: {sent: number | null; write: number | null; flush: number | null; replay: number | null} | null;
  syncState: string | null;
  candidatePriority: number | null;
  replicationQuorum: boolean | null;
  reportAgeSeconds: number | null;
  containerState: string | null;
  containerStartedAt: number | null;
  containerRestarts: number | null;
  /** Worst problem between the console and this node: ssh, docker, container, psql. */
  error: Problem | null;
};
