import type {ReplicationState} from '../cluster/replication-state.ts';
import type {Container, PostgresReading, ReplicationSlot} from '../cluster/snapshot.ts';
import type {Answer, MonitorCall} from './answer.ts';
import type {Files} from './files.ts';
import type {Happening} from './happening.ts';
import type {EventRow, FormationRow, NodeRow} from './tables.ts';
import type {Truth} from './truth.ts';

/** How a world is made. The same options give the same world, to the millisecond. */
export type WorldOptions = {
  seed: number;
  /** Data nodes a group; 3 unless given. */
  nodesPerGroup?: number;
  /** Groups of the formation; 1 unless given. Each group beyond the first has hosts of its own. */
  groups?: number;
  /** Simulated time at the start, milliseconds since 1970. */
  startAt: number;
  /** Transactions a second that the application writes; 25 unless given. */
  transactionsPerSecond?: number;
  /** `pgautofailover.*`, as names without the prefix; milliseconds and bytes. */
  settings?: Readonly<Record<string, number>>;
  /** The cluster takes the place of another: the ids of its events go on behind this one, and those of its past are not told again. */
  lastEventId?: number;
  /** 'settled': the cluster has run for a day (the default). 'empty': hosts without containers, for a bootstrap. */
  begin?: 'settled' | 'empty';
  /** What the data nodes' containers of a settled cluster do: `pg_autoctl run` (unless given), or `pg_autoctl create postgres … --run`. */
  nodeCommand?: 'create' | 'run';
};

/** A simulated cluster: hosts, containers, the monitor, its nodes, and a load that writes. No sockets, no clock of its own. */
export type World = {
  now(): number;
  /** Lets simulated time pass; everything due happens in order of time. */
  advance(milliseconds: number): void;
  /** Does something after that much simulated time, in order with all that happens. Returns what cancels it. */
  schedule(milliseconds: number, run: () => void): () => void;
  /** Every happening, in order, from now on. Returns the unsubscriber. */
  listen(listener: (happening: Happening) => void): () => void;
  hosts(): readonly HostView[];
  /** The disk of a host beside what its containers have on it. */
  files(host: string): Files;
  /** One of them; undefined when there is none of that name. */
  host(name: string): HostView | undefined;
  /** Whether packets get from one place to the other and back; places are host names and `outside` (the console and the application). */
  path(from: string, to: string): Path;
  /** Containers of a host, sorted by name; none while it is off. */
  containers(host: string): readonly ContainerView[];
  /** The lines a container has written, oldest first (the last 2,000). */
  lines(host: string, container: string): readonly {at: number; stream: 'stdout' | 'stderr'; text: string}[];
  monitor: MonitorView;
  /** What psql inside the container sees; the text of psql's error otherwise. */
  postgres(host: string, container: string): {ok: true; value: PostgresView} | {ok: false; error: string};
  /** pg_autoctl of a data node, as its own files and `status` tell; undefined when the container is no data node's. */
  keeper(host: string, container: string): KeeperView | undefined;
  docker: DockerCommands;
  supervisor: Supervisor;
  faults: Faults;
  truth(): Truth;
};

/** The place of the console and of the application. */
export const outside = 'outside';

export type HostView = {
  name: string;
  address: string;
  powered: boolean;
  bootedAt: number;
  frozen: {sshd: boolean; dockerd: boolean};
  /** Added by `slow`, milliseconds a round trip. */
  delay: number;
  clockSkew: number;
  disk: {totalBytes: number; usedBytes: number};
};

/** `open`: packets pass. `unreachable`: the machine is off, and that is known after 3 s. `lost`: nothing answers, ever. */
export type Path = {state: 'open' | 'unreachable' | 'lost'; roundTripMs: number};

export type ContainerView = Container & {
  host: string;
  role: 'node' | 'monitor';
  /** The port it listens on, at the host's address. */
  port: number;
  restartPolicy: 'no' | 'always' | 'unless-stopped';
  /** Its process number on the host; 0 while it does not run. */
  pid: number;
  command: readonly string[];
  environment: readonly string[];
};

export type MonitorView = {
  host: string;
  container: string;
  port: number;
  version: string;
  /** Its Postgres takes connections (its container runs and has started). */
  answers(): boolean;
  startedAt(): number;
  nodes(formation?: string): readonly NodeRow[];
  formations(): readonly FormationRow[];
  /** Events with an id above `after`, oldest first. */
  events(after: number): readonly EventRow[];
  lastEventId(): number;
  /** `pgautofailover.synchronous_standby_names(formation, group)`. */
  synchronousStandbyNames(formation: string, group: number): string;
  /** `pgautofailover.*` settings, milliseconds and bytes, by name without the prefix. */
  settings(): Readonly<Record<string, number>>;
  /** ALTER SYSTEM SET and reload. */
  set(name: string, value: number): void;
  /** Calls one of the functions. `rollBack`: as in begin … rollback: no effect, but event ids are used up. */
  call(call: MonitorCall, options?: {rollBack?: boolean}): Answer;
};

