import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import type {Finding} from '../../source/cluster/assessment.ts';
import {problemOf} from '../../source/cluster/sample.ts';
import type {HostSnapshot, MonitorNode, MonitorReading} from '../../source/cluster/snapshot.ts';
import {
  cluster,
  container,
  deadHost,
  failedSample,
  host,
  monitorNode,
  now,
  primaryReading,
  replicationRow,
  sample,
  serverTime,
  standbyReading,
} from './example-cluster.ts';

type Parts = {
  nodes?: readonly MonitorNode[];
  hosts?: readonly HostSnapshot[];
  reading?: Partial<MonitorReading>;
  messages?: readonly string[];
};

function findings(parts: Parts): readonly Finding[] {
  const {messages = [], ...rest} = parts;
  const monitorMessages = messages.map(text => ({at: now - 900, text}));
  return assess(cluster({...rest, snapshot: {monitorMessages}}), now).findings;
}

const found = (parts: Parts, code: string) => findings(parts).find(finding => finding.code === code);
const withNode3 = (more: Partial<MonitorNode>, hosts?: readonly HostSnapshot[]): Parts => ({
  nodes: [monitorNode(1), monitorNode(2), monitorNode(3, more)],
  ...(hosts === undefined ? {} : {hosts}),
});
const both = (state: MonitorNode['reportedState'], more: Partial<MonitorNode> = {}) => ({
  reportedState: state,
  assignedState: state,
  ...more,
});

