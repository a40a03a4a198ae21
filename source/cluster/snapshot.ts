import type {ClusterTime} from './cluster-time.ts';
import type {Lsn} from './lsn.ts';
import type {ReplicationState} from './replication-state.ts';
import type {Sample} from './sample.ts';

/** Everything known at one moment, immutable: what the screens and rules read. `assess` turns it into a verdict. */
export type Snapshot = {
  cluster: ClusterIdentity;
  hosts: readonly HostSnapshot[];
  monitor: Sample<MonitorReading> | undefined;
  /** Newest last. Bounded by the console. */
  events: readonly ClusterEvent[];
  /** Newest last: what the monitor said on its `log` channel and in NOTICEs; some reasons appear nowhere else. */
  monitorMessages: readonly MonitorMessage[];
  /** Absent on a real cluster, which lives by this machine's time. */
  time?: ClusterTime;
};

export type ClusterIdentity = {
  name: string;
  environment: string | undefined;
  formation: string;
  readOnly: boolean;
};

export type HostSnapshot = {
  name: string;
  address: string;
  /** The configured containers of this host. */
  node: {container: string; port: number} | undefined;
  monitor: {container: string; port: number} | undefined;
  /** undefined: the first attempt is still under way. */
  link: Sample<HostLink> | undefined;
  containers: Sample<readonly Container[]> | undefined;
  /** psql inside the configured node's container. */
  postgres: Sample<PostgresReading> | undefined;
  /** The disks below the configured node, and below the monitor, as their containers see them. */
  nodeDisk: Sample<DiskReading> | undefined;
  monitorDisk: Sample<DiskReading> | undefined;
};

export type HostLink = {
  connectedAt: number;
  roundTripMs: number | undefined;
};

/** A container as `docker ps -a` and `docker inspect` show it. Times are milliseconds since 1970 by that host's clock. */
export type Container = {
  id: string;
  name: string;
  image: string;
  state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  exitCode: number | undefined;
  restarts: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  outOfMemory: boolean;
  health: 'starting' | 'healthy' | 'unhealthy' | undefined;
  /** `no`, `always`, `unless-stopped`, `on-failure`. */
  restartPolicy?: string;
  making?: ContainerMaking;
};

/** How a container was made, as far as its node can be made anew by it. */
export type ContainerMaking = {
  /** Its process: `pg_autoctl create postgres … --run`, `pg_autoctl run`, or a script of its own. */
  command: 'create' | 'run' | 'other';
  /** PGDATA. */
  dataDirectory: string | undefined;
  /** As `docker run --network` takes it. */
  network: string;
};

/** One read of the monitor's database. Ages are computed by the monitor, at the moment of the sample. */
export type MonitorReading = {
  version: string;
  /** The monitor's clock, milliseconds since 1970. */
  serverTime: number;
  /** Seconds since the monitor's PostgreSQL started: nobody is judged unhealthy during the start-up grace period. */
  uptimeSeconds: number;
  formation: {name: string; kind: string; databaseName: string; numberSyncStandbys: number};
  /** What `pgautofailover.synchronous_standby_names` computes for group 0; '' means asynchronous. */
  synchronousStandbyNames: string;
  settings: MonitorSettings;
  nodes: readonly MonitorNode[];
};

/** The monitor's own timeouts (`pgautofailover.*`), in milliseconds; thresholds in bytes. */
export type MonitorSettings = {
  healthCheckPeriod: number;
  healthCheckTimeout: number;
  healthCheckMaxRetries: number;
  healthCheckRetryDelay: number;
  nodeConsideredUnhealthyTimeout: number;
  primaryDemoteTimeout: number;
  startupGracePeriod: number;
  enableSyncWalLogThreshold: number;
  promoteWalLogThreshold: number;
};

/** The defaults of pg_auto_failover 2.0 to 2.2 (pg_auto_failover.c). */
export const defaultMonitorSettings: MonitorSettings = {
  healthCheckPeriod: 5000,
  healthCheckTimeout: 5000,
  healthCheckMaxRetries: 2,
  healthCheckRetryDelay: 2000,
  nodeConsideredUnhealthyTimeout: 20_000,
  primaryDemoteTimeout: 30_000,
  startupGracePeriod: 10_000,
  enableSyncWalLogThreshold: 16_777_216,
  promoteWalLogThreshold: 16_777_216,
};

