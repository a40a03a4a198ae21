import {readUsage} from '../actions/usage.ts';
import type {CommandEntry} from './command-list.ts';
import {type CommandOption, commonOptions, type OptionName, options, typedAs} from './options.ts';

/** What a command line could go on with: words with what they are for, or the names of files, which the shell knows. */
export type Completion = readonly CompletionWord[] | 'files';

export type CompletionWord = {word: string; help: string};

/** What stands for something in a usage. */
export type Names = {
  clusters: readonly string[];
  /** Containers and hosts of nodes. */
  nodes: readonly string[];
  monitors: readonly string[];
  scenarios: readonly string[];
};

/** What the last of the words, which may be empty, could become. The words are those after `pgaf`, the list has every command and action. */
export function complete(words: readonly string[], list: readonly CommandEntry[], names: Names): Completion {
  const last = words.at(-1) ?? '';
  const {plain, open} = withoutOptions(words.slice(0, -1), list);
  if (open !== undefined) return standingFor(open, names, last);
  const fitting = mostLiteral(list, plain);
  if (last.startsWith('-')) return beginning(last, optionWords(fitting));
  const next = fitting.map(({usage, help}) => ({part: partsOf(usage)[plain.length], help}));
  // A name of a scenario may be that of a file as well.
  if (next.some(({part}) => part === 'NAME|FILE') && /[./]/.test(last)) return 'files';
  return beginning(
    last,
    next.flatMap(({part, help}) => wordsOf(part, names).map(word => ({word, help: part === word ? help : ''}))),
  );
}

/** The words without options and their values; `open`: what the value of the last option stands for, when it is still to come. */
function withoutOptions(
  words: readonly string[],
  list: readonly CommandEntry[],
): {plain: string[]; open: string | undefined} {
  const plain: string[] = [];
  let open: string | undefined;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (word.startsWith('-')) open = valueFor(word, list);
    else plain.push(word);
  }
  return {plain, open};
}

function valueFor(word: string, list: readonly CommandEntry[]): string | undefined {
  if (word.includes('=')) return undefined;
  const ofActions = list.flatMap(({action}) => (action === undefined ? [] : readUsage(action.usage).options));
  const own = optionNames.find(name => typedAs(name) === word || `-${option(name).shortFlag}` === word);
  return own === undefined ? ofActions.find(({name}) => `--${name}` === word)?.takes : option(own).takes;
}

/** Those that the words can begin, and of them those that have the words in them as they are: `set sync-standbys` is no node. */
function mostLiteral(list: readonly CommandEntry[], words: readonly string[]): readonly CommandEntry[] {
  const counted = list.flatMap(entry => {
    const parts = partsOf(entry.usage);
    if (words.some((word, index) => !fits(parts[index], word))) return [];
    return [{entry, literal: words.filter((word, index) => parts[index] === word).length}];
  });
  const most = Math.max(0, ...counted.map(({literal}) => literal));
  return counted.filter(({literal}) => literal === most).map(({entry}) => entry);
}

function fits(part: string | undefined, word: string): boolean {
  if (part === undefined) return false;
  return /^[A-Z]/.test(part) || part.split('|').includes(word);
}

function wordsOf(part: string | undefined, names: Names): readonly string[] {
  if (part === undefined) return [];
  if (/^[a-z]/.test(part)) return part.split('|');
  switch (part) {
    case 'NODE':
      return names.nodes;
    case 'NAME':
      return [...names.nodes, ...names.monitors];
    case 'NAME|FILE':
      return names.scenarios;
    default:
      return [];
  }
}

function standingFor(placeholder: string, names: Names, last: string): Completion {
  if (placeholder === 'FILE' || (placeholder === 'SCENARIO' && /[./]/.test(last))) return 'files';
  const known: Readonly<Record<string, readonly string[]>> = {
    CLUSTER: names.clusters,
    NODE: names.nodes,
    NAME: [...names.nodes, ...names.monitors],
    SCENARIO: names.scenarios,
  };
  return beginning(
    last,
    (known[placeholder] ?? []).map(word => ({word, help: ''})),
  );
}

/** Options of the commands that are still possible; with no words that is the console's own, which takes those of every command. */
function optionWords(entries: readonly CommandEntry[]): readonly CompletionWord[] {
  const own = new Set([...entries.flatMap(entry => entry.options), ...commonOptions]);
  const ofActions = entries.flatMap(({action}) => (action === undefined ? [] : readUsage(action.usage).options));
  return [
    ...ofActions.map(({name, takes}) => ({word: `--${name}`, help: takes ?? ''})),
    ...[...own].map(name => ({word: typedAs(name), help: option(name).help})),
  ];
}

/** Those that begin with what is typed, each once. */
function beginning(typed: string, words: readonly CompletionWord[]): readonly CompletionWord[] {
  const found = new Map<string, CompletionWord>();
  for (const each of words) if (each.word.startsWith(typed) && !found.has(each.word)) found.set(each.word, each);
  return [...found.values()];
}

function partsOf(usage: string): readonly string[] {
  return usage
    .replaceAll(/\[[^\]]*\]/g, '')
    .split(/\s+/)
    .filter(part => part !== '' && part !== '--');
}

const optionNames = Object.keys(options).filter((name): name is OptionName => Object.hasOwn(options, name));

function option(name: OptionName): CommandOption {
  return options[name];
}
