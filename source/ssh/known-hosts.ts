import {createHash, createHmac} from 'node:crypto';

/** One usable line of a known_hosts file. */
export type KnownHostLine = {
  marker: 'revoked' | 'cert-authority' | undefined;
  /** The first field as it stands: patterns, or one hashed name. */
  hosts: string;
  keyType: string;
  key: Buffer;
  /** Where it stands, for a person: file and line number from 1. */
  file: string;
  line: number;
};

/** How a host's key compares with what known_hosts says. */
export type HostKeyVerdict =
  | {kind: 'known'}
  /** No key of this type is known; `others` are the types that are. */
  | {kind: 'unknown'; others: readonly string[]}
  | {kind: 'changed'; known: KnownHostLine}
  | {kind: 'revoked'; known: KnownHostLine}
  /** Only a certificate authority vouches for this host. */
  | {kind: 'certificate'; known: KnownHostLine};

/** The lines of a known_hosts file; comments, empty and malformed lines are skipped, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
  return text.split('\n').flatMap((line, index) => {
    const parsed = parseLine(line, file, index + 1);
    return parsed === undefined ? [] : [parsed];
  });
}

/** The name under which ssh looks a host up: the alias as it is, else the address, with the port in brackets when it is not 22. */
export function knownHostsName(address: string, port: number, alias: string | undefined): string {
  if (alias !== undefined) return alias.toLowerCase();
  return port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
}

/** Compares a host's key (its wire form) with the lines known. `name` is what knownHostsName gives. */
export function judgeHostKey(lines: readonly KnownHostLine[], name: string, key: Buffer): HostKeyVerdict {
  const own = lines.filter(line => matchesHost(line.hosts, name));
  const revoked = own.find(line => line.marker === 'revoked' && line.key.equals(key));
  if (revoked !== undefined) return {kind: 'revoked', known: revoked};
  const plain = own.filter(line => line.marker === undefined);
  if (plain.some(line => line.key.equals(key))) return {kind: 'known'};
  const type = keyTypeOf(key);
  const changed = plain.find(line => line.keyType === type);
  if (changed !== undefined) return {kind: 'changed', known: changed};
  const withoutPort = /^\[(.+)\]:\d+$/.exec(name)?.[1];
  // As ssh does: a key that is known for the host on its usual port is the host's on another port, too.
  if (withoutPort !== undefined && plain.length === 0) {
    const usual = judgeHostKey(lines, withoutPort, key);
    if (usual.kind === 'known' || usual.kind === 'revoked') return usual;
  }
  const authority = own.find(line => line.marker === 'cert-authority');
  if (authority !== undefined && plain.length === 0) return {kind: 'certificate', known: authority};
  return {kind: 'unknown', others: [...new Set(plain.map(line => line.keyType))]};
}

/** The types of the keys that are known for a host, in the files' order. The server is asked for these first. */
export function knownKeyTypes(lines: readonly KnownHostLine[], name: string): string[] {
  const own = lines.filter(line => line.marker === undefined && matchesHost(line.hosts, name));
  return [...new Set(own.map(line => line.keyType))];
}

/** The line that ssh itself would add for a host's key. */
export function knownHostsLine(name: string, key: Buffer): string {
  return `${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
}

/** `SHA256:...`, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key in wire form says it is: its first string. '' when it is no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}

function parseLine(text: string, file: string, line: number): KnownHostLine | undefined {
  const fields = text.trim().split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  const [hosts, keyType, encoded] = fields;
  if (hosts === undefined || hosts.startsWith('#') || keyType === undefined || encoded === undefined) return undefined;
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  if (keyTypeOf(key) !== keyType) return undefined;
  return {marker: markerOf(marker), hosts, keyType, key, file, line};
}

function markerOf(text: string | undefined): KnownHostLine['marker'] {
  if (text === '@revoked') return 'revoked';
  return text === '@cert-authority' ? 'cert-authority' : undefined;
}

function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `|1|salt|HMAC-SHA1(salt, name)|`, both in base64. */
function matchesHash(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
}

/** ssh's patterns: `*` is any text, `?` one character. Linear for any pattern, unlike a regular expression. */
function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resumeAt = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resumeAt = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
