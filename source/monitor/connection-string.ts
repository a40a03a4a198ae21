import {bad, good, type Outcome} from '../cluster/problem.ts';

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

/** Where a PostgreSQL server is and how to enter it. Holds a password: stays in memory, never in a log or a message. */
export type ConnectionTarget = {
  host: string | undefined;
  port: number | undefined;
  user: string | undefined;
  password: string | undefined;
  database: string | undefined;
  sslMode: SslMode | undefined;
  /** A path on the machine where the string was written, which is not this one. */
  sslRootCert: string | undefined;
};

/** Parses libpq's two notations, `postgres://user:secret@host:port/database?sslmode=…` and `host=… port=…`. Only the first host counts. */
export function parseConnectionString(text: string): Outcome<ConnectionTarget> {
  const source = text.trim();
  const parsed = /^postgres(ql)?:\/\//.test(source) ? parseUri(source) : parseKeywords(source);
  if (parsed === undefined) return bad('monitor-unknown', 'this is not a PostgreSQL connection string');
  return good(targetOf(parsed));
}

function parseUri(source: string): Map<string, string> | undefined {
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(source);
  if (match === null) return undefined;
  const [, credentials = '', hosts = '', database = '', query = ''] = match;
  const values = new Map<string, string>();
  try {
    const [user = '', ...password] = credentials.split(':');
    const [host = '', port = ''] = splitHost(hosts.split(',')[0] ?? '');
    const parts = {user, password: password.join(':'), host, port, dbname: database};
    for (const [key, value] of Object.entries(parts)) if (value !== '') values.set(key, decodeURIComponent(value));
    for (const pair of query.split('&').filter(one => one !== '')) {
      const [key = '', ...rest] = pair.split('=');
      values.set(decodeURIComponent(key), decodeURIComponent(rest.join('=')));
    }
  } catch {
    // A percent sign that is none of an encoding: libpq refuses it, too.
    return undefined;
  }
  return values;
}

function splitHost(host: string): [string, string] {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host);
  return [(match?.[1] ?? host).replace(/^\[|\]$/g, ''), match?.[2] ?? ''];
}

function parseKeywords(source: string): Map<string, string> | undefined {
  const values = new Map<string, string>();
  const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy;
  let end = 0;
  for (const match of source.matchAll(pair)) {
    values.set(match[1] ?? '', (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1'));
    end = match.index + match[0].length;
  }
  return values.size > 0 && source.slice(end).trim() === '' ? values : undefined;
}

function targetOf(values: Map<string, string>): ConnectionTarget {
  const first = (key: string) => values.get(key)?.split(',')[0] || undefined;
  const port = Number(first('port'));
  return {
    host: first('hostaddr') ?? first('host'),
    port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined,
    user: values.get('user'),
    password: values.get('password'),
    database: values.get('dbname'),
    sslMode: sslModes.find(mode => mode === values.get('sslmode')),
    sslRootCert: values.get('sslrootcert'),
  };
}
