import type {BootstrapSettings, Certificates} from '../config/configuration.ts';

const folder = '/pgaf/certificates';
/** Where containers have them. */
const inside = {authority: `${folder}/authority.crt`, certificate: `${folder}/server.crt`, key: `${folder}/server.key`};

/** What a container of a host sees of its certificates: files of the host, which it can not change. */
export function certificateMounts(certificates: Certificates | undefined): readonly string[] {
  if (certificates === undefined) return [];
  const {authority, certificate, key} = certificates;
  return [`${authority}:${inside.authority}:ro`, `${certificate}:${inside.certificate}:ro`, `${key}:${inside.key}:ro`];
}

/**
 * The options of `pg_autoctl create` and `enable ssl` that say how connections are encrypted; `mode`: the sslmode of those that it makes, where
 * that is to be less than what its server has.
 */
export function sslOptions({ssl}: Pick<BootstrapSettings, 'ssl'>, mode?: string): string {
  if (ssl === 'none') return '--no-ssl';
  if (ssl === 'self-signed') return mode === undefined ? '--ssl-self-signed' : `--ssl-self-signed --ssl-mode ${mode}`;
  const {authority, certificate, key} = inside;
  return `--ssl-mode ${mode ?? ssl} --ssl-ca-file ${authority} --server-cert ${certificate} --server-key ${key}`;
}

/** The same for a connection string of a program inside of a container. */
export function sslParameters({ssl}: Pick<BootstrapSettings, 'ssl'>): string {
  const mode = `sslmode=${sslMode(ssl)}`;
  return isVerified(ssl) ? `${mode}&sslrootcert=${inside.authority}` : mode;
}

/** libpq's sslmode of who connects. */
export function sslMode(ssl: BootstrapSettings['ssl']): 'prefer' | 'require' | 'verify-ca' | 'verify-full' {
  if (ssl === 'none') return 'prefer';
  return ssl === 'self-signed' ? 'require' : ssl;
}

/** The file that a server has its certificate in; undefined: wherever pg_autoctl makes one. */
export function certificateInside(ssl: BootstrapSettings['ssl']): string | undefined {
  return isVerified(ssl) ? inside.certificate : undefined;
}

function isVerified(ssl: BootstrapSettings['ssl']): boolean {
  return ssl === 'verify-ca' || ssl === 'verify-full';
}

/**
 * Looks at certificates as the user of the image: run in a container of it with the same mounts, it prints a line a mistake, `ends DATE`, and `seen` at its end.
 * Its argument is the address that the certificate has to name; empty: it need not name one.
 */
export const certificateFactsScript = [
  'command -v openssl >/dev/null || exit 0',
  `cd ${folder}`,
  'for file in authority.crt server.crt server.key; do [ -r "$file" ] || echo "unreadable $file"; done',
  // As PostgreSQL asks of it (be-secure-common.c): nobody else may read a key of one's own, nor the world one of root.
  'case "$(stat -Lc "%u %a" server.key)" in "$(id -u) "?00 | "0 "?[04]0) ;; *) echo open ;; esac',
  'openssl x509 -in server.crt -noout -enddate | sed -n "s/^notAfter=/ends /p"',
  'openssl x509 -in server.crt -noout -checkend 0 >/dev/null || echo expired',
  'openssl x509 -in authority.crt -noout -checkend 0 >/dev/null || echo authority-expired',
  'openssl verify -no_check_time -CAfile authority.crt server.crt >/dev/null 2>&1 || echo unsigned',
  '[ "$(openssl x509 -in server.crt -noout -pubkey)" = "$(openssl pkey -in server.key -pubout 2>/dev/null)" ] || echo other-key',
  'case $1 in "") ;; *[!0-9.]*) kind=-checkhost ;; *) kind=-checkip ;; esac',
  'case $1 in *:*) kind=-checkip ;; esac',
  '[ -z "$1" ] || openssl x509 -in server.crt -noout "$kind" "$1" | grep -q "does match" || echo other-address',
  'echo seen',
].join('\n');

/** What is wrong with the certificates of a host; `missing`: they could not be mounted at all. */
export type CertificateSurvey = {mistakes: readonly CertificateMistake[]; ends: string | undefined};

export type CertificateMistake =
  | 'missing'
  | 'not-seen'
  | 'unreadable authority.crt'
  | 'unreadable server.crt'
  | 'unreadable server.key'
  | 'open'
  | 'expired'
  | 'authority-expired'
  | 'unsigned'
  | 'other-key'
  | 'other-address';

/** What such a mistake means, and what mends it. */
export const certificateMistakes: Readonly<Record<CertificateMistake, readonly [evidence: string, remedy: string]>> = {
  missing: ['a file is not there', 'put them there, or say in bootstrap.certificates, or of the host, where they are'],
  'not-seen': ['they could not be looked at', 'the image has to have openssl; `docker run` on the host says more'],
  'unreadable authority.crt': ["the image's user can not read the authority's certificate", 'chmod 644 it'],
  'unreadable server.crt': ["the image's user can not read the certificate", 'chmod 644 it'],
  'unreadable server.key': [
    "the image's user can not read the key",
    'make it the owner of the key, with mode 600 (docker run --rm --entrypoint id IMAGE -u says who that is)',
  ],
  open: ['too many may read the key: PostgreSQL refuses it', 'chmod 600 it, owned by the user of the image'],
  expired: ['the certificate has expired', 'have it renewed by the authority'],
  'authority-expired': ["the authority's certificate has expired", 'renew it, and the certificates that it signed'],
  unsigned: ['the authority did not sign the certificate', 'give the certificate of the authority that did'],
  'other-key': ['the key is not that of the certificate', 'give the key that the certificate was made of'],
  'other-address': [
    'the certificate does not name the address of the host',
    'have one made with that address as subjectAltName, or take ssl: verify-ca',
  ],
};

export function parseCertificateFacts(output: string): CertificateSurvey {
  const lines = output.split('\n').map(line => line.trim());
  const ends = lines.find(line => line.startsWith('ends '))?.slice('ends '.length);
  if (!lines.includes('seen')) return {mistakes: ['not-seen'], ends};
  const found = lines.filter(isMistake);
  const unreadable = found.filter(mistake => mistake.startsWith('unreadable'));
  // What follows from a file that can not be read says nothing more.
  return {mistakes: unreadable.length > 0 ? unreadable : found, ends};
}

function isMistake(line: string): line is CertificateMistake {
  return Object.hasOwn(certificateMistakes, line);
}
