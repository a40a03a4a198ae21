import type {ReplicationState} from '../cluster/replication-state.ts';

/** What a keeper does to its Postgres on the way to a state (fsm_transition.c). */
export type KeeperAction =
  | 'nothing'
  | 'initPrimary'
  | 'disableReplication'
  | 'stop'
  | 'setUpStandby'
  | 'resumeAsPrimary'
  | 'start'
  | 'promote'
  | 'promoteReadOnly'
  | 'open'
  | 'disableSync'
  | 'enableSync'
  | 'initStandby'
  | 'rewind'
  | 'follow'
  | 'reportLsn'
  | 'fastForward'
  | 'stopReplicating'
  | 'drop';

/** An edge of the keeper's state machine: what pg_autoctl says of it, what it does, and how long that takes (ms). */
export type KeeperEdge = {comment: string; action: KeeperAction; shortest: number; longest: number};

const removed = 'Other node was forcibly removed, now single';
const demotedThenAlone = 'Was demoted after a failure, but secondary was forcibly removed';
const lost = 'Primary was forcibly removed';
const drain = 'A failover occurred, stopping writes ';
const demote = 'A failover occurred, no longer primary';
const appeared = 'A healthy secondary appeared';
const added = 'A new secondary was added';
const unhealthy = 'Secondary became unhealthy';
const apply = 'Apply new pg_auto_failover settings (synchronous_standby_names)';
const stopTraffic = 'Stop traffic to primary, wait for it to finish draining.';
const reportLast = 'Reporting the last write-ahead log location received';
const suspend = 'Suspending standby for manual maintenance.';
const afterMaintenance = 'Restarting standby after manual maintenance is done.';
const waitForPrimary = 'Waiting for the primary to disable sync replication before going to maintenance.';
const follow = 'Start following a primary';
const joinSecondary = 'A failover candidate has been selected, stop replication';

/** From, to, comment, action, and the time it takes as recorded on a small database. */
type Line = readonly [ReplicationState, ReplicationState, string, KeeperAction, number, number];