describe('each rule has its code, its node and a title', () => {
  const rows: readonly [string, Parts, string, string | null, RegExp][] = [
    [
      'the host’s key has changed',
      {
        hosts: [
          host(1),
          host(2, {link: failedSample('host-key-changed', 'the host key of ubuntu24.04-2 has changed')}),
          host(3),
        ],
      },
      'host-unreachable',
      'pg_node2',
      /key of ubuntu24\.04-2 has changed/,
    ],
    [
      'docker may not be used',
      {
        hosts: [
          host(1),
          host(2, {containers: failedSample('docker-permission', 'oncall may not use Docker')}),
          host(3),
        ],
      },
      'docker-permission',
      'pg_node2',
      /Docker on ubuntu24\.04-2: oncall may not/,
    ],
    [
      'the container is absent',
      {hosts: [host(1), host(2, {containers: sample([container('other')])}), host(3)]},
      'container-missing',
      'pg_node2',
      /no container pg_node2 on ubuntu24\.04-2/,
    ],
    [
      'the container restarts for ever',
      {
        hosts: [
          host(1),
          host(2, {containers: sample([container('pg_node2', {state: 'restarting', exitCode: 12, restarts: 7})])}),
          host(3),
        ],
      },
      'R12',
      'pg_node2',
      /restarting \(12\)/,
    ],
    [
      'the container was killed for memory',
      {
        hosts: [
          host(1),
          host(2, {containers: sample([container('pg_node2', {state: 'exited', exitCode: 137, outOfMemory: true})])}),
          host(3),
        ],
      },
      'R37',
      'pg_node2',
      /exited \(137, out of memory\)/,
    ],
    [
      'the monitor’s container is stopped',
      {
        hosts: [
          host(1),
          host(2),
          host(3, {
            containers: sample([container('pg_node3'), container('pg_monitor', {state: 'exited', exitCode: 0})]),
          }),
        ],
      },
      'R37',
      null,
      /the monitor's container pg_monitor is exited \(0\)/,
    ],
    [
      'psql fails',
      {hosts: [host(1), host(2, {postgres: failedSample('command-failed', 'psql: not found')}), host(3)]},
      'psql-failed',
      'pg_node2',
      /pg_node2 does not answer psql: psql: not found/,
    ],
    [
      'settings are stuck',
      {
        nodes: [
          monitorNode(1, {reportedState: 'apply_settings', assignedState: 'primary', stateAgeSeconds: 40}),
          monitorNode(2),
          monitorNode(3),
        ],
      },
      'R04',
      'pg_node1',
      /stuck applying settings for 40 s/,
    ],
    [
      'the keeper of a standby is dead',
      withNode3({reportAgeSeconds: 90}),
      'R11',
      'pg_node3',
      /keeper silent for 90 s, Postgres answers$/,
    ],
    [
      'the primary waits for a standby',
      {
        nodes: [
          monitorNode(1, both('wait_primary', {stateAgeSeconds: 120})),
          monitorNode(2, both('catchingup')),
          monitorNode(3, both('catchingup')),
        ],
        hosts: [host(1, {postgres: sample(primaryReading({synchronousStandbyNames: ''}))}), host(2), host(3)],
        reading: {synchronousStandbyNames: ''},
      },
      'R21',
      'pg_node1',
      /commits are asynchronous/,
    ],
    [
      'a standby catches up for long',
      withNode3(both('catchingup', {stateAgeSeconds: 300})),
      'R23',
      'pg_node3',
      /catching up for 5 min/,
    ],
    [
      'a standby is far behind',
      {
        hosts: [
          host(1, {
            postgres: sample(
              primaryReading({replication: [replicationRow(2, {replayLagBytes: 314_572_800}), replicationRow(3)]}),
            ),
          }),
          host(2),
          host(3),
        ],
      },
      'R24',
      'pg_node2',
      /300 MiB behind/,
    ],
    ['the monitor cannot connect', withNode3({health: 'bad'}), 'R26', 'pg_node3', /monitor cannot connect to pg_node3/],
    [
      'a standby is on another timeline',
      {
        nodes: [monitorNode(1), monitorNode(2), monitorNode(3, {timeline: 2})],
        hosts: [host(1, {postgres: sample(primaryReading({replication: [replicationRow(2)]}))}), host(2), host(3)],
      },
      'R28',
      'pg_node3',
      /on timeline 2, pg_node1 on 3/,
    ],
    [
      'a forked old primary cannot start',
      withNode3(
        {
          reportedState: 'join_secondary',
          assignedState: 'secondary',
          postgresRunning: false,
          health: 'bad',
          stateAgeSeconds: 90,
        },
        [host(1, {postgres: sample(primaryReading({replication: [replicationRow(2)]}))}), host(2), host(3)],
      ),
      'R28',
      'pg_node3',
      /cannot follow pg_node1/,
    ],
    [
      'Postgres is stopped',
      withNode3({postgresRunning: false, health: 'bad'}),
      'R34',
      'pg_node3',
      /Postgres does not run/,
    ],
    [
      'a dropped node’s row stays',
      withNode3({assignedState: 'dropped', reportAgeSeconds: 500, health: 'bad'}),
      'R38',
      'pg_node3',
      /was dropped and its row stays/,
    ],
    [
      'a node never joins',
      withNode3(both('wait_standby', {stateAgeSeconds: 45})),
      'R39',
      'pg_node3',
      /waits to join for 45 s/,
    ],
    [
      'a goal that no keeper can reach',
      {
        nodes: [
          monitorNode(1, {reportedState: 'demote_timeout', assignedState: 'wait_primary', stateAgeSeconds: 30}),
          monitorNode(2),
          monitorNode(3),
        ],
      },
      'R41',
      'pg_node1',
      /cannot get from demote_timeout to wait_primary/,
    ],
    [
      'maintenance is on',
      withNode3(both('maintenance', {stateAgeSeconds: 7200})),
      'R47',
      'pg_node3',
      /in maintenance for 2 h/,
    ],
    [
      'more synchronous standbys are wanted than there are',
      {reading: {formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 2}}},
      'R49',
      null,
      /is 2, and only 2 quorum standbys/,
    ],
    [
      'number_sync_standbys was left at 0',
      {reading: {formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 0}}},
      'R49',
      null,
      /is 0 with 2 healthy standbys/,
    ],
    [
      'the primary has other standby names than the monitor computed',
      {reading: {synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2)'}},
      'R49',
      'pg_node1',
      /has not applied/,
    ],
    [
      'a priority of an election has stayed',
      withNode3({candidatePriority: 151}),
      'R50',
      'pg_node3',
      /candidate priority 151/,
    ],
    [
      'clocks differ',
      {hosts: [host(1), host(2, {postgres: sample(standbyReading({serverTime: serverTime + 4200}))}), host(3)]},
      'R51',
      null,
      /clocks differ by 4\.2 s: ubuntu24\.04-2 is ahead/,
    ],
    [
      'no standby may be promoted',
      {nodes: [monitorNode(1), monitorNode(2, {candidatePriority: 0}), monitorNode(3, {candidatePriority: 0})]},
      'no-candidate',
      null,
      /there will be no failover/,
    ],
    [
      'a node that only the monitor knows',
      {nodes: [monitorNode(1), monitorNode(2), monitorNode(3), monitorNode(4)]},
      'not-configured',
      'pg_node4',
      /not in the configuration/,
    ],
    [
      'a node that only the configuration knows',
      {nodes: [monitorNode(1), monitorNode(2)]},
      'not-registered',
      'pg_node3',
      /the monitor does not know it/,
    ],
    [
      'an unregistered node that accepts writes',
      {
        nodes: [monitorNode(1), monitorNode(2)],
        hosts: [host(1), host(2), host(3, {postgres: sample(primaryReading())})],
      },
      'R20',
      'pg_node3',
      /accepts writes and is not registered/,
    ],
    ['the monitor has just started', {reading: {uptimeSeconds: 4}}, 'monitor-startup', null, /started 4 s ago/],
    [
      'replay is paused',
      {hosts: [host(1), host(2, {postgres: sample(standbyReading({replayPaused: true}))}), host(3)]},
      'replay-paused',
      'pg_node2',
      /replay is paused/,
    ],
  ];
  test.each(rows)('%s', (_name, parts, code, node, title) => {
    const finding = findings(parts).find(each => each.code === code && each.node === node);
    expect(finding?.title).toMatch(title);
    expect(finding?.remedy).not.toBe('');
  });
});

