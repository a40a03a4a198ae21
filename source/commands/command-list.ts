import type {ActionKind} from '../actions/action.ts';
import {actionKinds} from '../actions/registry.ts';
import {demoOptions, type OptionName, optionsOfActions} from './options.ts';

/** One command as --help, completion and the README list it. */
export type CommandEntry = {
  /** After `pgaf`; capitals stand for something, in brackets what may be left out. */
  usage: string;
  help: string;
  /** Its options beside those that every command takes. */
  options: readonly OptionName[];
  /** The action that it is. */
  action?: ActionKind;
};

const ownCommands: readonly CommandEntry[] = [
  {usage: '', help: 'open the console (needs a terminal)', options: []},
  {
    usage: 'demo [--scenario NAME|FILE]',
    help: 'the same on a simulated cluster; needs nothing but Node',
    options: demoOptions,
  },
  {
    usage: 'drill NAME|FILE',
    help: 'the same with a score: what broke is for you to find and mend',
    options: demoOptions.filter(name => name !== 'scenario'),
  },
  {usage: 'scenarios', help: 'what can be played in it', options: []},
  {
    usage: 'status [--json] [--watch]',
    help: 'one look: can the application write, and what is wrong',
    options: ['json', 'watch'],
  },
  {
    usage: 'events [-n N] [-f] [--json]',
    help: "the monitor's events, oldest first",
    options: ['count', 'follow', 'json'],
  },
  {
    usage: 'audit [-n N] [-f] [--json]',
    help: 'what was done to the cluster from here, by whom, and what came of it',
    options: ['count', 'follow', 'json'],
  },
  {
    usage:
      'bootstrap [--plan] [--rolling] [--rotate-passwords] [--ssl] [--replace NODE] [--rebuild-monitor] [--teardown CLUSTER]',
    help: 'make the cluster that the configuration describes, show what is missing of it, change it, or take it away',
    options: [
      'plan',
      'resume',
      'rolling',
      'rotatePasswords',
      'ssl',
      'replace',
      'rebuildMonitor',
      'teardown',
      'yes',
      'force',
      'json',
    ],
  },
];

/** A program in a container, with this program's own input and outputs. */
const sessionCommands: readonly CommandEntry[] = [
  {usage: 'shell NAME', help: 'a shell in the container of a node, of a host, or of the monitor', options: []},
  {
    usage: 'psql NAME [--write] [-- ARGV...]',
    help: 'psql in it, read-only unless it is to write',
    options: ['write', 'tty', 'interactive'],
  },
  {
    usage: 'autoctl NAME [-- ARGV...]',
    help: 'pg_autoctl in it; without ARGV a prompt that completes its commands',
    options: ['tty', 'interactive'],
  },
  {
    usage: 'exec NAME [-t] -- ARGV...',
    help: 'any program in it, in pipes as well; -t for a terminal where there is none',
    options: ['tty', 'interactive'],
  },
];

const configurationCommands: readonly CommandEntry[] = [
  {usage: 'config init', help: 'write a configuration by answering questions', options: []},
  {usage: 'config check', help: 'validate it and try every connection', options: []},
  {usage: 'config schema', help: 'print the JSON Schema of the configuration', options: []},
  {usage: 'completion bash|zsh|fish', help: 'print the script by which a shell completes all of this', options: []},
];

/** Every command in the order in which they are listed; the actions come out of their registry. */
export const commandList: readonly CommandEntry[] = [
  ...ownCommands,
  ...sessionCommands,
  ...actionKinds.map(kind => ({usage: kind.usage, help: kind.help, options: optionsOfActions, action: kind})),
  ...configurationCommands,
];

/** The words of a usage that are typed as they are, before anything that stands for something: `config check`. */
export function fixedWords(usage: string): readonly string[] {
  const words = usage.split(' ').filter(word => word !== '');
  const end = words.findIndex(word => !/^[a-z-]+$/.test(word));
  return end === -1 ? words : words.slice(0, end);
}

/** How many words a usage takes at most. */
export function mostWords(usage: string): number {
  const words = usage.replaceAll(/\[[^\]]*\]/g, '').split(/\s+/);
  return usage.includes('...') ? Number.POSITIVE_INFINITY : words.filter(word => word !== '').length;
}

/** The commands that words may mean: of an action all that begin with the same word, as the words after it decide. */
export function commandsCalled(words: readonly string[]): readonly CommandEntry[] {
  const [first] = words;
  if (first === undefined) return commandList.filter(({usage}) => usage === '');
  const actions = commandList.filter(({usage, action}) => action !== undefined && fixedWords(usage)[0] === first);
  if (actions.length > 0) return actions;
  return commandList.filter(({usage}) => {
    const fixed = fixedWords(usage);
    return fixed.length > 0 && fixed.every((word, index) => words[index] === word);
  });
}
