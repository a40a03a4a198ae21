import type {ReplicationState} from '../cluster/replication-state.ts';
import type {Container} from '../cluster/snapshot.ts';
import type {Database} from './database.ts';
import type {Engine, Timer} from './engine.ts';
import type {Files} from './files.ts';

/** Everything that the modules of the world share: the machines, the monitor's database and the nodes, as they are now. */
export type Simulation = {
  engine: Engine;
  hosts: Map<string, Host>;
  /** `vm1` (all its packets) or `vm1 vm3` (those between the two). */
  partitions: Set<string>;
  monitor: Monitor;
  groups: ReplicationGroup[];
  nodes: DataNode[];
  transactionsPerSecond: number;
  /** Groups in which something may have changed since the last thing happened. */
  touched: Set<ReplicationGroup>;
  /** The next process number on any host. */
  lastPid: number;
};

export type Host = {
  name: string;
  address: string;
  /** It runs; false while it boots as well. */
  powered: boolean;
  bootedAt: number;
  booting: Timer | undefined;
  frozen: {sshd: boolean; dockerd: boolean};
  delay: number;
  clockSkew: number;
  disk: {totalBytes: number; usedBytes: number; growth: number; at: number};
  files: Files;
  containers: Map<string, ContainerState>;
  /** What removed containers left on their volumes, by their name. */
  volumes: Map<string, Pick<DataNode, 'state' | 'postgres'>>;
};

export type ContainerState = {
  id: string;
  name: string;
  image: string;
  host: Host;
  role: 'node' | 'monitor';
  port: number;
  state: Container['state'];
  exitCode: number;
  restarts: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  restartPolicy: 'no' | 'always' | 'unless-stopped';
  /** Stopped by a person: `unless-stopped` does not start it again. */
  stoppedByHand: boolean;
  pid: number;
  /** Changes with every start and end; what belongs to an earlier life is void. */
  life: number;
  backOff: number;
  /** What it has to do as soon as it is not paused any more. */
  held: (() => void)[];
  lines: {at: number; stream: 'stdout' | 'stderr'; text: string}[];
  command: readonly string[];
  environment: readonly string[];
};

export type Monitor = {
  database: Database;
  container: ContainerState | undefined;
  host: Host;
  name: string;
  port: number;
  answers: boolean;
  /** When the host or the container was last seen to end: what it had begun is void. */
  round: Timer | undefined;
  /** Its health checks fail and succeed in turn. */
  flapping: {verdictsPerSecond: number; next: Timer} | undefined;
};

export type DataNode = {
  name: string;
  formation: string;
  group: ReplicationGroup;
  host: Host;
  port: number;
  container: ContainerState;
  command: 'create' | 'run';
  /** pg_autoctl's state file; undefined before it has registered. */
  state: KeeperFile | undefined;
  keeper: Keeper;
  postgres: Postgres;
  fault: {receive: number | undefined; replay: number | undefined};
};

export type KeeperFile = {
  nodeId: number;
  role: ReplicationState;
  assigned: ReplicationState;
  lastMonitorContact: number;
  lastSecondaryContact: number;
};

export type Keeper = {
  running: boolean;
  pid: number;
  /** The next round of its loop. */
  next: Timer | undefined;
  /** In the middle of a transition it does not report. */
  busy: boolean;
  firstRound: boolean;
  couldContact: boolean;
  /** Failed starts of Postgres in a row. */
  failedStarts: number;
  /** The last thing it complained about, so that it is not said every second. */
  complaint: string;
};

/** A line of WAL history: PostgreSQL's timeline, and where it left its parent. */
export type Branch = {
  id: number;
  timeline: number;
  parent: Branch | undefined;
  /** Position at which it left its parent. */
  fork: number;
  /** Transactions in the history up to the fork. */
  forkTransactions: number;
  /** WAL that is not transactions (checkpoints, the end of recovery): the position after it, its bytes, and those of all so far. */
  gaps: {end: number; bytes: number; total: number}[];
  /** The furthest position whose commits were acknowledged. */
  acknowledged: number;
};

export type Postgres = {
  running: boolean;
  startedAt: number;
  /** standby.signal exists. */
  standby: boolean;
  /** default_transaction_read_only. */
  readOnly: boolean;
  /** synchronous_standby_names, and what it asks for. */
  standbyNames: string;
  required: number;
  synchronous: ReadonlySet<number>;
  branch: Branch;
  /** Written (primary) or received (standby) up to here. */
  lsn: number;
  replayed: number;
  /** primary_conninfo: the node id it follows. */
  upstream: number | undefined;
  stream: Stream | undefined;
  /** A connection whose standby is gone, which its upstream still shows. */
  ghost: Stream | undefined;
  retry: Timer | undefined;
  /** When it last lost its connection. */
  lostStreamAt: number;
  /** Ended without a shutdown checkpoint. */
  crashed: boolean;
  /** Commits that wait for a synchronous standby. */
  waiting: number;
  systemIdentifier: string;
  /** Time of the last commit that it has replayed or written. */
  lastCommitAt: number;
  hasData: boolean;
};

/** A standby's connection to its upstream. */
export type Stream = {
  from: DataNode;
  since: number;
  /** No packet gets through since then. */
  stalledAt: number | undefined;
  /** The upstream has given it up (wal_sender_timeout); the standby does not know yet. */
  dropped: boolean;
  catchingUp: boolean;
};

export type ReplicationGroup = {
  formation: string;
  number: number;
  nodes: DataNode[];
  settledAt: number;
  branches: Branch[];
  /** The history that goes on: that of the latest promotion. */
  main: Branch;
  /** The node that the application is connected to. */
  writesTo: DataNode | undefined;
  acknowledged: number;
  lostSettled: number;
  writesPossible: boolean;
  since: number;
  millisecondsWithoutWrites: number;
  countedAt: number;
};
