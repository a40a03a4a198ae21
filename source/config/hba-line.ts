const types = ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'];
const methods = [
  'trust',
  'reject',
  'scram-sha-256',
  'md5',
  'password',
  'gss',
  'sspi',
  'ident',
  'ldap',
  'radius',
  'cert',
];

/**
 * Whether a text is one line that pg_hba.conf takes, as far as can be told without PostgreSQL. Not `local`: pg_autoctl and pgaf reach each
 * server that way.
 */
export function isHbaLine(text: string): boolean {
  if (/[^\t\x20-\x7e]/.test(text) || text.includes('#')) return false;
  const [type = '', database, user, address, ...rest] = text.trim().split(/[ \t]+/);
  if (!types.includes(type) || database === undefined || user === undefined || address === undefined) return false;
  // An address may be followed by its mask, in a word of its own.
  const [method = ''] = /^[0-9.:a-fA-F]+$/.test(rest[0] ?? '') ? rest.slice(1) : rest;
  return methods.includes(method);
}
