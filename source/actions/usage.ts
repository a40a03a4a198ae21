import {bad, good, type Outcome} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';
import type {ActionKind, Request} from './action.ts';
import {momentOf} from './moment.ts';

/** What stands for something in a usage. */
export type Placeholder = 'NODE' | 'NAME' | 'N' | 'TIME';

/** Whether it stands for a node, or a node or the monitor. */
export function standsForNode(placeholder: Placeholder | undefined): placeholder is 'NODE' | 'NAME' {
  return placeholder === 'NODE' || placeholder === 'NAME';
}

/** A part of a usage: a word as it is, one of several words, or what a word stands for. */
export type UsagePart =
  | {part: 'word'; word: string}
  | {part: 'choice'; words: readonly string[]}
  | {part: 'placeholder'; placeholder: Placeholder};

/** An option of a usage, without its dashes; `takes` when a value follows it. */
export type UsageOption = {name: string; takes: Placeholder | undefined};

/** A usage such as `maintenance on NODE [--allow-failover]`, taken apart. */
export function readUsage(usage: string): {parts: readonly UsagePart[]; options: readonly UsageOption[]} {
  const options: UsageOption[] = [];
  const words = usage.replaceAll(/\[--(\S+?)(?: (\S+))?\]/g, (_, name: string, takes?: string) => {
    options.push({name, takes: takes !== undefined && isPlaceholder(takes) ? takes : undefined});
    return '';
  });
  return {
    parts: words
      .split(/\s+/)
      .filter(word => word !== '')
      .map(partOf),
    options,
  };
}

/**
 * The kind of action that words mean, and what they ask for. `selected` stands in for a node that was left out. The problem says what is
 * missing, or the closest word.
 */
export function readRequest(
  words: readonly string[],
  options: ReadonlyMap<string, string | true>,
  kinds: readonly ActionKind[],
  selected?: string,
): Outcome<{kind: ActionKind; request: Request}> {
  for (const kind of kinds) {
    const matched = match(kind, words, selected);
    if (matched === undefined) continue;
    return withOptions(kind, matched, options);
  }
  const near = kinds.filter(kind =>
    readUsage(kind.usage).parts.some((part, index) => fits(part, words[index]) && index === 0),
  );
  if (near.length > 0) return bad('configuration', `it is ${near.map(kind => kind.usage).join(', or ')}`);
  const first = words[0] ?? '';
  const close = closestWord(first, [...new Set(kinds.map(kind => kind.usage.split(' ')[0] ?? ''))]);
  return bad('configuration', `there is no action "${words.join(' ')}"`, {
    ...(close === undefined ? {} : {remedy: `did you mean ${close}?`}),
  });
}

/** The words that can follow these; `names` stand for nodes, `all` for nodes and the monitor. */
export function wordsThatFollow(
  before: readonly string[],
  kinds: readonly ActionKind[],
  names: {nodes: readonly string[]; all: readonly string[]},
): readonly string[] {
  const found = new Set<string>();
  for (const kind of kinds) {
    const {parts, options} = readUsage(kind.usage);
    const next = parts[before.length];
    if (before.every((word, index) => parts[index] !== undefined && fits(parts[index], word))) {
      if (next?.part === 'word') found.add(next.word);
      if (next?.part === 'choice') for (const word of next.words) found.add(word);
      if (next?.part === 'placeholder' && standsForNode(next.placeholder))
        for (const name of next.placeholder === 'NODE' ? names.nodes : names.all) found.add(name);
      if (next === undefined) for (const option of options) found.add(`--${option.name}`);
    }
  }
  return [...found];
}

function match(kind: ActionKind, words: readonly string[], selected: string | undefined): Request | undefined {
  const {parts} = readUsage(kind.usage);
  const whole = matchParts(parts, words);
  if (whole !== undefined || selected === undefined) return whole;
  const target = parts.findIndex(part => part.part === 'placeholder' && standsForNode(part.placeholder));
  return target === -1 ? undefined : matchParts(parts, words.toSpliced(target, 0, selected));
}

function matchParts(parts: readonly UsagePart[], words: readonly string[]): Request | undefined {
  if (parts.length !== words.length) return undefined;
  let request: Request = {};
  for (const [index, part] of parts.entries()) {
    const word = words[index];
    if (word === undefined || !fits(part, word)) return undefined;
    if (part.part === 'choice' || (part.part === 'placeholder' && part.placeholder === 'N'))
      request = {...request, value: word};
    else if (part.part === 'placeholder') request = {...request, node: word};
  }
  return request;
}

function fits(part: UsagePart, word: string | undefined): boolean {
  if (word === undefined) return false;
  if (part.part === 'word') return part.word === word;
  if (part.part === 'choice') return part.words.includes(word);
  return part.placeholder === 'N' ? /^-?\d+$/.test(word) : true;
}

function withOptions(
  kind: ActionKind,
  request: Request,
  given: ReadonlyMap<string, string | true>,
): Outcome<{kind: ActionKind; request: Request}> {
  const known = readUsage(kind.usage).options;
  const taken: string[] = [];
  let {node, since} = request;
  for (const [name, value] of given) {
    const option = known.find(each => each.name === name);
    if (option === undefined) return bad('configuration', `${kind.usage} takes no --${name}`);
    if (option.takes === undefined) taken.push(name);
    else if (value === true) return bad('configuration', `--${name} needs a value`);
    else if (standsForNode(option.takes)) node = value;
    else if (momentOf(value, 0) === undefined)
      return bad('configuration', `--${name} takes a time, such as 03:30, 2h or 2026-01-15T03:30`);
    else since = value;
  }
  return good({
    kind,
    request: {
      ...request,
      ...(node === undefined ? {} : {node}),
      ...(since === undefined ? {} : {since}),
      ...(taken.length === 0 ? {} : {options: taken}),
    },
  });
}

function partOf(word: string): UsagePart {
  if (isPlaceholder(word)) return {part: 'placeholder', placeholder: word};
  return word.includes('|') ? {part: 'choice', words: word.split('|')} : {part: 'word', word};
}

function isPlaceholder(word: string): word is Placeholder {
  return word === 'NODE' || word === 'NAME' || word === 'N' || word === 'TIME';
}
