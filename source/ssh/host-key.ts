import {bad, good, type Outcome} from '../cluster/problem.ts';
import {hostLabel} from './host-label.ts';
import type {HostSettings} from './host-settings.ts';
import {
  fingerprint,
  type HostKeyVerdict,
  judgeHostKey,
  keyTypeOf,
  knownHostsName,
  knownKeyTypes,
} from './known-hosts.ts';
import {addKnownHost, fileForNewKeys, readKnownHosts} from './known-hosts-files.ts';
import {type Questions, whenAlone} from './questions.ts';
import {shownCommand} from './quote.ts';

/** Keys that were trusted while no file could take them, by the name in known_hosts. */
const trustedForNow = new Map<string, Buffer>();

/** OpenSSH's own order, without what can not be verified here. */
const usualAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;
const supportedAlgorithms = [...usualAlgorithms, 'ssh-rsa', 'ssh-dss'] as const;
export type HostKeyAlgorithm = (typeof supportedAlgorithms)[number];

/** The algorithms to ask the server for: those of keys that known_hosts holds come first, or it would send a key that looks unknown. */
export async function preferredAlgorithms(settings: HostSettings): Promise<Outcome<HostKeyAlgorithm[]>> {
  const known = await readKnownHosts(settings.knownHostsFiles);
  if (!known.ok) return known;
  const wanted: readonly string[] = settings.hostKeyAlgorithms ?? usualAlgorithms;
  const allowed = supportedAlgorithms
    .filter(algorithm => wanted.includes(algorithm))
    .sort((a, b) => wanted.indexOf(a) - wanted.indexOf(b));
  if (allowed.length === 0) {
    return bad('algorithms', `none of the host key algorithms allowed for ${settings.name} can be verified`, {
      remedy: `allow one of ${supportedAlgorithms.join(', ')} in HostKeyAlgorithms`,
    });
  }
  const name = nameOf(settings);
  const types = knownKeyTypes(known.value, name);
  // A host on another port may be known by its usual port's key.
  const usual =
    types.length === 0 ? knownKeyTypes(known.value, knownHostsName(settings.address, 22, undefined)) : types;
  const isKnown = (algorithm: string) => usual.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return good([...allowed.filter(isKnown), ...allowed.filter(algorithm => !isKnown(algorithm))]);
}

/**
 * Whether the key (in wire form) is the host's own: known_hosts says so, or a person does, in which case it is added there. A changed or
 * revoked key is refused without a question.
 */
export async function verifyHostKey(settings: HostSettings, key: Buffer, questions: Questions): Promise<Outcome<void>> {
  const verdict = await judge(settings, key);
  if (!verdict.ok) return verdict;
  if (verdict.value.kind !== 'unknown') return settle(settings, key, verdict.value);
  return whenAlone(async () => {
    // Somebody may have trusted it while this question waited for another.
    const now = await judge(settings, key);
    if (!now.ok) return now;
    if (now.value.kind !== 'unknown') return settle(settings, key, now.value);
    return askToTrust(settings, key, now.value.others, questions);
  });
}

async function judge(settings: HostSettings, key: Buffer): Promise<Outcome<HostKeyVerdict>> {
  const lines = await readKnownHosts(settings.knownHostsFiles);
  if (!lines.ok) return lines;
  const verdict = judgeHostKey(lines.value, nameOf(settings), key);
  const trusted = verdict.kind === 'unknown' && trustedForNow.get(nameOf(settings))?.equals(key) === true;
  return good(trusted ? {kind: 'known'} : verdict);
}

async function askToTrust(
  settings: HostSettings,
  key: Buffer,
  others: readonly string[],
  questions: Questions,
): Promise<Outcome<void>> {
  const file = fileForNewKeys(settings.knownHostsFiles);
  const host = hostLabel(settings);
  const question = {host, keyType: keyTypeOf(key), fingerprint: fingerprint(key), otherKnownKeys: others, file};
  if (!(await questions.trustHostKey(question))) {
    return bad('host-key-unknown', `the host key of ${host} is not known: ${keyTypeOf(key)} ${fingerprint(key)}`, {
      remedy: `compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_${shortType(key)}_key.pub\` on that machine, then trust it here or with \`${sshCommand(settings)}\``,
    });
  }
  const added = file === undefined ? undefined : await addKnownHost(file, nameOf(settings), key);
  if (added?.ok !== true) trustedForNow.set(nameOf(settings), key);
  return good(undefined);
}

function settle(
  settings: HostSettings,
  key: Buffer,
  verdict: Exclude<HostKeyVerdict, {kind: 'unknown'}>,
): Outcome<void> {
  const host = hostLabel(settings);
  switch (verdict.kind) {
    case 'known':
      return good(undefined);
    case 'revoked':
      return bad('host-key-revoked', `the host key of ${host} is revoked: ${keyTypeOf(key)} ${fingerprint(key)}`, {
        remedy: `somebody may have stolen it: give the machine a new host key; it is revoked at ${verdict.known.file}:${verdict.known.line}`,
      });
    case 'certificate':
      return bad(
        'host-certificate',
        `${host} is known by a certificate authority only, and host certificates can not be verified here`,
        {
          remedy: `add its plain key: \`ssh-keyscan -p ${settings.port} ${settings.address}\`, compared with the machine's own; the authority stands at ${verdict.known.file}:${verdict.known.line}`,
          detail: `it offered ${keyTypeOf(key)} ${fingerprint(key)}`,
        },
      );
    case 'changed':
      return bad(
        'host-key-changed',
        `the host key of ${host} has changed: known ${fingerprint(verdict.known.key)}, offered ${fingerprint(key)} (${keyTypeOf(key)})`,
        {
          brief: `host key changed: known ${shortFingerprint(verdict.known.key)}, offered ${shortFingerprint(key).replace('SHA256:', '')}`,
          remedy: `if the machine was set up anew, remove ${verdict.known.file}:${verdict.known.line} with \`${shownCommand(['ssh-keygen', '-f', verdict.known.file, '-R', nameOf(settings)])}\`; if not, somebody may be listening: do not connect`,
          detail: `${verdict.known.file}:${verdict.known.line} holds ${verdict.known.keyType} ${fingerprint(verdict.known.key)}\nthe server offered ${keyTypeOf(key)} ${fingerprint(key)}`,
        },
      );
  }
}

/** Enough to tell two apart, and to find one in what ssh-keygen prints. */
function shortFingerprint(key: Buffer): string {
  return `${fingerprint(key).slice(0, 'SHA256:'.length + 8)}…`;
}

function nameOf(settings: HostSettings): string {
  return knownHostsName(settings.address, settings.port, settings.hostKeyAlias);
}

function shortType(key: Buffer): string {
  const type = keyTypeOf(key);
  if (type.startsWith('ecdsa-')) return 'ecdsa';
  return type === 'ssh-dss' ? 'dsa' : type.replace('ssh-', '');
}

function sshCommand(settings: HostSettings): string {
  const port = settings.port === 22 ? [] : ['-p', String(settings.port)];
  return shownCommand(['ssh', ...port, `${settings.user}@${settings.address}`]);
}
