import {createHash, createHmac, pbkdf2Sync} from 'node:crypto';

/** The passwords of a cluster that asks for them: of autoctl_node on the monitor, and of the nodes' replication role. */
export type Secrets = {monitorPassword: string; replicationPassword: string};

/** Those for a cluster that has none yet, and one for its application. */
export type FreshSecrets = Secrets & {applicationPassword: string};

/** The file on each host that holds them, beside the Compose file; nobody but its owner may read it. */
export const secretsFileName = 'secrets.env';

/** Made of random bytes; `random` gives so many of them. Letters and digits only: they go through files, URIs and environments unquoted. */
export function makeSecrets(random: (bytes: number) => Buffer): FreshSecrets {
  const password = () => random(24).toString('base64url').replaceAll(/[-_]/g, '0');
  return {monitorPassword: password(), replicationPassword: password(), applicationPassword: password()};
}

/** As Compose's `env_file` takes it. */
export function secretsFile({monitorPassword, replicationPassword}: Secrets): string {
  return `PGAF_MONITOR_PASSWORD=${monitorPassword}\nPGAF_REPLICATION_PASSWORD=${replicationPassword}\n`;
}

/** undefined: it is not such a file. */
export function parseSecrets(text: string): Secrets | undefined {
  const value = (name: string) => new RegExp(`^${name}=([A-Za-z0-9]{16,})$`, 'm').exec(text)?.[1];
  const monitorPassword = value('PGAF_MONITOR_PASSWORD');
  const replicationPassword = value('PGAF_REPLICATION_PASSWORD');
  return monitorPassword === undefined || replicationPassword === undefined
    ? undefined
    : {monitorPassword, replicationPassword};
}

const iterations = 4096;

/**
 * What PostgreSQL stores instead of a password (RFC 5803; scram-common.c): given this, it never sees the password itself, nor do its
 * logs. Plain ASCII passwords only, which need no SASLprep.
 */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${key('Server Key').toString('base64')}`;
}
