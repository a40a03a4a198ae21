import type {z} from 'zod';
import {closestWord} from './closest-word.ts';
import {configurationJsonSchema} from './configuration-schema.ts';
import {namesSecret, shownValue} from './mistake.ts';

/** A mistake found by the schema: `path` leads to the value it is about; `key` names a key of that value when the key itself is wrong. */
export type SchemaMistake = {path: readonly PropertyKey[]; key?: string; sentence: string};

type Issue = z.core.$ZodIssue;

const secretSentence =
  'secrets do not stand in the file: write `password: {environment: VARIABLE}` or `password: {command: [pass, show, name]}` under `monitor`';

/** What zod found wrong with `value`, in sentences that say what was found and what was expected. */
export function schemaMistakes(issues: readonly Issue[], value: unknown): SchemaMistake[] {
  const mistyped = new Set<string>();
  const mistakes: SchemaMistake[] = issues
    .filter(issue => issue.code === 'unrecognized_keys')
    .flatMap(issue =>
      issue.keys.map(key => {
        const meant = namesSecret(key) ? undefined : closestWord(key, keysAt(issue.path));
        if (meant !== undefined) mistyped.add(pathText([...issue.path, meant]));
        return {path: issue.path, key, sentence: unknownKey(issue.path, key, meant)};
      }),
    );
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') continue;
    const found = valueAt(value, issue.path);
    // A mistyped key already says why the right one is missing.
    if (found === undefined && mistyped.has(pathText(issue.path))) continue;
    mistakes.push({path: issue.path, ...sentenceFor(issue, found)});
  }
  return mistakes;
}

function unknownKey(path: readonly PropertyKey[], key: string, meant: string | undefined): string {
  if (namesSecret(key)) return `\`${key}\` looks like a secret; ${secretSentence}`;
  const known = keysAt(path);
  const place = path.length === 0 ? 'at the top' : `in ${placeName(path)}`;
  const expected = known.map(name => `\`${name}\``).join(', ');
  return `unknown key ${shownValue(key)} ${place}; ${meant === undefined ? `expected one of ${expected}` : `did you mean \`${meant}\`?`}`;
}

function sentenceFor(issue: Issue, found: unknown): {key?: string; sentence: string} {
  const name = placeName(issue.path);
  if (typeof found === 'string' && issue.path.at(-1) === 'password') return {sentence: secretSentence};
  if (found === undefined && issue.path.length > 0) {
    const parent = issue.path.slice(0, -1);
    const place = parent.length === 0 ? 'the file' : placeName(parent);
    return {sentence: `${place} has no \`${String(issue.path.at(-1))}\`; expected ${expectation(issue)}`};
  }
  return {sentence: `${name} is ${shownValue(found)}; ${remark(issue, found)}`};
}

function remark(issue: Issue, found: unknown): string {
  if (issue.path.at(-1) === 'docker' && typeof found === 'string') {
    return `expected a list of words, such as \`[${found.trim().split(/\s+/).join(', ')}]\``;
  }
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const meant = closestWord(found, issue.values.map(String));
    if (meant !== undefined) return `did you mean \`${meant}\`?`;
  }
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'string' &&
    (typeof found === 'number' || typeof found === 'boolean')
  ) {
    return `expected text: put it in quotes, "${String(found)}"`;
  }
  if (issue.code === 'invalid_type' && typeof found === 'string' && /^\d+$/.test(found))
    return 'expected a number: leave the quotes out';
  return issue.message.startsWith('expected ') ? issue.message : `expected ${expectation(issue)}`;
}

function expectation(issue: Issue): string {
  const key = issue.path.at(-1);
  switch (issue.code) {
    case 'too_small':
    case 'too_big':
      if (key === 'port') return 'a port between 1 and 65535';
      return issue.origin === 'array' ? 'at least one entry' : 'some text';
    case 'invalid_value':
      return `one of ${issue.values.map(value => `\`${String(value)}\``).join(', ')}`;
    case 'invalid_union':
      return 'text, or a list of texts';
    case 'invalid_type':
      if (key === 'clusters' || key === 'hosts') return `a list of ${key}, each starting with \`- name:\``;
      if (key === 'port') return 'a port between 1 and 65535';
      return kinds[issue.expected] ?? issue.expected;
    default:
      return issue.message;
  }
}

const kinds: Record<string, string> = {
  string: 'some text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping (lines of `key: value`)',
};

/** `hosts[2].node` as a person counts: "the node of the 3rd host". Keys are quoted, list entries named by what they are. */
function placeName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  const last = path.at(-1);
  if (typeof last === 'number') {
    const list = String(path.at(-2) ?? 'list');
    return `${list === 'clusters' || list === 'hosts' ? list.slice(0, -1) : `\`${list}\` entry`} ${last + 1}`;
  }
  return `\`${path
    .filter(part => typeof part !== 'number')
    .slice(-2)
    .filter(part => part !== 'clusters' && part !== 'hosts')
    .map(String)
    .concat(last === 'clusters' || last === 'hosts' ? [last] : [])
    .join('.')}\``;
}

/** The keys that may stand at a place of the file. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configurationJsonSchema();
  for (const part of path) {
    schema =
      typeof part === 'number' ? property(schema, 'items') : property(property(schema, 'properties'), String(part));
  }
  const properties = property(schema, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, part) => property(inner, part), value);
}

function property(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map(String).join('\u0000');
}
