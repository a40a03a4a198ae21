import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import type {Level} from '../../source/cluster/assessment.ts';
import type {Sample} from '../../source/cluster/sample.ts';
import type {MonitorNode, MonitorReading, Snapshot} from '../../source/cluster/snapshot.ts';
import {
  cluster,
  container,
  deadHost,
  failedSample,
  host,
  hostWithStoppedNode,
  monitorNode,
  monitorReading,
  now,
  primaryReading,
  replicationRow,
  sample,
  serverTime,
  standbyReading,
} from './example-cluster.ts';

type Row = {
  name: string;
  snapshot: Snapshot;
  level: Level;
  writable: boolean | null;
  tolerates: number | null;
  summary: string;
  /** Findings that have to be there, worst first; `code node`. */
  findings: readonly string[];
};

const dead = (id: number, more: Partial<MonitorNode> = {}) =>
  monitorNode(id, {reportAgeSeconds: 60, health: 'bad', assignedState: 'catchingup', stateAgeSeconds: 38, ...more});
const both = (state: MonitorNode['reportedState'], more: Partial<MonitorNode> = {}) => ({
  reportedState: state,
  assignedState: state,
  ...more,
});
const seeing = (standbys: readonly number[], waitingForSyncRep = 0) =>
  host(1, {postgres: sample(primaryReading({replication: standbys.map(id => replicationRow(id)), waitingForSyncRep}))});
const readOf = (nodes: readonly MonitorNode[]) => ({value: monitorReading(nodes), at: now - 20_000});
const monitorAway = (
  nodes: readonly MonitorNode[] = [monitorNode(1), monitorNode(2), monitorNode(3)],
): Sample<MonitorReading> => failedSample('monitor-refused', 'pg_monitor refuses connections', readOf(nodes));
/** Its Docker is stuck: neither containers nor psql answer, and the node goes on. */
const withoutDocker = (id: number) => {
  const problem = 'no answer within 10 s';
  return host(id, {containers: failedSample('docker-down', problem), postgres: failedSample('docker-down', problem)});
};
const allNodes = [monitorNode(1), monitorNode(2), monitorNode(3)];

