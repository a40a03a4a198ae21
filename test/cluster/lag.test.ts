import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {parseLsn} from '../../source/cluster/lsn.ts';
import type {HostSnapshot, MonitorNode, PostgresReading, ReplicationRow} from '../../source/cluster/snapshot.ts';
import {
  cluster,
  deadHost,
  host,
  monitorNode,
  now,
  primaryReading,
  replicationRow,
  sample,
  standbyReading,
} from './example-cluster.ts';

function node2(
  parts: {
    primary?: Partial<PostgresReading>;
    standby?: Partial<PostgresReading>;
    row?: Partial<MonitorNode>;
    hosts?: readonly HostSnapshot[];
  } = {},
) {
  const hosts = parts.hosts ?? [
    host(1, {postgres: sample(primaryReading(parts.primary))}),
    host(2, {postgres: sample(standbyReading(parts.standby))}),
    host(3),
  ];
  const nodes = [monitorNode(1), monitorNode(2, parts.row), monitorNode(3)];
  return assess(cluster({nodes, hosts}), now).nodes.find(node => node.name === 'pg_node2');
}

const rows = (more: Partial<ReplicationRow>) => [replicationRow(2, more), replicationRow(3)];

describe('lag of a standby', () => {
  test('comes from the primary: bytes and seconds of replay, and all four steps', () => {
    const replication = rows({
      sentLagBytes: 10,
      writeLagBytes: 20,
      flushLagBytes: 30,
      replayLagBytes: 511,
      replayLagSeconds: 0.4,
    });
    expect(node2({primary: {replication}})).toMatchObject({
      lagBytes: 511,
      lagSeconds: 0.4,
      lagSource: 'node',
      lag: {sent: 10, write: 20, flush: 30, replay: 511},
      syncState: 'quorum',
      remark: 'streaming',
    });
  });
  test('is 0 s when everything is replayed, although PostgreSQL gives no time then', () => {
    expect(node2()).toMatchObject({lagBytes: 0, lagSeconds: 0});
  });
  test('is unknown in seconds when PostgreSQL gives none and something is left', () => {
    expect(node2({primary: {replication: rows({replayLagBytes: 100})}})).toMatchObject({
      lagBytes: 100,
      lagSeconds: null,
    });
  });
  test('comes from its own replay position when the primary has no row for it', () => {
    const standby = {replayLsn: parseLsn('0/5000000'), replayAgeSeconds: 7};
    expect(node2({primary: {replication: []}, standby})).toMatchObject({
      lagBytes: 0x60,
      lagSeconds: 7,
      lagSource: 'node',
      lag: null,
    });
  });
  test('is never negative when the two readings are not of one moment', () => {
    const standby = {replayLsn: parseLsn('0/5000100')};
    expect(node2({primary: {replication: []}, standby})).toMatchObject({lagBytes: 0});
  });
  test("falls back to the monitor's positions, and says so", () => {
    const hosts = [deadHost(1), host(2), host(3)];
    expect(node2({hosts, row: {lsn: parseLsn('0/5000000')}})).toMatchObject({
      lagBytes: 0x60,
      lagSeconds: null,
      lagSource: 'monitor',
    });
  });
  test('is unknown, not 0, when nothing is known', () => {
    const hosts = [deadHost(1), host(2), host(3)];
    expect(node2({hosts, row: {lsn: undefined}})).toMatchObject({lagBytes: null, lagSeconds: null, lagSource: null});
  });
  test('is unknown when the monitor has not heard the standby for long', () => {
    const hosts = [deadHost(1), deadHost(2), host(3)];
    expect(node2({hosts, row: {reportAgeSeconds: 60}})).toMatchObject({lagBytes: null});
  });
  test('is unknown on another timeline, and a finding says why', () => {
    const parts = {primary: {replication: [replicationRow(3)]}, row: {timeline: 2}};
    expect(node2(parts)).toMatchObject({lagBytes: null, remark: 'on another timeline', timeline: 2});
    const snapshot = cluster({
      nodes: [monitorNode(1), monitorNode(2, {timeline: 2}), monitorNode(3)],
      hosts: [host(1, {postgres: sample(primaryReading({replication: [replicationRow(3)]}))}), host(2), host(3)],
    });
    expect(assess(snapshot, now).findings.map(finding => [finding.code, finding.node])).toContainEqual([
      'R28',
      'pg_node2',
    ]);
  });
  test('is known while it streams, although the monitor still has the timeline of before the switchover', () => {
    expect(node2({row: {timeline: 2}})).toMatchObject({lagBytes: 0});
  });
  test('has no value on the primary', () => {
    expect(assess(cluster(), now).nodes[0]).toMatchObject({name: 'pg_node1', lagBytes: null, lagSource: null});
  });
});
