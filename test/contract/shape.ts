import {byText} from './by-text.ts';

/** A value of JSON with its names and types only; a list has the shapes of its elements, each once. */
export function shapeOf(value: unknown, key = ''): unknown {
  if (sometimes.test(key) && (value === null || value === undefined || typeof value === 'number'))
    return 'number or none';
  // Of a container there is one where it was made with a check.
  if (key === 'health' && (value === undefined || typeof value === 'string')) return 'word or none';
  if (Array.isArray(value)) {
    const shapes = value.map(each => JSON.stringify(shapeOf(each)));
    return [...new Set(shapes)].toSorted(byText).map(each => JSON.parse(each));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => byText(a, b))
        .map(([name, each]) => [name, shapeOf(each, name)]),
    );
  }
  // A standby that once was the primary keeps them.
  if (key === 'synchronous_standby_names') return 'text';
  // Beside its volume a container has the files that it was made with.
  if (key === 'Mounts') return 'text';
  if (typeof value === 'string') return kindOf(value);
  return value === null ? null : typeof value;
}

/** What there is only after something was written, or stopped. */
const sometimes = /_(seconds|age|lag)$|^finishedAt$/;

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'empty'],
  [/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/, 'LSN'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)$/, 'timestamp'],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC$/, 'time'],
  [/^\d+\.\d+\.\d+\.\d+$/, 'address'],
  [/^\d{18,20}$/, 'system identifier'],
  [/^[0-9a-f]{64}$/, 'id'],
  [/^[0-9a-f]{12}$/, 'short id'],
  [/^\d+(\.\d+)?(ms|s|min|kB|MB)?$/, 'setting'],
  [/^[a-z_]+$/, 'word'],
];

function kindOf(text: string): string {
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? 'text';
}

export function shapeText(value: unknown): string {
  return `${JSON.stringify(shapeOf(value), null, 2)}\n`;
}
