/** What psql was asked for on its command line. */
export type PsqlOptions = {
  commands: readonly string[];
  database: string | undefined;
  user: string | undefined;
  host: string | undefined;
  port: number | undefined;
  tuplesOnly: boolean;
  unaligned: boolean;
  expanded: boolean;
  separator: string;
  quiet: boolean;
  stopOnError: boolean;
  /** PROMPT1, when it was set. */
  prompt: string | undefined;
  information: 'version' | 'help' | 'list' | undefined;
};

const withValue = 'cdUhpvFfPRTLo';

/** Parses psql's command line over libpq's environment; a mistake is psql's own words. */
export function parsePsqlOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): PsqlOptions | {mistake: string} {
  const found = new Map<string, string[]>();
  const rest: string[] = [];
  for (let index = 1; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    const long = /^--([a-z-]+)(?:=(.*))?$/s.exec(word);
    if (long !== null) {
      const letter = longNames.get(long[1] ?? '');
      if (letter === undefined) return {mistake: `psql: unrecognized option '${word}'`};
      const needs = withValue.includes(letter);
      if (needs && long[2] === undefined) index += 1;
      add(found, letter, needs ? (long[2] ?? argv[index] ?? '') : '');
      continue;
    }
    if (!/^-./.test(word)) {
      rest.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at += 1) {
      const letter = word[at] ?? '';
      if (!/[XqAtxwWVl1nabeE?]/.test(letter) && !withValue.includes(letter))
        return {mistake: `psql: invalid option -- '${letter}'`};
      if (!withValue.includes(letter)) {
        add(found, letter, '');
        continue;
      }
      const attached = word.slice(at + 1);
      if (attached === '') index += 1;
      const value = attached === '' ? argv[index] : attached;
      if (value === undefined) return {mistake: `psql: option requires an argument -- '${letter}'`};
      add(found, letter, value);
      break;
    }
  }
  const target = connectionOf(found.get('d')?.at(-1) ?? rest[0]);
  const last = (letter: string) => found.get(letter)?.at(-1);
  const port = Number(last('p') ?? target.port ?? environment.PGPORT);
  return {
    commands: found.get('c') ?? [],
    database: target.database ?? nonEmpty(environment.PGDATABASE),
    user: last('U') ?? rest[1] ?? target.user ?? nonEmpty(environment.PGUSER),
    host: last('h') ?? target.host ?? nonEmpty(environment.PGHOST),
    port: Number.isInteger(port) && port > 0 ? port : undefined,
    tuplesOnly: found.has('t'),
    unaligned: found.has('A'),
    expanded: found.has('x'),
    separator: last('F') ?? '|',
    quiet: found.has('q'),
    prompt: (found.get('v') ?? []).map(each => /^PROMPT1=(.*)$/s.exec(each)?.[1]).findLast(each => each !== undefined),
    stopOnError: (found.get('v') ?? []).some(each => /^ON_ERROR_STOP=(1|on|true)$/i.test(each)),
    information: found.has('V') ? 'version' : found.has('?') ? 'help' : found.has('l') ? 'list' : undefined,
  };
}

const longNames = new Map(
  Object.entries({
    'no-psqlrc': 'X',
    quiet: 'q',
    'no-align': 'A',
    'tuples-only': 't',
    expanded: 'x',
    'no-password': 'w',
    password: 'W',
    version: 'V',
    list: 'l',
    help: '?',
    command: 'c',
    dbname: 'd',
    username: 'U',
    host: 'h',
    port: 'p',
    set: 'v',
    variable: 'v',
    'field-separator': 'F',
    file: 'f',
    pset: 'P',
    'single-transaction': '1',
  }),
);

type Connection = {database?: string; user?: string; host?: string; port?: string};

/** A database's name, or a whole connection string. */
function connectionOf(text: string | undefined): Connection {
  if (text === undefined) return {};
  const uri = /^postgres(?:ql)?:\/\/(?:([^@/:]*)(?::[^@/]*)?@)?([^/?:,]*)(?::(\d+))?[^/?]*(?:\/([^?]*))?/.exec(text);
  const words = new Map([...text.matchAll(/(\w+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]));
  const parts: Record<keyof Connection, string | undefined> =
    uri !== null
      ? {user: uri[1], host: uri[2], port: uri[3], database: uri[4]}
      : words.size > 0
        ? {user: words.get('user'), host: words.get('host'), port: words.get('port'), database: words.get('dbname')}
        : {user: undefined, host: undefined, port: undefined, database: text};
  const {user, host, port, database} = parts;
  return {
    ...(user ? {user} : {}),
    ...(host ? {host} : {}),
    ...(port ? {port} : {}),
    ...(database ? {database} : {}),
  };
}

function add(found: Map<string, string[]>, letter: string, value: string): void {
  found.set(letter, [...(found.get(letter) ?? []), value]);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
