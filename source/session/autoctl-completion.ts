/** What can follow the words of a pg_autoctl command line: subcommands, then options that were not given yet, then values that are known. */
export function autoctlCandidates(before: readonly string[], nodes: readonly string[]): readonly string[] {
  const previous = before.at(-1) ?? '';
  if (previous === '--name') return nodes;
  if (valued.has(previous)) return [];
  const path = before.filter(word => !word.startsWith('-'));
  const below = nextWords(path.join(' '));
  if (below.length > 0 && path.length === before.length) return below;
  const command = Object.keys(commands)
    .filter(each => `${path.join(' ')} `.startsWith(`${each} `))
    .at(-1);
  if (command === undefined) return [];
  const options = (commands[command] ?? '').split(' ').filter(option => option !== '' && !before.includes(option));
  return [...(values[command] ?? []).filter(() => path.length === command.split(' ').length), ...options];
}

/** What the tab key makes of a line, as node:readline asks for it: the whole words that fit, and the part that they complete. */
export function completeAutoctl(line: string, nodes: readonly string[]): [string[], string] {
  const words = line.trimStart().split(/\s+/);
  const last = words.pop() ?? '';
  const fitting = autoctlCandidates(words, nodes).filter(word => word.startsWith(last));
  return [fitting.map(word => `${word} `), last];
}

function nextWords(path: string): readonly string[] {
  const start = path === '' ? '' : `${path} `;
  const next = Object.keys(commands).flatMap(command => {
    if (!command.startsWith(start)) return [];
    const word = command.slice(start.length).split(' ')[0] ?? '';
    return word === '' ? [] : [word];
  });
  return [...new Set(next)];
}

const ssl = '--ssl-self-signed --ssl-mode --ssl-ca-file --ssl-crl-file --no-ssl --server-key --server-cert';
const query = '--pgdata --monitor --formation --group --json';
const node = '--pgdata --monitor --formation --name --json';
const create = `--pgctl --pgdata --pghost --pgport --listen --username --dbname --name --hostname --formation --monitor --auth --skip-pg-hba --pg-hba-lan ${ssl} --candidate-priority --replication-quorum --maximum-backup-rate --run`;

/** The commands that a person types, with their options. pg_autoctl has a few more, which complete nothing. */
const commands: Readonly<Record<string, string>> = {
  'show state': `${query} --local --watch`,
  'show events': `${query} --count --watch`,
  'show settings': '--pgdata --monitor --formation --json',
  'show standby-names': query,
  'show uri': '--pgdata --monitor --formation --json',
  'show file': '--pgdata --all --config --state --init --pid --contents --json',
  'show systemd': '--pgdata',
  'perform failover': '--pgdata --monitor --formation --group --wait',
  'perform switchover': '--pgdata --monitor --formation --group --wait',
  'perform promotion': '--pgdata --monitor --formation --name --wait',
  'enable maintenance': '--pgdata --allow-failover',
  'enable secondary': '--pgdata --formation',
  'enable ssl': `--pgdata --json ${ssl}`,
  'enable monitor': '--pgdata --allow-failover',
  'disable maintenance': '--pgdata',
  'disable secondary': '--pgdata --formation',
  'disable ssl': '--pgdata --json',
  'disable monitor': '--pgdata --force',
  'set node metadata': '--pgdata --name --hostname --pgport',
  'set node replication-quorum': node,
  'set node candidate-priority': node,
  'set formation number-sync-standbys': '--pgdata --monitor --formation --json',
  'get node replication-quorum': node,
  'get node candidate-priority': node,
  'get formation settings': '--pgdata --monitor --formation --json',
  'get formation number-sync-standbys': '--pgdata --monitor --formation --json',
  'config check': '--pgdata --json',
  'config get': '--pgdata --json',
  'config set': '--pgdata --json',
  'drop node': '--pgdata --monitor --formation --name --hostname --pgport --destroy --force --wait',
  'drop formation': '--pgdata --monitor --formation',
  'drop monitor': '--pgdata --destroy',
  'create postgres': create,
  'create monitor': `--pgctl --pgdata --pgport --hostname --auth --skip-pg-hba ${ssl} --run`,
  'create formation':
    '--pgdata --monitor --formation --kind --dbname --enable-secondary --disable-secondary --number-sync-standbys',
  status: '--pgdata --json',
  watch: '--pgdata --monitor --formation --group',
  version: '--json',
  help: '',
  reload: '--pgdata',
  stop: '--pgdata --fast --immediate',
  run: '--pgdata --name --hostname --pgport',
};

const settings = [
  'pg_autoctl.role',
  'pg_autoctl.monitor',
  'pg_autoctl.formation',
  'pg_autoctl.group',
  'pg_autoctl.name',
  'pg_autoctl.hostname',
  'postgresql.pgdata',
  'postgresql.dbname',
  'postgresql.host',
  'postgresql.port',
  'postgresql.listen_addresses',
  'postgresql.auth_method',
  'ssl.sslmode',
  'ssl.cert_file',
  'ssl.key_file',
  'ssl.ca_file',
  'replication.maximum_backup_rate',
  'replication.backup_directory',
  'timeout.network_partition_timeout',
  'timeout.prepare_promotion_catchup',
  'timeout.prepare_promotion_walreceiver',
  'timeout.postgresql_restart_failure_timeout',
  'timeout.postgresql_restart_failure_max_retries',
];

/** Values that a command takes and that are known. */
const values: Readonly<Record<string, readonly string[]>> = {
  'set node replication-quorum': ['true', 'false'],
  'config get': settings,
  'config set': settings,
};

/** Options that are followed by a value. */
const valued = new Set(
  (
    '--pgdata --pgctl --pghost --pgport --listen --username --dbname --name --hostname --formation --monitor --auth --group --count --wait ' +
    '--ssl-mode --ssl-ca-file --ssl-crl-file --server-key --server-cert --candidate-priority --replication-quorum --maximum-backup-rate ' +
    '--kind --number-sync-standbys'
  ).split(' '),
);