/** One row of `pgautofailover.node`. */
export type MonitorNode = {
  id: number;
  name: string;
  host: string;
  port: number;
  group: number;
  reportedState: ReplicationState;
  assignedState: ReplicationState;
  postgresRunning: boolean;
  /** `reportedrepstate`: on the primary the best sync_state of its standbys. */
  replicationState: string;
  timeline: number;
  /** On the primary the flush position, on a standby the received one; undefined while Postgres is stopped. */
  lsn: Lsn | undefined;
  health: 'good' | 'bad' | 'unknown';
  candidatePriority: number;
  replicationQuorum: boolean;
  systemIdentifier: string | undefined;
  nodeCluster: string;
  reportAgeSeconds: number;
  healthAgeSeconds: number | undefined;
  stateAgeSeconds: number;
};

/** One row of `pgautofailover.event`. `at` is the monitor's clock, milliseconds since 1970. */
export type ClusterEvent = {
  id: number;
  at: number;
  group: number;
  nodeId: number;
  nodeName: string;
  reportedState: ReplicationState;
  assignedState: ReplicationState;
  timeline: number;
  lsn: Lsn | undefined;
  candidatePriority: number;
  replicationQuorum: boolean;
  description: string;
};

/** What the monitor said; `at` is this machine's clock. */
export type MonitorMessage = {at: number; text: string};

/** One look of psql inside a data node's container. */
export type PostgresReading = {
  inRecovery: boolean;
  /** `default_transaction_read_only`: on while a promoted standby waits for the old primary's fence. */
  readOnly: boolean;
  timeline: number;
  systemIdentifier: string | undefined;
  /** Primary: pg_current_wal_lsn. */
  currentLsn: Lsn | undefined;
  /** Primary: pg_current_wal_flush_lsn. */
  flushLsn: Lsn | undefined;
  /** Standby. */
  receiveLsn: Lsn | undefined;
  replayLsn: Lsn | undefined;
  /** Standby: seconds since the last replayed transaction's commit; grows when the primary is idle. */
  replayAgeSeconds: number | undefined;
  replayPaused: boolean;
  /** Standby: is a WAL receiver streaming, and from whom. */
  receiverStatus: string | undefined;
  receiverHost: string | undefined;
  synchronousStandbyNames: string;
  /** Primary: one row a connected standby. */
  replication: readonly ReplicationRow[];
  slots: readonly ReplicationSlot[];
  /** Backends whose commit waits for a synchronous standby (wait_event SyncRep). */
  waitingForSyncRep: number;
  /** What runs on it for clients; undefined: not asked, or by an older look. */
  activity?: {
    /** Of a client's open transaction, this console's own left out. */
    oldestTransactionSeconds: number | undefined;
    /** pg_basebackup and the like, reading from here. */
    baseBackups: number;
  };
  /** Seconds for which commits have waited without any acknowledgement, from look to look; see commit-stall.ts. */
  commitsStalledSeconds?: number;
  /** Since each synchronous standby's flush position was last seen to advance, by application name; one that was not seen to is absent. */
  flushedAgoSeconds?: ReadonlyMap<string, number>;
  /** This server's clock, milliseconds since 1970. */
  serverTime: number;
  startedAt: number;
};

/** What `df` and `du` say in a container. Bytes. */
export type DiskReading = {
  /** The filesystem of PGDATA; that of pg_wal as well, when it has one of its own. */
  filesystems: readonly Filesystem[];
  walBytes: number | undefined;
  /** PGDATA's log folder. */
  logBytes: number | undefined;
  /** Names of copies that pg_basebackup left in the backup folder beside PGDATA. */
  leftovers: readonly string[];
};

export type Filesystem = {
  holds: 'data' | 'WAL';
  device: string;
  mount: string;
  totalBytes: number;
  usedBytes: number;
  /** What is left for others than root. */
  freeBytes: number;
  /** Looks of the last minutes since space was last made, oldest first, this one included; `at` is this machine's clock. */
  trend?: readonly {at: number; freeBytes: number}[];
};

/** One row of pg_replication_slots. */
export type ReplicationSlot = {
  name: string;
  /** The monitor's node id, when the name is `pgautofailover_standby_<id>`. */
  nodeId: number | undefined;
  active: boolean;
  /** WAL that is kept for it; undefined: nothing is kept. */
  retainedBytes: number | undefined;
};

/** One row of pg_stat_replication. Lags in bytes are against the primary's current position; times in seconds. */
export type ReplicationRow = {
  applicationName: string;
  clientAddress: string | undefined;
  /** The monitor's node id, when the application name is `pgautofailover_standby_<id>`. */
  nodeId: number | undefined;
  state: string;
  syncState: string;
  sentLagBytes: number | undefined;
  writeLagBytes: number | undefined;
  flushLagBytes: number | undefined;
  replayLagBytes: number | undefined;
  writeLagSeconds: number | undefined;
  flushLagSeconds: number | undefined;
  replayLagSeconds: number | undefined;
};
