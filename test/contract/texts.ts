/** A command of pg_autoctl and the container that it runs in. */
export type Line = readonly [container: string, command: string];

const monitor = (...commands: string[]): Line[] => commands.map(command => ['pg_monitor', command]);
const node = (...commands: string[]): Line[] => commands.map(command => ['pg_node1', command]);

/** What is asked of a cluster at rest. */
export const looks: readonly Line[] = [
  ...monitor(
    'version',
    'version --json',
    'show state',
    'show state --json',
    'show state --group 0',
    'show state --formation nothing',
    'show state --formation nothing --json',
    'show state --local',
    'show events --json --group 0',
    'show uri',
    'show uri --json',
    'show uri --formation default',
    'show uri --formation default --json',
    'show uri --formation monitor',
    'show uri --formation nothing',
    'show settings',
    'show settings --json',
    'show settings --formation nothing',
    'show standby-names',
    'show standby-names --json',
    'get formation settings',
    'get formation number-sync-standbys',
    'get formation number-sync-standbys --json',
    'get node candidate-priority --name pg_node2',
    'get node candidate-priority --name pg_node2 --json',
    'get node replication-quorum --name pg_node2',
    'get node candidate-priority --name nothing',
    'status',
    'status --json',
  ),
  ...node(
    'show state',
    'show state --local',
    'show state --local --json',
    'show uri',
    'show standby-names',
    'status',
    'status --json',
    'show file',
    'show file --json',
    'show file --state --contents',
    'show file --state --contents --json',
    'show file --config',
    'get node candidate-priority',
    'get node replication-quorum',
    'get node replication-quorum --json',
  ),
  ['pg_node2', 'show state --local'],
  ['pg_node2', 'status'],
];

/** What is refused, with a cluster at rest whose primary is pg_node1. */
export const refusals: readonly Line[] = [
  ...monitor(
    'perform promotion --name pg_node1',
    'perform promotion --name nothing',
    'perform promotion',
    'perform failover --formation nothing',
    'perform failover --group 7',
    'enable maintenance',
    'disable maintenance',
    'set formation number-sync-standbys 0',
    'set formation number-sync-standbys x',
    'set node candidate-priority 50 --name pg_node2',
    'set node candidate-priority 101 --name pg_node2',
    'set node candidate-priority x --name pg_node2',
    'set node replication-quorum maybe --name pg_node2',
    'set node replication-quorum false --name pg_node2',
    'drop node --name nothing',
    'drop node',
    'drop node --name pg_node2 --hostname 10.0.0.1',
    'drop node --hostname 10.9.9.9 --pgport 5432',
  ),
  ...node(
    'enable maintenance',
    'disable maintenance',
    'perform promotion --name nothing',
    'set formation number-sync-standbys 2',
    'set formation number-sync-standbys 5',
    'set node candidate-priority 101',
    'set node candidate-priority 50 --name nothing',
    'set node replication-quorum true --name nothing',
    'drop node --name pg_node2',
  ),
  ['pg_node2', 'disable maintenance'],
];

/** What is not understood: only the first line of the answer, the usage after it is long. */
export const mistakes: readonly Line[] = [
  ...node(
    '',
    'nonsense',
    'show nonsense',
    'perform nonsense',
    'show state --nonsense',
    'show state --formation',
    'set formation number-sync-standbys --nonsense',
    'set formation number-sync-standbys -1',
    'set node candidate-priority',
  ),
];

/** Calls of the monitor's functions that change nothing in a cluster at rest whose primary is pg_node1: its own words. */
export const calls: readonly string[] = [
  "set_formation_number_sync_standbys('default', 5)",
  "set_formation_number_sync_standbys('default', -1)",
  "set_formation_number_sync_standbys('nothing', 0)",
  "set_node_candidate_priority('default', 'pg_node2', 101)",
  "set_node_candidate_priority('default', 'nothing', 50)",
  "set_node_replication_quorum('default', 'pg_node2', false)",
  "set_node_replication_quorum('default', 'nothing', true)",
  "perform_failover('nothing', 0)",
  "perform_promotion('default', 'pg_node1')",
  "perform_promotion('default', 'nothing')",
  'start_maintenance(99)',
  'stop_maintenance(99)',
  'stop_maintenance(2)',
  'remove_node(99)',
  "synchronous_standby_names('default', 0)",
];

/** Where the console's queries and people's find rows. */
export const tables: readonly string[] = [
  'pgautofailover.node',
  'pgautofailover.event',
  'pgautofailover.formation',
  "pgautofailover.current_state('default')",
  'pgautofailover.last_events(3)',
  "pgautofailover.formation_settings('default')",
  "pgautofailover.get_nodes('default')",
  "pgautofailover.get_primary('default', 0)",
];

/** What is asked while pg_node1, once the primary, is in maintenance: its PostgreSQL is down. */
export const duringMaintenance: readonly Line[] = [
  ...node('status', 'status --json', 'show state --local', 'show state --local --json', 'enable maintenance'),
  ...monitor('perform promotion --name pg_node1', 'show standby-names'),
];

/** What is asked and refused while no node is the primary. */
export const withoutPrimary: readonly Line[] = [
  ...monitor('show standby-names', 'perform failover', 'perform promotion --name pg_node2', 'show settings'),
  ...node(
    'enable maintenance',
    'set formation number-sync-standbys 0',
    'set node replication-quorum false --name pg_node2',
  ),
];

/** What is changed and changed back, on pg_node1. */
export const settings: readonly string[] = [
  'set formation number-sync-standbys 0',
  'set node replication-quorum false --name pg_node2',
  'set node replication-quorum true --name pg_node2',
  'set formation number-sync-standbys 1 --json',
  'set node candidate-priority 60 --name pg_node2',
  'set node candidate-priority 50 --name pg_node2 --json',
  'set node candidate-priority 50',
];
