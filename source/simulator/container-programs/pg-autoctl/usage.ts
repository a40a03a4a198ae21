/** A command of pg_autoctl 2.0: its words, what it does, and what may follow. A group of commands has nothing that follows. */
type Described = readonly [words: string, help: string, follows?: string];

const described: readonly Described[] = [
  ['drop', 'Drop a pg_auto_failover node, or formation'],
  [
    'drop node',
    'Drop a node from the pg_auto_failover monitor',
    '[ --pgdata ] [ --name ] [ --hostname --pgport ] [ --force ]',
  ],
  ['config', 'Manages the pg_autoctl configuration'],
  ['config check', 'Check pg_autoctl configuration', '[ --pgdata ]'],
  ['config get', 'Get the value of a given pg_autoctl configuration variable', '[ --pgdata ] [ section.option ]'],
  ['show', 'Show pg_auto_failover information'],
  ['show uri', 'Show the postgres uri to use to connect to pg_auto_failover nodes', '[ --pgdata --formation --json ]'],
  [
    'show events',
    "Prints monitor's state of nodes in a given formation and group",
    '[ --pgdata --formation --group --count --json ]',
  ],
  [
    'show state',
    "Prints monitor's state of nodes in a given formation and group",
    '[ --pgdata --formation --group --local --json ]',
  ],
  ['show settings', 'Print replication settings for a formation from the monitor', '[ --pgdata --formation --json ]'],
  [
    'show standby-names',
    'Prints synchronous_standby_names for a given group',
    '[ --pgdata --formation --group --json ]',
  ],
  [
    'show file',
    'List pg_autoctl internal files (config, state, pid)',
    '[ --pgdata --config | --state | --init | --pid --contents ]',
  ],
  ['enable', 'Enable a feature on a formation'],
  ['enable maintenance', 'Enable Postgres maintenance mode on this node', '[ --pgdata --allow-failover ]'],
  ['disable', 'Disable a feature on a formation'],
  ['disable maintenance', 'Disable Postgres maintenance mode on this node', '[ --pgdata ]'],
  ['get', 'Get a pg_auto_failover node, or formation setting'],
  ['get node', 'get a node property from the pg_auto_failover monitor'],
  [
    'get node replication-quorum',
    'get replication-quorum property from the monitor',
    '[ --pgdata ] [ --json ] [ --formation ] [ --name ]',
  ],
  [
    'get node candidate-priority',
    'get candidate property from the monitor',
    '[ --pgdata ] [ --json ] [ --formation ] [ --name ]',
  ],
  ['get formation', 'get a formation property from the pg_auto_failover monitor'],
  [
    'get formation settings',
    'get replication settings for a formation from the monitor',
    '[ --pgdata ] [ --json ] [ --formation ]',
  ],
  [
    'get formation number-sync-standbys',
    'get number_sync_standbys for a formation from the monitor',
    '[ --pgdata ] [ --json ] [ --formation ]',
  ],
  ['set', 'Set a pg_auto_failover node, or formation setting'],
  ['set node', 'set a node property on the monitor'],
  [
    'set node replication-quorum',
    'set replication-quorum property on the monitor',
    '[ --pgdata ] [ --json ] [ --formation ] [ --name ] <true|false>',
  ],
  [
    'set node candidate-priority',
    'set candidate property on the monitor',
    '[ --pgdata ] [ --json ] [ --formation ] [ --name ] <priority: 0..100>',
  ],
  ['set formation', 'set a formation property on the monitor'],
  [
    'set formation number-sync-standbys',
    'set number-sync-standbys for a formation on the monitor',
    '[ --pgdata ] [ --json ] [ --formation ] <number_sync_standbys>',
  ],
  ['perform', 'Perform an action orchestrated by the monitor'],
  ['perform failover', 'Perform a failover for given formation and group', '[ --pgdata --formation --group --wait ]'],
  [
    'perform switchover',
    'Perform a switchover for given formation and group',
    '[ --pgdata --formation --group --wait ]',
  ],
  [
    'perform promotion',
    'Perform a failover that promotes a target node',
    '[ --pgdata --formation --wait ] --name <node name>',
  ],
  ['do', 'Internal commands and internal QA tooling'],
  ['do service', 'Run pg_autoctl sub-processes (services)'],
  ['do service restart', 'Restart pg_autoctl sub-processes (services)', '[ postgres ]'],
  ['reload', 'signal the pg_autoctl for it to reload its configuration', '[ --pgdata ]'],
  ['status', 'Display the current status of the pg_autoctl service', '[ --pgdata ] [ --json ]'],
  ['version', 'print pg_autoctl version', ''],
];

/** The longest beginning of the words that is a command or a group of commands; none: pg_autoctl itself. */
export function knownWords(words: readonly string[]): readonly string[] {
  const count = words.findIndex((_, index) => find(words.slice(0, index + 1)) === undefined);
  return count === -1 ? words : words.slice(0, count);
}

/** What --help prints of a command, or of a group of commands. */
export function helpText(words: readonly string[]): string {
  const [name, help = 'pg_auto_failover control tools and service', follows] = find(words) ?? [];
  const head = `${['pg_autoctl', ...(name === undefined ? [] : [name])].join(' ')}: ${help}\n`;
  if (follows !== undefined) return `${head}usage: pg_autoctl ${name}  ${follows}\n\n`;
  return `${head}${name === undefined ? 'usage: pg_autoctl [ --debug|verbose|quiet ]\n\n' : ''}${commandsText(words)}`;
}

/** The commands of a group, as they are printed after a word that is none of them. */
export function commandsText(words: readonly string[]): string {
  const members = described.filter(([name]) => {
    const parts = name.split(' ');
    return parts.length === words.length + 1 && words.every((word, index) => parts[index] === word);
  });
  const last = (name: string) => name.split(' ').at(-1) ?? '';
  const width = Math.max(...members.map(([name]) => last(name).length));
  const lines = members.map(
    ([name, help, follows]) => `  ${follows === undefined ? '+' : ' '} ${last(name).padEnd(width)}  ${help}\n`,
  );
  return `\nAvailable commands:\n  ${['pg_autoctl', ...words].join(' ')}\n${lines.join('')}\n`;
}

function find(words: readonly string[]): Described | undefined {
  const wanted = words.join(' ');
  return described.find(([name]) => name === wanted);
}
