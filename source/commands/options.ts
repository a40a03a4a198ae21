import {actionKinds} from '../actions/registry.ts';
import {readUsage} from '../actions/usage.ts';

/** One option of the command line. `takes`: what its value stands for; without it, it is given or not. */
export type CommandOption = {
  type: 'string' | 'boolean' | 'number';
  takes?: string;
  shortFlag?: string;
  default?: string | boolean | number;
  /** A short phrase; of which command it is stands in the list of commands. */
  help: string;
};

/** Every option but those of single actions, which their usages name. Parsing, --help and completion come out of it. */
export const options = {
  config: {
    type: 'string',
    takes: 'FILE',
    help: 'default: ./pgaf.yaml, then $XDG_CONFIG_HOME/pgaf/config.yaml',
  },
  cluster: {type: 'string', takes: 'CLUSTER', help: 'which cluster of the configuration'},
  formation: {type: 'string', takes: 'FORMATION', help: 'which formation of the cluster'},
  readOnly: {type: 'boolean', default: false, help: 'nothing that changes the cluster can be started'},
  color: {type: 'boolean', default: true, help: 'words and marks only (NO_COLOR does the same)'},
  logFile: {type: 'string', takes: 'FILE', help: 'default: $XDG_STATE_HOME/pgaf/pgaf.log'},
  json: {type: 'boolean', default: false, help: 'one JSON document on standard output'},
  watch: {type: 'boolean', shortFlag: 'w', default: false, help: 'one look a second'},
  count: {type: 'number', takes: 'N', shortFlag: 'n', default: 10, help: 'so many of the newest'},
  follow: {type: 'boolean', shortFlag: 'f', default: false, help: 'and the new ones as they come'},
  dryRun: {type: 'boolean', default: false, help: 'checks and plan only; nothing is run'},
  yes: {
    type: 'boolean',
    shortFlag: 'y',
    default: false,
    help: 'confirms; without it a person is asked on the terminal',
  },
  force: {type: 'boolean', default: false, help: 'past failed checks that can be gone past; it is written down'},
  plan: {type: 'boolean', default: false, help: 'checks and plan of a bootstrap only; nothing is made'},
  resume: {type: 'boolean', default: false, help: 'go on where a bootstrap was left; it always does'},
  rolling: {
    type: 'boolean',
    default: false,
    help: 'also what stops containers that run, one after the other: another image, other settings',
  },
  replace: {
    type: 'string',
    takes: 'NODE',
    help: 'its machine has lost its data: forget its registration, join it anew',
  },
  rebuildMonitor: {type: 'boolean', default: false, help: 'make a lost monitor anew, or another host its own'},
  rotatePasswords: {
    type: 'boolean',
    default: false,
    help: 'also new passwords for the monitor and for replication, while everything goes on',
  },
  ssl: {
    type: 'boolean',
    default: false,
    help: 'also encryption where the cluster was made with less, while everything goes on',
  },
  teardown: {type: 'string', takes: 'CLUSTER', help: 'take that cluster away, with its data, passwords and files'},
  scenario: {type: 'string', takes: 'SCENARIO', help: 'what is played: a name of pgaf scenarios, or a file'},
  speed: {type: 'number', takes: 'N', default: 1, help: 'simulated seconds a second'},
  seed: {type: 'number', takes: 'N', default: 1, help: 'the same number gives the same cluster'},
  step: {type: 'boolean', default: false, help: 'time stands still until it is stepped (:step)'},
  nodes: {type: 'number', takes: 'N', help: 'data nodes in all; 3 a group when not given'},
  groups: {type: 'number', takes: 'N', default: 1, help: 'in how many groups of one size'},
  write: {type: 'boolean', default: false, help: 'psql may write; it is read-only unless told so'},
  tty: {type: 'boolean', shortFlag: 't', default: false, help: 'a terminal there, even where there is none here'},
  interactive: {type: 'boolean', shortFlag: 'i', default: false, help: 'standard input goes there; it always does'},
  help: {type: 'boolean', shortFlag: 'h', default: false, help: 'this'},
  version: {type: 'boolean', shortFlag: 'V', default: false, help: 'the version'},
} as const satisfies Record<string, CommandOption>;

export type OptionName = keyof typeof options;

/** What every command takes. */
export const commonOptions: readonly OptionName[] = [
  'config',
  'cluster',
  'formation',
  'readOnly',
  'color',
  'logFile',
  'help',
  'version',
];

/** What every action takes beside the options of its usage. */
export const optionsOfActions: readonly OptionName[] = ['dryRun', 'yes', 'force', 'json'];

/** What shapes the simulated cluster. */
export const demoOptions: readonly OptionName[] = ['scenario', 'speed', 'seed', 'step', 'nodes', 'groups'];

/** The options that usages of actions name, by the key under which they are parsed; the usage says the rest. */
export function actionOptions(): ReadonlyMap<string, {name: string; takes: string | undefined}> {
  const named = actionKinds.flatMap(kind => readUsage(kind.usage).options);
  return new Map(named.map(option => [keyOf(option.name), option]));
}

/** As it is typed: `--log-file`; what is on unless it is taken away is typed to take it away. */
export function typedAs(key: string): string {
  const isOn = Object.hasOwn(options, key) && key === 'color';
  return `--${isOn ? 'no-' : ''}${key.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

function keyOf(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
