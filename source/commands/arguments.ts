import meow from 'meow';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';

/** What the command line says: the words (command and its arguments) and the flags, or a usage problem. */
export type Arguments = {
  words: readonly string[];
  flags: {
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
    scenario: string | undefined;
    speed: number;
    seed: number;
    nodes: number;
    groups: number;
    step: boolean;
    help: boolean;
    version: boolean;
  };
};

export const help = `
Usage
  pgaf                              open the console (needs a terminal)
  pgaf demo [--scenario NAME|FILE]  the same on a simulated cluster; needs nothing but Node
  pgaf drill NAME|FILE              the same with a score: what broke is for you to find and mend
  pgaf scenarios                    what can be played in it
  pgaf status [--json] [--watch]    one look: can the application write, and what is wrong
  pgaf events [-n N] [-f] [--json]  the monitor's events, oldest first
  pgaf config init                  write a configuration by answering questions
  pgaf config check                 validate it and try every connection
  pgaf config schema                print the JSON Schema of the configuration

Options
  --config FILE      default: ./pgaf.yaml, then $XDG_CONFIG_HOME/pgaf/config.yaml
  --cluster NAME     which cluster of the configuration
  --formation NAME   which formation of the cluster
  --read-only        nothing that changes the cluster can be started
  --no-color         words and marks only (NO_COLOR does the same)
  --log-file FILE    default: $XDG_STATE_HOME/pgaf/pgaf.log
  --speed N          demo: simulated seconds a second
  --seed N           demo: the same number gives the same cluster
  --step             demo: time stands still until it is stepped (:step)
  --nodes N, --groups N  demo: data nodes in all, in groups of one size (3 a group)
  --help, --version

Exit status
  status   0 healthy, 1 degraded or changing, 2 blocked or down, 3 unknown
  all      64 usage, 69 nothing reachable, 78 configuration
`.trim();

/** Speeds above this only keep the machine busy. Simulated seconds a second. */
export const mostSpeed = 100;

/** Parses argv (without the program's name). */
export function parseArguments(argv: readonly string[], version: string): Outcome<Arguments> {
  try {
    const {input, flags, unnormalizedFlags} = meow({
      importMeta: import.meta,
      argv: [...argv],
      pkg: {name: 'pgaf', version},
      autoHelp: false,
      autoVersion: false,
      flags: flagKinds,
    });
    const unknown = Object.keys(flags).find(name => !Object.hasOwn(flagKinds, name));
    if (unknown !== undefined) return usage(`unknown option ${dashes(unnormalizedFlags, unknown)}`);
    const {config, cluster, formation, logFile, scenario, count, ...rest} = flags;
    for (const [name, value] of Object.entries({config, cluster, formation, scenario, 'log-file': logFile})) {
      if (value === '') return usage(`--${name} needs a value`);
    }
    if (!Number.isInteger(count) || count < 0) return usage('-n needs a whole number');
    const {speed, seed, groups} = rest;
    const nodes = rest.nodes ?? groups * nodesPerGroup;
    if (!(speed > 0 && speed <= mostSpeed)) return usage(`--speed needs a number above 0, ${mostSpeed} at most`);
    if (!Number.isInteger(seed)) return usage('--seed needs a whole number');
    if (!Number.isInteger(groups) || groups < 1 || groups > 100)
      return usage('--groups needs a whole number from 1 to 100');
    if (!Number.isInteger(nodes) || nodes < groups || nodes > 300)
      return usage('--nodes needs a whole number, one a group at least, 300 at most');
    if (nodes % groups !== 0) return usage(unevenWords(nodes, groups));
    return good({words: input, flags: {...rest, nodes, config, cluster, formation, logFile, scenario, count}});
  } catch (error) {
    return usage(errorText(error));
  }
}

/** Nodes of a simulated group when nothing is said of them. */
const nodesPerGroup = 3;

function unevenWords(nodes: number, groups: number): string {
  const fewer = nodes - (nodes % groups);
  const near = fewer + groups > 300 ? `${fewer}` : `${fewer} or ${fewer + groups}`;
  return `--nodes ${nodes} can not be shared out evenly among ${groups} groups: ${near} can`;
}

const flagKinds = {
  config: {type: 'string'},
  cluster: {type: 'string'},
  formation: {type: 'string'},
  readOnly: {type: 'boolean', default: false},
  color: {type: 'boolean', default: true},
  logFile: {type: 'string'},
  json: {type: 'boolean', default: false},
  watch: {type: 'boolean', shortFlag: 'w', default: false},
  count: {type: 'number', shortFlag: 'n', default: 10},
  follow: {type: 'boolean', shortFlag: 'f', default: false},
  scenario: {type: 'string'},
  speed: {type: 'number', default: 1},
  seed: {type: 'number', default: 1},
  nodes: {type: 'number'},
  groups: {type: 'number', default: 1},
  step: {type: 'boolean', default: false},
  help: {type: 'boolean', shortFlag: 'h', default: false},
  version: {type: 'boolean', shortFlag: 'V', default: false},
} as const;

function dashes(unnormalized: Record<string, unknown>, name: string): string {
  const typed =
    Object.keys(unnormalized).find(each => each.replaceAll('-', '').toLowerCase() === name.toLowerCase()) ?? name;
  return typed.length === 1 ? `-${typed}` : `--${typed}`;
}

function usage(message: string) {
  return bad('configuration', message, {remedy: 'pgaf --help lists the commands and options'});
}