export type PostgresView = PostgresReading & {
  port: number;
  dataDirectory: string;
  replicationSlots: readonly (ReplicationSlot & {restartLsn: number; walStatus: string})[];
};

export type KeeperView = {
  nodeId: number | undefined;
  nodeName: string;
  formation: string;
  group: number;
  currentRole: ReplicationState;
  assignedRole: ReplicationState;
  lastMonitorContact: number;
  lastSecondaryContact: number;
  running: boolean;
  postgresRunning: boolean;
  timeline: number;
  lsn: number;
};

/** pg_autoctl's supervisor in a data node's container. */
export type Supervisor = {
  /** Ends the service that runs Postgres and starts another, whose pid `restarted` gets; the old one's pid, or undefined: it does not run. */
  restartPostgres(host: string, container: string, restarted: (pid: number) => void): number | undefined;
  /** Has its services and Postgres read their configuration again. */
  reload(host: string, container: string): void;
};

/** What `docker` does on a host. Each returns undefined, or the error text that docker prints. */
export type DockerCommands = {
  start(host: string, container: string): string | undefined;
  /** SIGTERM, then SIGKILL after 10 s; ends at once in simulated time unless Postgres needs longer. */
  stop(host: string, container: string): string | undefined;
  kill(host: string, container: string): string | undefined;
  restart(host: string, container: string): string | undefined;
  pause(host: string, container: string): string | undefined;
  unpause(host: string, container: string): string | undefined;
  updateRestartPolicy(host: string, container: string, policy: ContainerView['restartPolicy']): string | undefined;
  /** Creates and starts a container, as `compose up -d` does. An existing one is started. */
  create(host: string, container: NewContainer): string | undefined;
  /** What `find $PGDATA -mindepth 1 -delete` does to a container that does not run. */
  emptyData(host: string, container: string): string | undefined;
  /** `pg_autoctl create postgres` on the files of a container that does not run; `ended` gets its exit status, now or later. */
  createAgain(host: string, container: string, ended: (status: number) => void): string | undefined;
  /** `rm --force`; with `volumes` its data as well. */
  remove(host: string, container: string, volumes: boolean): string | undefined;
};

export type NewContainer = {
  name: string;
  image?: string;
  port: number;
  restartPolicy?: ContainerView['restartPolicy'];
  /** `create`: registers when it has no state yet (pg_autoctl create … --run); `run`: needs its state. */
  role:
    | {kind: 'monitor'}
    | {kind: 'node'; nodeName: string; formation?: string; group?: number; command: 'create' | 'run'};
};

/** Faults by the names that the lab uses, and those only a simulation can do. Unknown names throw: they are a mistake of the caller. */
export type Faults = {
  powerOff(host: string): void;
  powerOn(host: string): void;
  /** Drops all packets of a host, or those between two. */
  partition(host: string, other?: string): void;
  /** Ends every partition, or that one. */
  heal(host?: string, other?: string): void;
  freeze(host: string, daemon: 'sshd' | 'dockerd'): void;
  thaw(host?: string): void;
  /** Kills a container; it stays down until start. */
  kill(container: string): void;
  stop(container: string): void;
  start(container: string): void;
  /** pg_autoctl dies inside a container that goes on (Postgres runs); `start` of the container mends it. */
  killKeeper(container: string): void;
  slow(host: string, milliseconds: number): void;
  /** Transactions a second that the application writes; 0 ends it. */
  load(transactionsPerSecond: number): void;
  /** The standby receives (or with `replay` only replays) at most that many bytes a second; undefined ends it. */
  lag(node: string, bytesPerSecond: number | undefined, what?: 'receive' | 'replay'): void;
  /** Fills the host's disk to this part (0..1), or lets it grow by bytes a second until full. */
  fillDisk(host: string, part: number): void;
  growDisk(host: string, bytesPerSecond: number): void;
  skewClock(host: string, milliseconds: number): void;
  /** The monitor's health checks fail and succeed in turn, one node after the other, so many verdicts a second; 0 ends it. */
  flapHealth(verdictsPerSecond: number): void;
  /** Ends every fault: machines on, containers started, disks emptied. */
  repair(): void;
};
