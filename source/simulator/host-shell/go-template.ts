/** A template in the language of `docker … --format`; rendering throws TemplateMistake. */
export type GoTemplate = (data: unknown) => string;

/** What docker says of a template that it can not use. */
export class TemplateMistake extends Error {}

type Part =
  | {kind: 'text'; text: string}
  | {kind: 'value'; words: readonly string[]}
  | {kind: 'block'; word: 'if' | 'with' | 'range'; words: readonly string[]; body: Part[]; otherwise: Part[]};

/** Reads a template: fields, json, index, len, join, split, lower, upper, println, eq, ne, not, parentheses, and if, with, range with else and end. */
export function parseTemplate(source: string): GoTemplate {
  const tokens = source.split(/(\{\{-?[\s\S]*?-?\}\})/);
  const {parts, rest} = parseParts(tokens, 0);
  if (rest < tokens.length) throw new TemplateMistake('template parsing error: template: :1: unexpected {{end}}');
  return data => render(parts, data);
}

function parseParts(tokens: readonly string[], from: number): {parts: Part[]; rest: number} {
  const parts: Part[] = [];
  let at = from;
  while (at < tokens.length) {
    const token = tokens[at] ?? '';
    const inside = /^\{\{-?\s*([\s\S]*?)\s*-?\}\}$/.exec(token)?.[1];
    if (inside === undefined) {
      parts.push({kind: 'text', text: token});
      at += 1;
      continue;
    }
    const words = inside.match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()]+/g) ?? [];
    const [first = '', ...others] = words;
    if (first === 'end' || first === 'else') return {parts, rest: at};
    if (first === 'if' || first === 'with' || first === 'range') {
      const body = parseParts(tokens, at + 1);
      const isElse = /^\{\{-?\s*else/.test(tokens[body.rest] ?? '');
      const otherwise = isElse ? parseParts(tokens, body.rest + 1) : {parts: [], rest: body.rest};
      if (otherwise.rest >= tokens.length) {
        throw new TemplateMistake('template parsing error: template: :1: unexpected EOF');
      }
      parts.push({kind: 'block', word: first, words: others, body: body.parts, otherwise: otherwise.parts});
      at = otherwise.rest + 1;
      continue;
    }
    parts.push({kind: 'value', words});
    at += 1;
  }
  return {parts, rest: at};
}

function render(parts: readonly Part[], data: unknown): string {
  return parts
    .map(part => {
      if (part.kind === 'text') return part.text;
      const value = evaluate(part.words, data);
      if (part.kind === 'value') return shown(value);
      if (!isTrue(value)) return render(part.otherwise, data);
      if (part.word === 'if') return render(part.body, data);
      if (part.word === 'with') return render(part.body, value);
      return elements(value)
        .map(each => render(part.body, each))
        .join('');
    })
    .join('');
}

/** A pipeline: what a stage gives is the last argument of the next. */
function evaluate(words: readonly string[], data: unknown): unknown {
  const depths = depthsOf(words);
  const end = words.findLastIndex((word, index) => word === '|' && depths[index] === 0);
  if (end < 0) return call(words, data);
  return call(words.slice(end + 1), data, [evaluate(words.slice(0, end), data)]);
}

/** How many parentheses are open around each word. */
function depthsOf(words: readonly string[]): readonly number[] {
  let depth = 0;
  return words.map(word => {
    if (word === ')') depth -= 1;
    const here = depth;
    if (word === '(') depth += 1;
    return here;
  });
}

/** What stands after a function's name: what is in parentheses is computed first. */
function operands(words: readonly string[], data: unknown): readonly unknown[] {
  const [first, ...rest] = words;
  if (first === undefined) return [];
  if (first !== '(') return [operand(first, data), ...operands(rest, data)];
  const end = depthsOf(words).findIndex((depth, index) => index > 0 && depth === 0);
  if (end < 0) throw new TemplateMistake('template parsing error: template: :1: unclosed left paren');
  return [evaluate(words.slice(1, end), data), ...operands(words.slice(end + 1), data)];
}

function call(words: readonly string[], data: unknown, piped: readonly unknown[] = []): unknown {
  const [name = '', ...rest] = words;
  if (/^[."(]|^-?\d/.test(name)) return operands(words, data)[0];
  const given = [...operands(rest, data), ...piped];
  const [first, second] = given;
  switch (name) {
    case 'json':
      return JSON.stringify(first ?? null);
    case 'index':
      return typeof second === 'number' ? elements(first)[second] : field(first, String(second));
    case 'len':
      return typeof first === 'string' ? first.length : elements(first).length;
    case 'join':
      return elements(first)
        .map(each => shown(each))
        .join(String(second));
    case 'split':
      return String(first).split(String(second));
    case 'lower':
      return String(first).toLowerCase();
    case 'upper':
      return String(first).toUpperCase();
    case 'print':
      return given.map(each => shown(each)).join('');
    case 'println':
      return `${given.map(each => shown(each)).join(' ')}\n`;
    case 'eq':
      return first === second;
    case 'ne':
      return first !== second;
    case 'not':
      return !isTrue(first);
    default:
      throw new TemplateMistake(`template parsing error: template: :1: function "${name}" not defined`);
  }
}

function operand(word: string, data: unknown): unknown {
  if (word.startsWith('"')) return word.slice(1, -1);
  if (/^-?\d+$/.test(word)) return Number(word);
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === '.') return data;
  if (!/^(\.\w+)+$/.test(word))
    throw new TemplateMistake(`template parsing error: template: :1: bad character in "${word}"`);
  let value = data;
  for (const name of word.slice(1).split('.')) value = present(value, name, word);
  return value;
}

function present(value: unknown, name: string, path: string): unknown {
  if (value === null || value === undefined) return undefined;
  const found = field(value, name);
  if (found !== undefined) return found;
  throw new TemplateMistake(
    `template parsing error: template: :1: executing "" at <${path}>: map has no entry for key "${name}"`,
  );
}

/** Docker's own structure calls `Id` ID. */
function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const own = Object.hasOwn(value, name) ? name : name === 'ID' ? 'Id' : name;
  const found: unknown = Object.hasOwn(value, own) ? Reflect.get(value, own) : undefined;
  return found;
}

function elements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return false;
  return typeof value !== 'object' || elements(value).length > 0;
}

/** As Go prints a value. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(each => shown(each)).join(' ')}]`;
  if (typeof value === 'object') {
    return `map[${Object.entries(value)
      .map(([name, each]) => `${name}:${shown(each)}`)
      .join(' ')}]`;
  }
  return String(value);
}
