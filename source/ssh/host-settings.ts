/** How one host is reached: what pgaf's configuration and ssh_config say, resolved. Paths are absolute. */
export type HostSettings = {
  /** The name of the configuration, or of the jump host. */
  name: string;
  /** DNS name or IP address. */
  address: string;
  port: number;
  user: string;
  /** Private keys in the order in which they are offered; the defaults among them exist. */
  identityFiles: string[];
  /** Offer these keys only, not all that the agent holds. */
  identitiesOnly: boolean;
  /** Socket of the ssh agent. */
  agentSocket: string | undefined;
  /** known_hosts files, the user's before the system's; those that do not exist hold no keys. */
  knownHostsFiles: string[];
  /** HostKeyAlgorithms of ssh_config, as far as they can be verified; undefined: the defaults. */
  hostKeyAlgorithms?: string[];
  /** The name under which the host key stands in known_hosts, when it is not the address. */
  hostKeyAlias?: string;
  /** Jump hosts, nearest first. Their own `jump` is empty: the chain is flat. */
  jump: HostSettings[];
  /** What differs from the default timing. */
  timing?: Partial<ConnectionTiming>;
};

/** How long each step of a connection may take, and how its death is noticed. Milliseconds. */
export type ConnectionTiming = {
  /** Name resolution and TCP. */
  connectMs: number;
  /** From TCP to the verified host key; a person's time to answer does not count. */
  handshakeMs: number;
  /** From there to a session; a person's time to answer does not count. */
  authenticateMs: number;
  /** A request is sent this often; after `keepaliveMisses` intervals without a byte from the host, the connection is dead. */
  keepaliveMs: number;
  keepaliveMisses: number;
};

export const defaultTiming: ConnectionTiming = {
  connectMs: 3000,
  handshakeMs: 4000,
  authenticateMs: 10_000,
  keepaliveMs: 5000,
  keepaliveMisses: 3,
};
