import type {Outcome} from '../cluster/problem.ts';

/** What ssh_config says about one destination, as far as pgaf uses it. Paths may still hold `~`, `%` tokens and `${VARIABLES}`. */
export type SshOptions = {
  hostName: string;
  port: number;
  user: string;
  /** Empty: none was configured, ssh's defaults apply. */
  identityFiles: string[];
  identitiesOnly: boolean;
  /** A socket, `none`, `SSH_AUTH_SOCK` or `$VARIABLE`; undefined: not configured. */
  identityAgent: string | undefined;
  userKnownHostsFiles: string[];
  globalKnownHostsFiles: string[];
  /** undefined: ssh's default order. */
  hostKeyAlgorithms: string[] | undefined;
  hostKeyAlias: string | undefined;
  /** `none` and undefined: no jump host. */
  proxyJump: string | undefined;
  proxyCommand: string | undefined;
};

/** What is already decided when ssh_config is asked; as options of ssh's command line do, it wins and takes part in `Match`. */
export type GivenOptions = {address?: string | undefined; port?: number | undefined; user?: string | undefined};

/** Asks ssh_config about an alias, a DNS name or an address. */
export type SshOptionsReader = (destination: string, given: GivenOptions) => Promise<Outcome<SshOptions>>;

/** The host key algorithms that OpenSSH offers by default and the SSH library of pgaf can verify, in OpenSSH's order. */
export const defaultHostKeyAlgorithms: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** All that can be verified: the defaults, and the two old ones that ssh_config may ask for. */
export const supportedHostKeyAlgorithms: readonly string[] = [...defaultHostKeyAlgorithms, 'ssh-rsa', 'ssh-dss'];