const lines: readonly Line[] = [
  ['init', 'single', 'Start as a single node', 'initPrimary', 700, 1500],
  ['dropped', 'single', 'Start as a single node', 'initPrimary', 300, 800],
  ['init', 'wait_standby', follow, 'nothing', 20, 60],
  ['dropped', 'wait_standby', follow, 'nothing', 20, 60],
  ['init', 'report_lsn', 'Creating a new node from a standby node that is not a candidate.', 'initStandby', 5000, 9000],
  ['dropped', 'report_lsn', 'This node is being reinitialized after having been dropped', 'initStandby', 5000, 9000],
  ['primary', 'single', removed, 'disableReplication', 60, 150],
  ['wait_primary', 'single', removed, 'disableReplication', 60, 150],
  ['join_primary', 'single', removed, 'disableReplication', 60, 150],
  ['apply_settings', 'single', removed, 'disableReplication', 60, 150],
  ['primary', 'draining', drain, 'stop', 110, 300],
  ['join_primary', 'draining', drain, 'stop', 110, 300],
  ['apply_settings', 'draining', drain, 'stop', 110, 300],
  ['draining', 'demoted', 'Demoted after a failover, no longer primary', 'stop', 30, 80],
  ['primary', 'demoted', demote, 'stop', 110, 300],
  ['join_primary', 'demoted', demote, 'stop', 110, 300],
  ['wait_primary', 'demoted', demote, 'stop', 110, 300],
  ['apply_settings', 'demoted', demote, 'stop', 110, 300],
  ['primary', 'demote_timeout', demote, 'stop', 110, 300],
  ['join_primary', 'demote_timeout', demote, 'stop', 110, 300],
  ['apply_settings', 'demote_timeout', demote, 'stop', 110, 300],
  ['draining', 'demote_timeout', 'Secondary confirms it’s receiving no more writes', 'stop', 10, 40],
  ['demote_timeout', 'demoted', 'Demote timeout expired', 'stop', 20, 60],
  [
    'primary',
    'prepare_maintenance',
    'Promoting the standby to enable maintenance on the primary, stopping Postgres ',
    'stop',
    150,
    400,
  ],
  [
    'prepare_maintenance',
    'maintenance',
    'Setting up Postgres in standby mode for maintenance operations',
    'setUpStandby',
    50,
    150,
  ],
  ['primary', 'maintenance', 'Setting up Postgres in standby mode for maintenance operations', 'stop', 150, 400],
  ['demoted', 'single', demotedThenAlone, 'resumeAsPrimary', 300, 800],
  ['demote_timeout', 'single', demotedThenAlone, 'resumeAsPrimary', 300, 800],
  ['draining', 'single', demotedThenAlone, 'resumeAsPrimary', 300, 800],
  ['secondary', 'single', lost, 'promote', 900, 1200],
  ['catchingup', 'single', lost, 'promote', 900, 1200],
  ['prepare_promotion', 'single', lost, 'promote', 900, 1200],
  [
    'stop_replication',
    'single',
    'Went down to force the primary to time out, but then it was removed',
    'open',
    60,
    120,
  ],
  ['report_lsn', 'single', 'There is no other node anymore, promote this node', 'promote', 900, 1200],
  ['single', 'wait_primary', added, 'disableSync', 30, 80],
  ['primary', 'join_primary', added, 'nothing', 30, 80],
  ['primary', 'wait_primary', unhealthy, 'disableSync', 40, 100],
  ['join_primary', 'wait_primary', unhealthy, 'disableSync', 40, 100],
  ['wait_primary', 'join_primary', added, 'nothing', 30, 80],
  ['wait_primary', 'primary', appeared, 'enableSync', 60, 150],
  ['join_primary', 'primary', appeared, 'enableSync', 60, 150],
  ['demote_timeout', 'primary', "Detected a network partition, but monitor didn't do failover", 'start', 300, 700],
  ['wait_standby', 'catchingup', 'The primary is now ready to accept a standby', 'initStandby', 4000, 9000],
  [
    'demoted',
    'catchingup',
    'A new primary is available. First, try to rewind. If that fails, do a pg_basebackup.',
    'rewind',
    400,
    900,
  ],
  ['secondary', 'catchingup', 'Failed to report back to the monitor, not eligible for promotion', 'follow', 80, 250],
  [
    'catchingup',
    'secondary',
    "Convinced the monitor that I'm up and running, and eligible for promotion again",
    'nothing',
    50,
    100,
  ],
  ['secondary', 'prepare_promotion', stopTraffic, 'nothing', 70, 130],
  ['catchingup', 'prepare_promotion', stopTraffic, 'nothing', 70, 130],
  ['prepare_promotion', 'stop_replication', 'Prevent against split-brain situations.', 'promoteReadOnly', 1000, 1250],
  ['stop_replication', 'wait_primary', 'Confirmed promotion with the monitor', 'open', 40, 100],
  [
    'prepare_promotion',
    'wait_primary',
    'Promoting a Citus Worker standby after having blocked writes from the coordinator.',
    'promote',
    1000,
    1200,
  ],
  ['secondary', 'wait_standby', 'Registering to a new monitor', 'nothing', 20, 60],
  ['secondary', 'wait_maintenance', waitForPrimary, 'nothing', 20, 60],
  ['catchingup', 'wait_maintenance', waitForPrimary, 'nothing', 20, 60],
  ['secondary', 'maintenance', suspend, 'nothing', 30, 100],
  ['catchingup', 'maintenance', suspend, 'nothing', 30, 100],
  ['wait_maintenance', 'maintenance', suspend, 'nothing', 30, 100],
  ['maintenance', 'catchingup', afterMaintenance, 'rewind', 250, 600],
  ['prepare_maintenance', 'catchingup', afterMaintenance, 'rewind', 250, 600],
  ['primary', 'apply_settings', apply, 'nothing', 20, 60],
  ['wait_primary', 'apply_settings', apply, 'nothing', 20, 60],
  [
    'apply_settings',
    'primary',
    'Back to primary state after having applied new pg_auto_failover settings',
    'enableSync',
    60,
    140,
  ],
  ['apply_settings', 'wait_primary', unhealthy, 'disableSync', 20, 60],
  ['apply_settings', 'join_primary', added, 'nothing', 30, 80],
  ['secondary', 'report_lsn', reportLast, 'reportLsn', 150, 450],
  ['catchingup', 'report_lsn', reportLast, 'reportLsn', 150, 450],
  ['maintenance', 'report_lsn', reportLast, 'reportLsn', 300, 600],
  ['prepare_maintenance', 'report_lsn', reportLast, 'reportLsn', 300, 600],
  ['report_lsn', 'prepare_promotion', stopTraffic, 'nothing', 60, 110],
  [
    'report_lsn',
    'fast_forward',
    'Fetching missing WAL bits from another standby before promotion',
    'fastForward',
    600,
    1200,
  ],
  ['fast_forward', 'prepare_promotion', 'Got the missing WAL bytes, promoted', 'stopReplicating', 60, 120],
  ['report_lsn', 'join_secondary', joinSecondary, 'stop', 130, 260],
  ['report_lsn', 'secondary', joinSecondary, 'follow', 200, 400],
  ['join_secondary', 'secondary', 'Failover is done, we have a new primary to follow', 'follow', 180, 420],
  ['draining', 'report_lsn', 'Reporting the last write-ahead log location after draining', 'reportLsn', 500, 900],
  ['demoted', 'report_lsn', 'Reporting the last write-ahead log location after being demoted', 'reportLsn', 500, 900],
];

const edges = new Map<string, KeeperEdge>(
  lines.map(([from, to, comment, action, shortest, longest]) => [
    `${from} ${to}`,
    {comment, action, shortest, longest},
  ]),
);

const dropEdge: KeeperEdge = {
  comment: 'This node is being dropped from the monitor',
  action: 'drop',
  shortest: 50,
  longest: 200,
};

/** The edge from one state to another; undefined when the keeper knows none (fsm.c). */
export function keeperEdge(from: ReplicationState, to: ReplicationState): KeeperEdge | undefined {
  return to === 'dropped' ? dropEdge : edges.get(`${from} ${to}`);
}
