/**
 * A command line of pg_autoctl: its words, such as `show`, `state`, its options by their long names (flags have ''), and what getopt finds
 * wrong with them.
 */
export type AutoctlLine = {
  words: readonly string[];
  options: ReadonlyMap<string, string>;
  mistake: string | undefined;
};

const valued = [
  'pgdata',
  'monitor',
  'formation',
  'group',
  'name',
  'hostname',
  'pgport',
  'wait',
  'count',
  'candidate-priority',
  'replication-quorum',
];
const flags = [
  'json',
  'watch',
  'local',
  'allow-failover',
  'force',
  'destroy',
  'contents',
  'state',
  'config',
  'init',
  'pid',
  'all',
  'run',
  'fast',
  'immediate',
  'version',
  'help',
  'verbose',
  'quiet',
  'debug',
  'trace',
];
const short: Record<string, string> = {
  D: 'pgdata',
  m: 'monitor',
  f: 'formation',
  g: 'group',
  a: 'name',
  n: 'hostname',
  p: 'pgport',
  J: 'json',
  L: 'local',
  V: 'version',
  h: 'help',
  v: 'verbose',
  q: 'quiet',
};

/** Parses pg_autoctl's arguments. */
export function parseAutoctl(argv: readonly string[]): AutoctlLine {
  const words: string[] = [];
  const options = new Map<string, string>();
  const mistaken = (mistake: string) => ({words, options, mistake});
  for (let index = 1; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    const long = /^--([a-z-]+)(?:=(.*))?$/s.exec(word);
    const name = long?.[1] ?? short[/^-([A-Za-z])$/.exec(word)?.[1] ?? ''];
    if (name === undefined) {
      if (word.startsWith('-') && word !== '-') return mistaken(`invalid option -- '${word.slice(1, 2)}'`);
      words.push(word);
      continue;
    }
    if (flags.includes(name)) {
      options.set(name, '');
      continue;
    }
    if (!valued.includes(name)) return mistaken(`unrecognized option '${word}'`);
    const value = long?.[2] ?? argv[index + 1];
    if (value === undefined) return mistaken(`option '--${name}' requires an argument`);
    if (long?.[2] === undefined) index += 1;
    options.set(name, value);
  }
  return {words, options, mistake: undefined};
}
