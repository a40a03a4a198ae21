/**
 * What a bootstrap has set by ALTER SYSTEM stands in a file in PGDATA, so that it is known from what others set, and goes along with
 * postgresql.auto.conf wherever that is copied.
 */
export const notedFile = 'parameters-by-pgaf-bootstrap';

/** Null stands for one that was taken back: it may still wait for a restart. */
export type Noted = ReadonlyMap<string, string | null>;

/** A line each: `work_mem = 64MB`, or `work_mem` alone. */
export function notedText(noted: Noted): string {
  return [...noted].map(([name, value]) => `${value === null ? name : `${name} = ${value}`}\n`).join('');
}

export function parseNoted(text: string): Noted {
  const lines = text.split('\n').flatMap(line => {
    const [, name, value] = /^([a-z0-9_.]+)(?: = (.*))?$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? null] as const];
  });
  return new Map(lines);
}

/** What is to be noted before parameters are set and taken back, and after that. What is neither described nor to be taken back is somebody else's. */
export function notesFor(
  noted: Noted,
  set: readonly {name: string; to: string}[],
  reset: readonly string[],
  isOurs: (name: string) => boolean,
): {before: Noted; after: Noted} {
  const before = new Map([...noted, ...set.map(({name, to}) => [name, to] as const)]);
  const after = [...before].flatMap(([name, value]) => {
    if (reset.includes(name)) return [[name, null] as const];
    return isOurs(name) ? [[name, value] as const] : [];
  });
  return {before, after: new Map(after)};
}

/**
 * Runs the SQL that it reads; before that and after it, what is noted then. Its arguments are the port and these two: an interruption leaves
 * a note of what may have been set, never something that was set without one.
 */
export const setParametersScript = [
  'set -e',
  `noted="$PGDATA/${notedFile}"`,
  'note() { (umask 077; printf %s "$1" >"$noted.new"); mv "$noted.new" "$noted"; }',
  'note "$2"',
  'psql -X -q -v ON_ERROR_STOP=1 -p "$1" -d postgres',
  'note "$3"',
].join('\n');
