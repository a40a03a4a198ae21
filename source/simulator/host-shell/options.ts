/** The options of a command line, by their long names; a flag's value is ''. */
export type Options = {
  has(name: string): boolean;
  /** The last value that was given. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  words: readonly string[];
};

export type OptionTable = {
  /** Names of options without and with a value; a short one is an alias of a long one: `f: 'follow'`. */
  flags: readonly string[];
  valued: readonly string[];
  short?: Readonly<Record<string, string>>;
  /** Those with a value that is a whole number. */
  numbers?: readonly string[];
  /** What follows the first word belongs to it. */
  stopAtWord?: boolean;
};

/** Reads options as docker does (`-it`, `--tail=5`, `-n 5`); the mistake in docker's words. */
export function parseOptions(argv: readonly string[], table: OptionTable): Options | {mistake: string} {
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const add = (name: string, value: string) => given.set(name, [...(given.get(name) ?? []), value]);
  const notANumber = (name: string, value: string) => {
    if (table.numbers?.includes(name) !== true || /^[-+]?\d+$/.test(value)) return undefined;
    const short = Object.entries(table.short ?? {}).find(([, long]) => long === name)?.[0];
    const flag = `${short === undefined ? '' : `-${short}, `}--${name}`;
    return {
      mistake: `invalid argument "${value}" for "${flag}" flag: strconv.ParseInt: parsing "${value}": invalid syntax`,
    };
  };
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--' || (table.stopAtWord === true && words.length > 0)) {
      words.push(...argv.slice(word === '--' && words.length === 0 ? index + 1 : index));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    if (word.startsWith('--')) {
      const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      if (table.flags.includes(name)) {
        if (value !== 'false') add(name, value ?? '');
        continue;
      }
      if (!table.valued.includes(name)) return {mistake: `unknown flag: --${name}`};
      const next = value ?? argv[++index];
      if (next === undefined) return {mistake: `flag needs an argument: --${name}`};
      const mistake = notANumber(name, next);
      if (mistake !== undefined) return mistake;
      add(name, next);
      continue;
    }
    let letters = word.slice(1);
    while (letters !== '') {
      const letter = letters.slice(0, 1);
      letters = letters.slice(1);
      const name = table.short?.[letter];
      if (name === undefined) return {mistake: `unknown shorthand flag: '${letter}' in ${word}`};
      if (table.flags.includes(name)) {
        add(name, '');
        continue;
      }
      const next = letters === '' ? argv[++index] : letters.replace(/^=/, '');
      letters = '';
      if (next === undefined) return {mistake: `flag needs an argument: '${letter}' in ${word}`};
      const mistake = notANumber(name, next);
      if (mistake !== undefined) return mistake;
      add(name, next);
    }
  }
  return {
    has: name => given.has(name),
    value: name => given.get(name)?.at(-1),
    values: name => given.get(name) ?? [],
    words,
  };
}
