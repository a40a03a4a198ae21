import meow from 'meow';
import {bad, errorText, good, type Outcome, type Problem} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';
import {commandList, commandsCalled, fixedWords, mostWords} from './command-list.ts';
import {actionOptions, type CommandOption, commonOptions, options, optionsOfActions, typedAs} from './options.ts';

/** What the command line says: the words (command and its arguments) and the flags, or a usage problem. */
export type Arguments = {
  words: readonly string[];
  /** What stands behind `--`, as it is. */
  argv: readonly string[] | undefined;
  flags: Flags;
  /** Options that usages of actions name, as far as they were given, by their names. */
  actionOptions: ReadonlyMap<string, string | true>;
};

export type Flags = {
  config: string | undefined;
  cluster: string | undefined;
  formation: string | undefined;
  readOnly: boolean;
  color: boolean;
  logFile: string | undefined;
  json: boolean;
  watch: boolean;
  count: number;
  follow: boolean;
  dryRun: boolean;
  yes: boolean;
  force: boolean;
  plan: boolean;
  resume: boolean;
  rolling: boolean;
  replace: string | undefined;
  rebuildMonitor: boolean;
  rotatePasswords: boolean;
  ssl: boolean;
  teardown: string | undefined;
  scenario: string | undefined;
  speed: number;
  seed: number;
  nodes: number;
  groups: number;
  step: boolean;
  write: boolean;
  tty: boolean;
  interactive: boolean;
  help: boolean;
  version: boolean;
};

/** Speeds above this only keep the machine busy. Simulated seconds a second. */
export const mostSpeed = 100;

/** Parses argv (without the program's name): a known command, with options that it takes. */
export function parseArguments(argv: readonly string[], version: string): Outcome<Arguments> {
  const ofActions = actionOptions();
  const actionFlags: Record<string, {type: 'string' | 'boolean'}> = Object.fromEntries(
    [...ofActions].map(([key, {takes}]) => [key, {type: takes === undefined ? ('boolean' as const) : 'string'}]),
  );
  const end = argv.indexOf('--');
  try {
    const {
      input: words,
      flags: all,
      unnormalizedFlags,
    } = meow({
      importMeta: import.meta,
      argv: end < 0 ? [...argv] : argv.slice(0, end),
      pkg: {name: 'pgaf', version},
      autoHelp: false,
      autoVersion: false,
      flags: {...actionFlags, ...options},
    });
    const given = givenKeys(all);
    const unknown = given.find(key => !Object.hasOwn(options, key) && !ofActions.has(key));
    if (unknown !== undefined) return usage(`unknown option ${dashes(unnormalizedFlags, unknown)}`);
    for (const key of given) if (all[key] === '') return usage(`${typedAs(key)} needs a value`);
    const {config, cluster, formation, logFile, scenario, ...rest} = all;
    const flags = {...rest, nodes: rest.nodes ?? rest.groups * nodesPerGroup};
    const wrong = flags.help || flags.version ? undefined : (unfitting(words, given) ?? outOfRange(flags));
    if (wrong !== undefined) return {ok: false, problem: wrong};
    const actionOptionsGiven = [...ofActions].flatMap(([key, {name, takes}]): [string, string | true][] =>
      given.includes(key) ? [[name, takes === undefined ? true : String(all[key])]] : [],
    );
    return good({
      words,
      argv: end < 0 ? undefined : argv.slice(end + 1),
      flags: {...flags, config, cluster, formation, logFile, scenario},
      actionOptions: new Map(actionOptionsGiven),
    });
  } catch (error) {
    return usage(errorText(error));
  }
}

/** What differs from what holds when it is not given. */
function givenKeys(flags: Readonly<Record<string, unknown>>): readonly string[] {
  const standards: Readonly<Record<string, CommandOption>> = options;
  return Object.keys(flags).filter(
    key => flags[key] !== undefined && flags[key] !== (standards[key]?.default ?? false),
  );
}

/** That there are too many words, or that the command does not take one of the options. What is no command of pgaf may be an action of a team's own. */
function unfitting(words: readonly string[], given: readonly string[]): Problem | undefined {
  const [entry = actionOfATeam] = commandsCalled(words);
  const name = entry.action === undefined ? fixedWords(entry.usage).join(' ') : (words[0] ?? '');
  if (entry.action === undefined && words.length > mostWords(entry.usage))
    return usage(`it is pgaf ${entry.usage}`).problem;
  const taken: readonly string[] = [...commonOptions, ...entry.options];
  const surplus = given.find(
    key => !taken.includes(key) && (entry.action === undefined || Object.hasOwn(options, key)),
  );
  if (surplus === undefined) return undefined;
  return usage(`${`pgaf ${name}`.trimEnd()} takes no ${typedAs(surplus)}`).problem;
}

/** What the configuration of a cluster may have in it. */
const actionOfATeam = {usage: 'ACTION', options: optionsOfActions, action: true};

/** That there is no such command, with the closest one. */
export function unknownCommand(words: readonly string[]): Problem {
  const close = closestWord(
    words.join(' '),
    commandList.map(entry => fixedWords(entry.usage).join(' ')),
  );
  return bad('configuration', `there is no command "${words.join(' ')}"`, {
    remedy: close === undefined ? seeHelp : `did you mean pgaf ${close}?`,
  }).problem;
}

function outOfRange({count, speed, seed, nodes, groups}: Pick<Flags, 'count' | 'speed' | 'seed' | 'nodes' | 'groups'>) {
  if (!Number.isInteger(count) || count < 0) return usage('-n needs a whole number').problem;
  if (!(speed > 0 && speed <= mostSpeed)) return usage(`--speed needs a number above 0, ${mostSpeed} at most`).problem;
  if (!Number.isInteger(seed)) return usage('--seed needs a whole number').problem;
  if (!Number.isInteger(groups) || groups < 1 || groups > 100)
    return usage('--groups needs a whole number from 1 to 100').problem;
  if (!Number.isInteger(nodes) || nodes < groups || nodes > 300)
    return usage('--nodes needs a whole number, one a group at least, 300 at most').problem;
  if (nodes % groups !== 0) return usage(unevenWords(nodes, groups)).problem;
  return undefined;
}

/** Nodes of a simulated group when nothing is said of them. */
const nodesPerGroup = 3;

function unevenWords(nodes: number, groups: number): string {
  const fewer = nodes - (nodes % groups);
  const near = fewer + groups > 300 ? `${fewer}` : `${fewer} or ${fewer + groups}`;
  return `--nodes ${nodes} can not be shared out evenly among ${groups} groups: ${near} can`;
}

function dashes(unnormalized: Record<string, unknown>, name: string): string {
  const typed =
    Object.keys(unnormalized).find(each => each.replaceAll('-', '').toLowerCase() === name.toLowerCase()) ?? name;
  return typed.length === 1 ? `-${typed}` : `--${typed}`;
}

const seeHelp = 'pgaf --help lists the commands and options';

function usage(message: string) {
  return bad('configuration', message, {remedy: seeHelp});
}
