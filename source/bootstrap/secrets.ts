import {createHash, createHmac, pbkdf2Sync} from 'node:crypto';

/** The passwords of a cluster that asks for them: of autoctl_node on the monitor, and of the nodes' replication role. */
export type Passwords = {monitorPassword: string; replicationPassword: string};

/** `next`: those that a rotation is changing to. They are written down before the first is used, so that it can be gone on with. */
export type Secrets = Passwords & {next?: NextPasswords};

/** That of the application is kept in a file of its own, by which it connects; here only while it changes. */
export type NextPasswords = Passwords & {applicationPassword?: string};

/** Those for a cluster that has none yet, and one for its application. */
export type FreshSecrets = Passwords & {applicationPassword: string};

/** The file on each host that holds them, beside the Compose file; nobody but its owner may read it. */
export const secretsFileName = 'secrets.env';

/** Made of random bytes; `random` gives so many of them. Letters and digits only: they go through files, URIs and environments unquoted. */
export function makeSecrets(random: (bytes: number) => Buffer): FreshSecrets {
  const password = () => random(24).toString('base64url').replaceAll(/[-_]/g, '0');
  return {monitorPassword: password(), replicationPassword: password(), applicationPassword: password()};
}

/** As Compose's `env_file` takes it. */
export function secretsFile({next, ...secrets}: Secrets): string {
  if (next === undefined) return linesOf(secrets, 'PGAF');
  const application =
    next.applicationPassword === undefined ? '' : `PGAF_NEXT_APPLICATION_PASSWORD=${next.applicationPassword}\n`;
  return `${linesOf(secrets, 'PGAF')}${linesOf(next, 'PGAF_NEXT')}${application}`;
}

function linesOf({monitorPassword, replicationPassword}: Passwords, prefix: string): string {
  return `${prefix}_MONITOR_PASSWORD=${monitorPassword}\n${prefix}_REPLICATION_PASSWORD=${replicationPassword}\n`;
}

/** undefined: it is not such a file. */
export function parseSecrets(text: string): Secrets | undefined {
  const secrets = passwordsIn(text, 'PGAF');
  const next = passwordsIn(text, 'PGAF_NEXT');
  if (secrets === undefined || next === undefined) return secrets;
  const applicationPassword = valueIn(text, 'PGAF_NEXT_APPLICATION_PASSWORD');
  return {...secrets, next: applicationPassword === undefined ? next : {...next, applicationPassword}};
}

function passwordsIn(text: string, prefix: string): Passwords | undefined {
  const monitorPassword = valueIn(text, `${prefix}_MONITOR_PASSWORD`);
  const replicationPassword = valueIn(text, `${prefix}_REPLICATION_PASSWORD`);
  return monitorPassword === undefined || replicationPassword === undefined
    ? undefined
    : {monitorPassword, replicationPassword};
}

function valueIn(text: string, name: string): string | undefined {
  return new RegExp(`^${name}=([A-Za-z0-9]{16,})$`, 'm').exec(text)?.[1];
}

/**
 * The passwords that the hosts of a cluster keep between them; undefined: none does. A rotation takes `next` away as the last thing, host by
 * host: where one host has done so, all may.
 */
export function keptSecrets(kept: readonly (Secrets | undefined)[]): Secrets | undefined {
  const all = kept.filter(each => each !== undefined);
  const rotating = all.find(each => each.next !== undefined);
  const next = rotating?.next;
  if (next === undefined) return all[0];
  return all.find(each => each.next === undefined && samePasswords(each, next)) ?? rotating;
}

export function sameSecrets(one: Secrets, other: Secrets): boolean {
  return secretsFile(one) === secretsFile(other);
}

export function samePasswords(one: Passwords, other: Passwords): boolean {
  return linesOf(one, 'PGAF') === linesOf(other, 'PGAF');
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