describe('no alarm within the usual time of a change', () => {
  const quiet: readonly [string, Parts][] = [
    [
      'a standby joins',
      withNode3({reportedState: 'catchingup', assignedState: 'secondary', health: 'bad', stateAgeSeconds: 2}),
    ],
    [
      'a settings change',
      {nodes: [monitorNode(1, both('apply_settings', {stateAgeSeconds: 1})), monitorNode(2), monitorNode(3)]},
    ],
    [
      'h=0 while waiting for the new primary',
      {
        nodes: [
          monitorNode(1, {reportedState: 'stop_replication', assignedState: 'wait_primary', stateAgeSeconds: 1}),
          monitorNode(2, both('join_secondary', {health: 'bad', stateAgeSeconds: 25})),
          monitorNode(3),
        ],
      },
    ],
  ];
  test.each(quiet)('%s', (_name, parts) => {
    const hosts = [
      host(1, {postgres: undefined, node: undefined}),
      host(2, {postgres: undefined, node: undefined}),
      host(3, {postgres: undefined, node: undefined}),
    ];
    expect(findings({...parts, hosts}).filter(finding => finding.severity !== 'info')).toEqual([]);
  });
});

test('an election that waits quotes the monitor, which alone says why', () => {
  const message =
    'Failover still in progress after 2 nodes reported their LSN and we are waiting for 1 nodes to report';
  const finding = found(
    {
      nodes: [
        monitorNode(1, both('report_lsn', {stateAgeSeconds: 20})),
        monitorNode(2, both('report_lsn', {stateAgeSeconds: 20})),
        monitorNode(3, {reportAgeSeconds: 100, health: 'bad', assignedState: 'catchingup'}),
      ],
      hosts: [host(1, {postgres: sample(standbyReading())}), host(2), deadHost(3)],
      messages: ['New state is reported by node 2', message, 'New state is reported by node 1'],
    },
    'R05',
  );
  expect(finding?.evidence).toContain(`monitor: ${message}`);
});

test('every node with priority 0 in an election is a reason of its own', () => {
  const nodes = [1, 2, 3].map(id => monitorNode(id, both('report_lsn', {candidatePriority: 0, stateAgeSeconds: 8})));
  const hosts = [1, 2, 3].map(id => host(id, {postgres: sample(standbyReading())}));
  expect(found({nodes, hosts}, 'R08')?.title).toBe('no primary: every node has candidate priority 0');
});

test('the impossible transitions are not judged for versions that know more of them', () => {
  const nodes = [
    monitorNode(1, {reportedState: 'demote_timeout', assignedState: 'wait_primary', stateAgeSeconds: 30}),
    monitorNode(2),
    monitorNode(3),
  ];
  expect(found({nodes, reading: {version: '2.3'}}, 'R41')).toBeUndefined();
});

test('without the monitor nobody is told to start a node first', () => {
  const snapshot = cluster({
    hosts: [
      host(1),
      host(2, {containers: sample([container('pg_node2', {state: 'restarting', exitCode: 12})])}),
      host(3),
    ],
    snapshot: {monitor: failedSample('monitor-refused', 'refused')},
  });
  const all = assess(snapshot, now).findings;
  expect(all.find(finding => finding.code === 'R59')?.remedy).toMatch(/monitor back first/);
  expect(all.find(finding => finding.code === 'R18')?.remedy).toMatch(/Do not restart any node/);
});

test('clocks that differ by less than 2 s are not worth a word', () => {
  const hosts = [host(1), host(2, {postgres: sample(standbyReading({serverTime: serverTime + 1900}))}), host(3)];
  expect(found({hosts}, 'R51')).toBeUndefined();
});

describe('clocks of a cluster with a time of its own, ten times as fast', () => {
  // Read one after the other, as the console does: so the clocks were where they are to be.
  const readAt = (id: number, ago: number, skew = 0) =>
    host(id, {
      postgres: sample(standbyReading({serverTime: serverTime - ago * 10 + skew}), {at: now - ago}),
    });
  const skewed = (hosts: readonly HostSnapshot[], steadySince = now - 60_000) => {
    const time = {at: now - 500, clock: serverTime - 5000, pace: 10, steadySince};
    const {findings: all} = assess(cluster({hosts, snapshot: {time}}), now);
    return all.find(finding => finding.code === 'R51')?.title;
  };

  test('differ when they do, not for being read at different moments', () => {
    expect(skewed([readAt(1, 900), readAt(2, 100), readAt(3, 500)])).toBeUndefined();
    expect(skewed([readAt(1, 900), readAt(2, 100, 60_000), readAt(3, 500)])).toBe(
      'clocks differ by 60 s: ubuntu24.04-2 is ahead of ubuntu24.04-1',
    );
  });

  test('are not compared across a turn of time', () => {
    const hosts = [readAt(1, 900), readAt(2, 100, 60_000), readAt(3, 500)];
    expect(skewed(hosts, now - 200)).toBeUndefined();
  });
});

test('the worst problem between the console and a node stands in its row: the link before what hangs on it', () => {
  const off = deadHost(2);
  const row = assess(cluster({hosts: [host(1), off, host(3)]}), now).nodes.find(node => node.name === 'pg_node2');
  expect(row?.error).toEqual(problemOf(off.link));
});