const table: readonly Row[] = [
  {
    name: 'all in order',
    snapshot: cluster(),
    level: 'healthy',
    writable: true,
    tolerates: 1,
    summary: 'pg_node1 takes writes, 2 standbys; any one node may fail',
    findings: [],
  },
  {
    name: 'a standby VM is off',
    snapshot: cluster({nodes: [monitorNode(1), monitorNode(2), dead(3)], hosts: [seeing([2]), host(2), deadHost(3)]}),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node3 silent for 60 s: losing another node stops writes',
    findings: ['next-failover-blocks pg_node3', 'host-unreachable pg_node3'],
  },
  {
    name: 'a standby container was stopped a moment ago: seen before the monitor knows it',
    snapshot: cluster({hosts: [seeing([3]), hostWithStoppedNode(2), host(3)]}),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node2 exited (0): losing another node stops writes',
    findings: ['R37 pg_node2'],
  },
  {
    name: 'only ssh to a host fails',
    snapshot: cluster({hosts: [host(1), deadHost(2), host(3)]}),
    level: 'degraded',
    writable: true,
    tolerates: 1,
    summary: 'cannot reach ubuntu24.04-2',
    findings: ['host-unreachable pg_node2'],
  },
  {
    name: 'the primary is silent, its host too',
    snapshot: cluster({
      nodes: [monitorNode(1, {reportAgeSeconds: 12, health: 'bad'}), monitorNode(2), monitorNode(3)],
      hosts: [deadHost(1), host(2), host(3)],
    }),
    level: 'changing',
    writable: null,
    tolerates: 0,
    summary: 'pg_node1 silent for 12 s: the monitor fails over in about 8 s',
    findings: ['host-unreachable pg_node1'],
  },
  {
    name: 'the primary is silent and so is a quorum standby: the failover will block',
    snapshot: cluster({
      nodes: [monitorNode(1, {reportAgeSeconds: 12, health: 'bad'}), monitorNode(2), dead(3)],
      hosts: [deadHost(1), host(2), deadHost(3)],
    }),
    level: 'changing',
    writable: null,
    tolerates: 0,
    summary: 'pg_node1 silent for 12 s: the monitor fails over in about 8 s, then waits for pg_node3',
    findings: ['next-failover-blocks pg_node3'],
  },
  {
    name: 'the primary is silent and nobody can take over',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {reportAgeSeconds: 40, health: 'bad'}),
        monitorNode(2, {candidatePriority: 0}),
        monitorNode(3, {candidatePriority: 0}),
      ],
      hosts: [deadHost(1), host(2), host(3)],
    }),
    level: 'down',
    writable: null,
    tolerates: 0,
    summary: 'pg_node1 silent for 40 s, no failover: no standby is healthy and may be promoted',
    findings: ['R27 pg_node1'],
  },
  {
    name: 'the primary’s keeper is dead, its Postgres answers',
    snapshot: cluster({nodes: [monitorNode(1, {reportAgeSeconds: 34}), monitorNode(2), monitorNode(3)]}),
    level: 'degraded',
    writable: true,
    tolerates: 1,
    summary: 'pg_node1: keeper silent for 34 s, Postgres answers: no failover',
    findings: ['R11 pg_node1'],
  },
  {
    name: 'both standbys are lost and commits wait (R03)',
    snapshot: cluster({nodes: [monitorNode(1), dead(2), dead(3)], hosts: [seeing([], 3), deadHost(2), deadHost(3)]}),
    level: 'blocked',
    writable: false,
    tolerates: 0,
    summary: 'commits wait on pg_node1 (3 now): no synchronous standby',
    findings: ['R03 pg_node1'],
  },
  {
    name: 'both standbys are lost, commits wait, and a setting is changed meanwhile',
    snapshot: cluster({
      nodes: [monitorNode(1, {assignedState: 'apply_settings', stateAgeSeconds: 1}), dead(2), dead(3)],
      hosts: [
        host(1, {
          postgres: sample(primaryReading({replication: [], waitingForSyncRep: 3, commitsStalledSeconds: 5})),
        }),
        deadHost(2),
        deadHost(3),
      ],
    }),
    level: 'blocked',
    writable: false,
    tolerates: 0,
    summary: 'commits wait on pg_node1 (3 now): no synchronous standby',
    findings: ['R03 pg_node1'],
  },
  {
    name: 'both standbys are lost, nobody commits at the moment',
    snapshot: cluster({nodes: [monitorNode(1), dead(2), dead(3)], hosts: [seeing([]), deadHost(2), deadHost(3)]}),
    level: 'blocked',
    writable: false,
    tolerates: 0,
    summary: 'the next commit on pg_node1 will wait: no synchronous standby',
    findings: ['R03 pg_node1'],
  },
  {
    name: 'the link to the standbys is cut while the monitor sees all green (R30)',
    snapshot: cluster({hosts: [seeing([], 1), host(2), host(3)]}),
    level: 'blocked',
    writable: false,
    tolerates: 0,
    summary: 'commits wait on pg_node1 (1 now): no synchronous standby',
    findings: ['R30 pg_node1'],
  },
  {
    name: 'the same, seen by the monitor alone',
    snapshot: cluster({
      nodes: [monitorNode(1, {replicationState: 'unknown'}), monitorNode(2), monitorNode(3)],
      hosts: [deadHost(1), host(2), host(3)],
    }),
    level: 'blocked',
    writable: false,
    tolerates: 0,
    summary: 'the next commit on pg_node1 will wait: no synchronous standby',
    findings: ['R30 pg_node1'],
  },
  {
    name: 'the primary can not finish a setting because no standby streams (R04), seen by the monitor alone',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {reportedState: 'apply_settings', replicationState: 'unknown', stateAgeSeconds: 90}),
        monitorNode(2),
        monitorNode(3),
      ],
      hosts: [deadHost(1), host(2), host(3)],
    }),
    level: 'blocked',
    writable: false,
    tolerates: 0,
    summary: 'the next commit on pg_node1 will wait: no synchronous standby',
    findings: ['R04 pg_node1'],
  },
  {
    name: 'both standbys are neither heard nor reached, and the primary can not be asked',
    snapshot: cluster({
      nodes: [monitorNode(1), ...[2, 3].map(id => monitorNode(id, {health: 'bad', reportAgeSeconds: 15}))],
      hosts: [deadHost(1), deadHost(2), deadHost(3)],
    }),
    level: 'blocked',
    writable: false,
    tolerates: 0,
    summary: 'the next commit on pg_node1 will wait: no synchronous standby',
    findings: ['R03 pg_node1'],
  },
  {
    name: 'the same, and a standby that was dropped by force may go on acknowledging',
    snapshot: cluster({
      nodes: [monitorNode(1), monitorNode(2, {health: 'bad', reportAgeSeconds: 15})],
      hosts: [deadHost(1), deadHost(2), host(3)],
    }),
    level: 'unknown',
    writable: null,
    tolerates: 0,
    summary: 'commits on pg_node1 may wait: only pg_node3, which the monitor does not know, may still acknowledge them',
    findings: ['R03 pg_node1'],
  },
  {
    name: 'a switchover was started while a quorum standby was down (R07)',
    snapshot: cluster({
      nodes: [
        monitorNode(1, both('report_lsn', {candidatePriority: -51, stateAgeSeconds: 20})),
        monitorNode(2, both('report_lsn', {stateAgeSeconds: 20})),
        dead(3),
      ],
      hosts: [host(1, {postgres: sample(standbyReading())}), host(2), deadHost(3)],
    }),
    level: 'down',
    writable: false,
    tolerates: 0,
    summary: 'the election waits for pg_node3',
    findings: ['R07 pg_node3', 'host-unreachable pg_node3'],
  },
  {
    name: 'two nodes accept writes (R29)',
    snapshot: cluster({hosts: [host(1), host(2, {postgres: sample(primaryReading())}), host(3)]}),
    level: 'down',
    writable: null,
    tolerates: 0,
    summary: 'TWO NODES ACCEPT WRITES: pg_node1 and pg_node2. Stop the one that is not the primary',
    findings: ['R29 pg_node2'],
  },
  {
    name: 'a standby is in maintenance',
    snapshot: cluster({
      nodes: [monitorNode(1), monitorNode(2), monitorNode(3, both('maintenance', {stateAgeSeconds: 600}))],
    }),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node3 in maintenance: losing pg_node1 stops writes',
    findings: ['next-failover-blocks pg_node3', 'R47 pg_node3'],
  },
  {
    name: 'the monitor is away, the nodes stream (R18)',
    snapshot: cluster({snapshot: {monitor: monitorAway()}}),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node1 takes writes; the monitor does not answer: no failover',
    findings: ['R18 null'],
  },
  {
    name: 'the monitor is away and no standby streams (R19)',
    snapshot: cluster({hosts: [seeing([], 2), deadHost(2), deadHost(3)], snapshot: {monitor: monitorAway()}}),
    level: 'blocked',
    writable: null,
    tolerates: 0,
    summary:
      'commits wait on pg_node1 (2 now), pg_node2, pg_node3 cannot be seen; the monitor does not answer: no failover',
    findings: ['R03 pg_node1', 'R19 pg_node1', 'R18 null'],
  },
  {
    name: 'the monitor is away and every node proves that it takes no writes',
    snapshot: cluster({
      hosts: [hostWithStoppedNode(1), host(2), host(3)],
      snapshot: {monitor: monitorAway()},
    }),
    level: 'down',
    writable: false,
    tolerates: 0,
    summary: 'no node takes writes; the monitor does not answer: no failover',
    findings: ['R18 null'],
  },
  {
    name: 'the monitor is away and so is the primary’s host',
    snapshot: cluster({hosts: [deadHost(1), host(2), host(3)], snapshot: {monitor: monitorAway()}}),
    level: 'unknown',
    writable: null,
    tolerates: null,
    summary: 'the monitor does not answer, and no node proves that it takes writes',
    findings: ['R18 null', 'host-unreachable pg_node1'],
  },
  {
    name: 'the formation of the configuration is not there',
    snapshot: cluster({
      snapshot: {
        monitor: {
          error: {
            kind: 'formation-unknown',
            message: 'the monitor has no formation "other"',
            remedy: 'set formation to one of: default',
          },
          at: now,
          source: 'monitor',
        },
      },
    }),
    level: 'unknown',
    writable: null,
    tolerates: null,
    summary: 'the monitor has no formation "other"',
    findings: ['configuration null'],
  },
  {
    name: 'nothing answers',
    snapshot: cluster({hosts: [deadHost(1), deadHost(2), deadHost(3)], snapshot: {monitor: monitorAway()}}),
    level: 'unknown',
    writable: null,
    tolerates: null,
    summary: 'the monitor does not answer, and no node proves that it takes writes',
    findings: ['R18 null', 'host-unreachable pg_node1', 'host-unreachable pg_node2', 'host-unreachable pg_node3'],
  },
  {
    name: 'nothing has been tried yet',
    snapshot: cluster({
      hosts: [1, 2, 3].map(id => host(id, {link: undefined, containers: undefined, postgres: undefined})),
      snapshot: {monitor: undefined},
    }),
    level: 'unknown',
    writable: null,
    tolerates: null,
    summary: 'connecting',
    findings: [],
  },
  {
    name: 'the nodes answer, and the monitor is still being connected to: that is no trouble of the cluster',
    snapshot: cluster({snapshot: {monitor: undefined}}),
    level: 'unknown',
    writable: true,
    tolerates: 0,
    summary: 'pg_node1 takes writes; the monitor is not heard yet',
    findings: [],
  },
  {
    name: 'the host of the monitor cannot be reached, and never could: the monitor does not answer, it is not merely late',
    snapshot: cluster({hosts: [host(1), host(2), deadHost(3)], snapshot: {monitor: undefined}}),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node1 takes writes; the monitor does not answer: no failover',
    findings: ['R18 null', 'host-unreachable pg_node3'],
  },
  {
    name: 'one host has not been heard yet',
    snapshot: cluster({
      hosts: [host(1), host(2, {link: undefined, containers: undefined, postgres: undefined}), host(3)],
    }),
    level: 'degraded',
    writable: true,
    tolerates: 1,
    summary: 'not heard yet: ubuntu24.04-2',
    findings: [],
  },
  {
    name: 'the monitor has just started: nobody is blamed for not having reported to it',
    snapshot: cluster({nodes: allNodes.map(node => ({...node, reportAgeSeconds: 16})), reading: {uptimeSeconds: 2}}),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'the monitor has just started, and not heard every node yet: losing pg_node1 stops writes',
    findings: [],
  },
  {
    name: 'a standby has just joined and its Postgres is starting: no alarm, and not healthy either',
    snapshot: cluster({
      nodes: [monitorNode(1), monitorNode(2), monitorNode(3, {stateAgeSeconds: 1})],
      hosts: [host(1), host(2), host(3, {postgres: failedSample('postgres-down', 'pg_node3 is starting up')})],
    }),
    level: 'degraded',
    writable: true,
    tolerates: 1,
    summary: 'pg_node3 is starting up',
    findings: ['postgres-down pg_node3'],
  },
  {
    name: 'the old primary’s machine is off after a failover',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {assignedState: 'demoted', reportAgeSeconds: 90, health: 'bad'}),
        monitorNode(2, both('primary')),
        monitorNode(3),
      ],
      hosts: [
        deadHost(1),
        host(2, {
          postgres: sample(
            primaryReading({
              synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_1, pgautofailover_standby_3)',
              replication: [replicationRow(3)],
            }),
          ),
        }),
        host(3),
      ],
      reading: {synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_1, pgautofailover_standby_3)'},
    }),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node1 silent for 90 s: losing another node stops writes',
    findings: ['not-fenced pg_node1', 'host-unreachable pg_node1'],
  },
  {
    name: 'the monitor knows no node',
    snapshot: cluster({nodes: [], hosts: [1, 2, 3].map(id => hostWithStoppedNode(id))}),
    level: 'down',
    writable: false,
    tolerates: 0,
    summary: 'no node takes writes; the monitor knows no node: no failover',
    findings: ['R22 null'],
  },
  {
    name: 'a monitor that was built anew, while the old primary goes on (R22): nobody is told to stop it',
    snapshot: cluster({nodes: []}),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node1 takes writes; the monitor knows no node: no failover',
    findings: ['R22 null'],
  },
  {
    name: 'a lone node',
    snapshot: cluster({
      nodes: [monitorNode(1, both('single'))],
      hosts: [host(1, {postgres: sample(primaryReading({synchronousStandbyNames: '', replication: []}))})],
      reading: {synchronousStandbyNames: ''},
    }),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node1 has no standby: losing pg_node1 stops writes',
    findings: ['single pg_node1'],
  },
  {
    name: 'two nodes',
    snapshot: cluster({
      nodes: [monitorNode(1), monitorNode(2)],
      hosts: [
        host(1, {
          postgres: sample(
            primaryReading({
              synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2)',
              replication: [replicationRow(2)],
            }),
          ),
        }),
        host(2),
      ],
      reading: {
        formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 0},
        synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2)',
      },
    }),
    level: 'healthy',
    writable: true,
    tolerates: 1,
    summary: 'pg_node1 takes writes, 1 standby; any one node may fail',
    findings: [],
  },
  {
    name: 'the monitor’s primary is read-only by its own word',
    snapshot: cluster({hosts: [host(1, {postgres: sample(primaryReading({readOnly: true}))}), host(2), host(3)]}),
    level: 'down',
    writable: false,
    tolerates: 0,
    summary: 'pg_node1 is the primary, but: read-only: not opened yet',
    findings: [],
  },
  {
    name: 'the old primary, whose keeper is dead, goes on acknowledging writes in an election that cannot end',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {assignedState: 'draining', reportAgeSeconds: 130, stateAgeSeconds: 120}),
        monitorNode(2, {stateAgeSeconds: 120}),
        monitorNode(3, {stateAgeSeconds: 120}),
      ],
    }),
    level: 'unknown',
    writable: null,
    tolerates: 0,
    summary: 'pg_node1 accepts writes and is not the primary any more',
    findings: ['not-fenced pg_node1'],
  },
  {
    name: 'the same, but nobody acknowledges what it writes',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {assignedState: 'draining', reportAgeSeconds: 90, stateAgeSeconds: 80}),
        monitorNode(2, {...both('report_lsn'), stateAgeSeconds: 80}),
        monitorNode(3, {...both('maintenance'), stateAgeSeconds: 80}),
      ],
      hosts: [seeing([], 4), host(2), host(3)],
    }),
    level: 'down',
    writable: null,
    tolerates: 0,
    summary: 'no writes for 90 s: no primary: 1 candidate, number_sync_standbys needs 2',
    findings: ['not-fenced pg_node1', 'R06 pg_node3'],
  },
  {
    name: 'the same, and it can not be asked any more: the monitor connects to it, and its keeper does not stop it (R11)',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {assignedState: 'draining', reportAgeSeconds: 130, stateAgeSeconds: 120}),
        monitorNode(2, {stateAgeSeconds: 120}),
        monitorNode(3, {stateAgeSeconds: 120}),
      ],
      hosts: [withoutDocker(1), host(2), host(3)],
    }),
    level: 'unknown',
    writable: null,
    tolerates: 0,
    summary: 'pg_node1 may still accept writes and is not the primary any more',
    findings: ['R11 pg_node1', 'docker-down pg_node1'],
  },
  {
    name: 'the same, but the monitor does not connect to it either',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {assignedState: 'draining', reportAgeSeconds: 130, stateAgeSeconds: 120, health: 'bad'}),
        monitorNode(2, {...both('report_lsn'), stateAgeSeconds: 120}),
        monitorNode(3, {...both('report_lsn'), stateAgeSeconds: 120}),
      ],
      hosts: [deadHost(1), host(2), host(3)],
    }),
    level: 'down',
    writable: null,
    tolerates: 0,
    summary: 'no writes for 2 min: no primary: all nodes have reported and none is chosen',
    findings: ['R08 null'],
  },
  {
    name: 'commits wait on the new primary, and the old one, which nothing stops (R41), goes on: somebody can write',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {reportedState: 'wait_primary', assignedState: 'demote_timeout', stateAgeSeconds: 60}),
        monitorNode(2, {...both('primary'), stateAgeSeconds: 60}),
        monitorNode(3, {...both('stop_replication'), stateAgeSeconds: 60}),
      ],
      hosts: [
        host(1, {postgres: sample(primaryReading({synchronousStandbyNames: '', replication: []}))}),
        host(2, {postgres: sample(primaryReading({replication: []}))}),
        host(3),
      ],
    }),
    level: 'blocked',
    writable: null,
    tolerates: 0,
    summary:
      'the next commit on pg_node2 will wait: no synchronous standby; pg_node1 accepts writes and is not the primary any more',
    findings: ['not-fenced pg_node1', 'R41 pg_node1'],
  },
  {
    name: 'a primary is to report its position, which its keeper cannot do (R41)',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {assignedState: 'report_lsn', stateAgeSeconds: 4}),
        monitorNode(2, {...both('report_lsn'), stateAgeSeconds: 4}),
        monitorNode(3, {...both('report_lsn'), stateAgeSeconds: 4}),
      ],
    }),
    level: 'changing',
    writable: null,
    tolerates: 0,
    summary: 'failover from pg_node1, 4.3 s',
    findings: [],
  },
  {
    name: 'the primary was dropped by force and goes on (R20)',
    snapshot: cluster({nodes: [monitorNode(2, {reportAgeSeconds: 30}), monitorNode(3, {reportAgeSeconds: 30})]}),
    level: 'unknown',
    writable: null,
    tolerates: 0,
    summary: 'pg_node1 accepts writes and is not registered at the monitor',
    findings: ['R20 pg_node1'],
  },
  {
    name: 'a node that the monitor does not know cannot be seen, and the ones that it knows take no writes',
    snapshot: cluster({
      nodes: [monitorNode(2, {reportAgeSeconds: 30}), monitorNode(3, {reportAgeSeconds: 30})],
      hosts: [deadHost(1), host(2), host(3)],
    }),
    level: 'down',
    writable: null,
    tolerates: 0,
    summary: 'no writable primary',
    findings: ['not-registered pg_node1'],
  },
  {
    name: 'one that the monitor does not know accepts writes beside the primary (R29)',
    snapshot: cluster({
      nodes: [monitorNode(2, both('primary')), monitorNode(3)],
      hosts: [host(1), host(2, {postgres: sample(primaryReading({replication: [replicationRow(3)]}))}), host(3)],
    }),
    level: 'down',
    writable: null,
    tolerates: 0,
    summary: 'TWO NODES ACCEPT WRITES: pg_node2 and pg_node1. Stop the one that is not the primary',
    findings: ['R29 pg_node1', 'R20 pg_node1'],
  },
  {
    name: 'without the monitor: commits wait on the only node seen to accept writes, another cannot be seen',
    snapshot: cluster({hosts: [seeing([], 4), host(2), deadHost(3)], snapshot: {monitor: monitorAway()}}),
    level: 'blocked',
    writable: null,
    tolerates: 0,
    summary: 'commits wait on pg_node1 (4 now), pg_node3 cannot be seen; the monitor does not answer: no failover',
    findings: ['R18 null'],
  },
  {
    name: 'the primary can not be asked which standbys it streams to: that the monitor calls them healthy does not prove it',
    snapshot: cluster({hosts: [withoutDocker(1), host(2), host(3)]}),
    level: 'degraded',
    writable: true,
    tolerates: null,
    summary: 'Docker on ubuntu24.04-1: no answer within 10 s',
    findings: ['docker-down pg_node1'],
  },
  {
    name: 'the same, and a standby is away: that is known',
    snapshot: cluster({
      nodes: [monitorNode(1), monitorNode(2), dead(3)],
      hosts: [withoutDocker(1), host(2), deadHost(3)],
    }),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node3 silent for 60 s: losing another node stops writes',
    findings: ['next-failover-blocks pg_node3'],
  },
  {
    name: 'a new primary, whose keeper died before it applied a setting: the monitor would not fail over from there',
    snapshot: cluster({
      nodes: [
        monitorNode(1, {
          reportedState: 'wait_primary',
          assignedState: 'apply_settings',
          reportAgeSeconds: 60,
          stateAgeSeconds: 58,
        }),
        monitorNode(2),
        monitorNode(3),
      ],
      hosts: [host(1, {postgres: sample(primaryReading({synchronousStandbyNames: ''}))}), host(2), host(3)],
    }),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'commits are asynchronous: losing pg_node1 loses the last of them: losing pg_node1 stops writes',
    findings: ['asynchronous pg_node1', 'R11 pg_node1'],
  },
  {
    name: 'a setting is being applied: the monitor would fail over from there',
    snapshot: cluster({
      nodes: [monitorNode(1, {assignedState: 'apply_settings', stateAgeSeconds: 1}), monitorNode(2), monitorNode(3)],
    }),
    level: 'changing',
    writable: true,
    tolerates: 1,
    summary: 'pg_node1 applies new settings, 1.3 s',
    findings: [],
  },
  {
    name: 'the primary cannot be seen, and a standby says itself that it receives nothing: the monitor sees nothing of that (R30)',
    snapshot: cluster({
      hosts: [deadHost(1), host(2, {postgres: sample(standbyReading({receiverStatus: undefined}))}), host(3)],
    }),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node2 is not connected to the primary: losing another node stops writes',
    findings: [],
  },
  {
    name: 'a quorum standby reports that its Postgres does not start: the next election would wait for it',
    snapshot: cluster({
      nodes: [
        monitorNode(1),
        monitorNode(2),
        monitorNode(3, {assignedState: 'catchingup', postgresRunning: false, health: 'bad', stateAgeSeconds: 90}),
      ],
      hosts: [seeing([2]), host(2), host(3, {postgres: failedSample('postgres-down', 'no server')})],
      reading: {formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 0}},
    }),
    level: 'degraded',
    writable: true,
    tolerates: 0,
    summary: 'pg_node3 unhealthy: losing pg_node1 stops writes',
    findings: [],
  },
];

