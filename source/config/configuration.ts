import type {HostSettings} from '../ssh/host-settings.ts';

/** What the configuration file says, with the SSH settings of every host resolved through ssh_config. */
export type Configuration = {
  /** The file it was read from, absolute. */
  file: string;
  clusters: readonly ClusterConfiguration[];
};

/** One cluster and one formation of it: what a console looks at. */
export type ClusterConfiguration = {
  name: string;
  /** `production` puts PROD into the header and asks for typed confirmations. */
  environment?: string;
  formation: string;
  /** The image that pg_auto_failover's containers run. */
  image: string;
  /** Actions that change something are refused. */
  readOnly: boolean;
  hosts: readonly HostConfiguration[];
  /** The team's own actions. */
  actions: readonly CustomAction[];
  /** What `pgaf bootstrap` makes of it. */
  bootstrap: BootstrapSettings;
};

/** How a cluster is made, beside where its containers are. */
export type BootstrapSettings = {
  /** The folder on each host that holds the Compose file and what belongs to it; absolute. */
  folder: string;
  numberSyncStandbys: number;
  authentication: 'trust' | 'md5' | 'scram-sha-256';
  /** verify-ca and verify-full ask for certificates. */
  ssl: 'self-signed' | 'none' | 'verify-ca' | 'verify-full';
  certificates?: Certificates;
  /** bridge: ports are published, and pg_hba.conf gets what that needs. */
  network: 'host' | 'bridge';
  /** Of PostgreSQL on the data nodes, beside those of pg_auto_failover. */
  parameters: Readonly<Record<string, string>>;
  /** Lines for pg_hba.conf of the data nodes. */
  hba: readonly string[];
  database?: ApplicationDatabase;
  /** As Docker takes it: `2g`. */
  memory?: string;
  /** How long a container waits for the monitor, and for the primary, before it starts anyway. */
  patienceSeconds: number;
};

/** Where certificates are on a host; absolute. */
export type Certificates = {
  /** Of the authority that all of them were signed by. */
  authority: string;
  certificate: string;
  key: string;
};

/** What an application gets: a database that it owns, and a user with a password. */
export type ApplicationDatabase = {
  name: string;
  user: string;
  /** Where it connects from, as pg_hba.conf says it. */
  from: readonly string[];
};

/** Where the data of a container is: in a Docker volume, or in a folder of the host. */
export type Storage = {volume: string} | {path: string};

/** What the file says where it says nothing. */
export const defaultBootstrap: BootstrapSettings = {
  folder: '/opt/pgaf',
  numberSyncStandbys: 1,
  authentication: 'scram-sha-256',
  ssl: 'self-signed',
  network: 'host',
  parameters: {},
  hba: [],
  patienceSeconds: 60,
};

/** A command that a team runs often: shown, guarded and written down like the actions of pgaf itself. */
export type CustomAction = {
  name: string;
  /** A capital letter. */
  key?: string;
  help: string;
  tier: 'read' | 'reversible' | 'service' | 'destructive';
  /** Run on the node's host; {host}, {container} and {node} in its words stand for where that is. */
  argv: readonly string[];
};

/** One VM: how it is reached, how Docker is called there, and which containers of the cluster it has. */
export type HostConfiguration = {
  name: string;
  ssh: HostSettings;
  /** The argv that stands for `docker`: `['docker']`, `['sudo', '-n', 'docker']`, `['podman']`. */
  docker: string[];
  node?: NodeConfiguration;
  monitor?: MonitorConfiguration;
  /** Where they are elsewhere on this host, for the bootstrap. */
  certificates?: Partial<Certificates>;
};

/** The data node of a host: its container, and the port of its PostgreSQL. */
export type NodeConfiguration = {
  container: string;
  port: number;
  /** For the bootstrap; 50 and true when not given. */
  candidatePriority?: number;
  replicationQuorum?: boolean;
  storage?: Storage;
};

/** The monitor: its container, the port of its database, and what its container cannot tell (`pg_autoctl show uri` says the rest). */
export type MonitorConfiguration = {
  container: string;
  port: number;
  user?: string;
  database: string;
  sslMode?: SslMode;
  password?: PasswordSource;
  storage?: Storage;
};

/** libpq's sslmode. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Where a password comes from; never the file itself. `command` is run on this machine, its first line of output is the password. */
export type PasswordSource = {environment: string} | {command: string[]};
