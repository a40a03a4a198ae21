import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {defaultMonitorSettings, type MonitorNode, type MonitorReading} from '../../source/cluster/snapshot.ts';
import {cluster, deadHost, host, monitorNode, now} from './example-cluster.ts';

function countdown(row: Partial<MonitorNode>, reading: Partial<MonitorReading> = {}, seen = deadHost(1)) {
  const snapshot = cluster({
    nodes: [monitorNode(1, row), monitorNode(2), monitorNode(3)],
    hosts: [seen, host(2), host(3)],
    reading,
  });
  return assess(snapshot, now).verdict.countdown;
}

describe('the primary is silent', () => {
  test('for less than 4 s: that is no news', () => {
    expect(countdown({reportAgeSeconds: 3})).toBeUndefined();
  });
  test('the failover comes when the silence is as long as the monitor’s setting says', () => {
    expect(countdown({reportAgeSeconds: 11.7, health: 'bad'})?.secondsLeft).toBeCloseTo(8);
    const settings = {...defaultMonitorSettings, nodeConsideredUnhealthyTimeout: 60_000};
    expect(countdown({reportAgeSeconds: 11.7, health: 'bad'}, {settings})?.secondsLeft).toBeCloseTo(48);
  });
  test('the age of the reading counts', () => {
    const snapshot = cluster({
      nodes: [monitorNode(1, {reportAgeSeconds: 10, health: 'bad'}), monitorNode(2), monitorNode(3)],
      hosts: [deadHost(1), host(2), host(3)],
    });
    expect(assess(snapshot, now + 2000).verdict.countdown?.secondsLeft).toBeCloseTo(7.7);
  });
  test('not before the health checks have failed', () => {
    expect(countdown({reportAgeSeconds: 19.7, health: 'good', healthAgeSeconds: 2.7})?.secondsLeft).toBeCloseTo(6);
  });
  test('not before the monitor’s start-up grace period is over', () => {
    expect(countdown({reportAgeSeconds: 30, health: 'bad'}, {uptimeSeconds: 4.7})?.secondsLeft).toBeCloseTo(5);
  });
  test('is due when all of it is over', () => {
    expect(countdown({reportAgeSeconds: 25, health: 'bad'})).toMatchObject({
      secondsLeft: 0,
      text: 'pg_node1 silent for 25 s: the monitor fails over now',
    });
  });
  test('there is none while its Postgres answers and the monitor connects to it: only the keeper is dead', () => {
    expect(countdown({reportAgeSeconds: 30}, {}, host(1))).toBeUndefined();
  });
  test('there is none when the monitor has long been able to connect', () => {
    expect(countdown({reportAgeSeconds: 90, health: 'good'})).toBeUndefined();
  });
  test('there is none for a primary in wait_primary with two standbys, which the monitor never fails over', () => {
    const row = {
      reportedState: 'wait_primary',
      assignedState: 'wait_primary',
      reportAgeSeconds: 15,
      health: 'bad',
    } as const;
    expect(countdown(row)).toBeUndefined();
  });
});

test('the demote timeout runs from the moment it was assigned', () => {
  const nodes = [
    monitorNode(1, {assignedState: 'demote_timeout', stateAgeSeconds: 21.7, reportAgeSeconds: 45, health: 'bad'}),
    monitorNode(2, {reportedState: 'stop_replication', assignedState: 'stop_replication', stateAgeSeconds: 20}),
    monitorNode(3, {
      reportedState: 'join_secondary',
      assignedState: 'join_secondary',
      health: 'bad',
      stateAgeSeconds: 20,
    }),
  ];
  const {verdict} = assess(cluster({nodes, hosts: [deadHost(1), host(2), host(3)]}), now);
  expect(verdict.countdown?.secondsLeft).toBeCloseTo(8);
  expect(verdict.summary).toMatch(/^failover to pg_node2, demote timeout ends in 8 s/);
});

describe('an election that does not end', () => {
  const electing = (candidateAge: number) =>
    cluster({
      nodes: [
        monitorNode(1, {assignedState: 'draining', stateAgeSeconds: 200, reportAgeSeconds: 250, health: 'bad'}),
        monitorNode(2, {
          reportedState: 'report_lsn',
          assignedState: 'prepare_promotion',
          stateAgeSeconds: candidateAge,
        }),
        monitorNode(3, {reportedState: 'report_lsn', assignedState: 'report_lsn', stateAgeSeconds: 190}),
      ],
      hosts: [deadHost(1), host(2, {postgres: undefined}), host(3, {postgres: undefined})],
    });
  test('is down when nothing has moved for long', () => {
    expect(assess(electing(50), now).verdict).toMatchObject({level: 'down', change: {overdue: true}});
  });
  test('is still changing as long as nodes move', () => {
    expect(assess(electing(3), now).verdict).toMatchObject({level: 'changing', change: {overdue: false}});
  });
});