describe('verdict', () => {
  test.each(table)('$name', row => {
    const {verdict, findings} = assess(row.snapshot, now);
    expect(verdict).toMatchObject({
      level: row.level,
      writable: row.writable,
      toleratesFailures: row.tolerates,
      summary: row.summary,
    });
    const seen = findings.map(finding => `${finding.code} ${finding.node}`);
    expect(seen).toEqual(expect.arrayContaining([...row.findings]));
    if (row.level === 'healthy') expect(findings.filter(finding => finding.severity !== 'info')).toEqual([]);
  });

  test('where it comes from is said when it is not the monitor', () => {
    expect(assess(cluster(), now).verdict.source).toBe('the monitor');
    expect(assess(cluster({snapshot: {monitor: monitorAway()}}), now).verdict.source).toBe('the nodes themselves');
  });

  test('a reading of the monitor that is 6 s old is not current', () => {
    const snapshot = cluster({snapshot: {monitor: sample(monitorReading(allNodes), {at: now - 6000})}});
    const {verdict, nodes} = assess(snapshot, now);
    expect(verdict.level).toBe('degraded');
    expect(nodes.every(node => !node.statesCurrent)).toBe(true);
  });

  test('the worst group speaks for the formation', () => {
    const other = [
      monitorNode(4, {...both('primary'), group: 1, host: '10.0.1.4', reportAgeSeconds: 50, health: 'bad'}),
      monitorNode(5, {group: 1, host: '10.0.1.5', candidatePriority: 0}),
    ];
    const {verdict} = assess(cluster({nodes: [...allNodes, ...other]}), now);
    expect(verdict).toMatchObject({level: 'down', primary: 'pg_node4'});
  });
});

test('findings come worst first', () => {
  const snapshot = cluster({
    nodes: [monitorNode(1), dead(2), dead(3)],
    hosts: [seeing([], 3), deadHost(2), hostWithStoppedNode(3)],
    reading: {synchronousStandbyNames: ''},
  });
  const ranks = assess(snapshot, now).findings.map(finding =>
    ['critical', 'warning', 'info'].indexOf(finding.severity),
  );
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  expect(ranks.length).toBeGreaterThan(4);
});

test('control sequences in names and messages never get into a finding', () => {
  const evil = 'pg\u001b]0;owned\u0007_node1';
  const snapshot = cluster({
    nodes: [monitorNode(1, {name: evil, reportAgeSeconds: 40, health: 'bad'}), monitorNode(2, {candidatePriority: 0})],
    hosts: [deadHost(1), host(2, {containers: sample([container('pg_node2', {startedAt: serverTime})])})],
  });
  const {findings, verdict} = assess(snapshot, now);
  const text = JSON.stringify([
    findings.map(({title, evidence, remedy}) => [title, evidence, remedy]),
    verdict.summary,
  ]);
  expect(text).not.toMatch(/\\u00/);
});
