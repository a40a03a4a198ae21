import {expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import type {HostSnapshot, MonitorNode, Snapshot} from '../../source/cluster/snapshot.ts';
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

const otherSystem = '7000000000000000002';

/** The second group of a formation: nodes 4 to 6, on hosts and with data of their own. */
function secondRows(more: Partial<MonitorNode> = {}): readonly MonitorNode[] {
  const common = {group: 1, timeline: 9, systemIdentifier: otherSystem};
  const primary = {reportedState: 'primary', assignedState: 'primary'} as const;
  return [monitorNode(4, {...common, ...primary}), monitorNode(5, {...common, ...more}), monitorNode(6, common)];
}

function secondHosts(): readonly HostSnapshot[] {
  const common = {systemIdentifier: otherSystem, timeline: 9};
  const names = 'ANY 1 (pgautofailover_standby_5, pgautofailover_standby_6)';
  const replication = [replicationRow(5), replicationRow(6)];
  return [
    host(4, {postgres: sample(primaryReading({...common, synchronousStandbyNames: names, replication}))}),
    host(5, {postgres: sample(standbyReading(common))}),
    host(6, {postgres: sample(standbyReading(common))}),
  ];
}

function twoGroups(more: {second?: Partial<MonitorNode>; hosts?: readonly HostSnapshot[]} = {}): Snapshot {
  return cluster({
    // As the monitor gives them when the groups grew by turns.
    nodes: [monitorNode(1), ...secondRows(more.second), monitorNode(2), monitorNode(3)],
    hosts: more.hosts ?? [host(1), ...secondHosts(), host(2), host(3)],
  });
}

const dead = {reportAgeSeconds: 60, health: 'bad', assignedState: 'catchingup', stateAgeSeconds: 38} as const;

test('a formation is healthy when each of its groups is', () => {
  const {verdict, findings} = assess(twoGroups(), now);
  expect(findings).toEqual([]);
  expect(verdict).toMatchObject({
    level: 'healthy',
    writable: true,
    summary: 'all 2 groups take writes; any one node may fail',
    toleratesFailures: 1,
    groups: {total: 2, unwell: 0},
  });
});

test('a group that survives no loss is known to be one, whatever is not known of another', () => {
  const unasked = host(1, {postgres: undefined});
  const {verdict} = assess(twoGroups({second: dead, hosts: [unasked, ...secondHosts(), host(2), host(3)]}), now);
  expect(verdict.toleratesFailures).toBe(0);
});

test('the worst group speaks for the formation, with findings of its own only', () => {
  const hosts = [
    host(1),
    host(2),
    host(3),
    ...secondHosts().map(each => (each.name.endsWith('5') ? deadHost(5) : each)),
  ];
  const {verdict, findings} = assess(twoGroups({second: dead, hosts}), now);
  expect(verdict).toMatchObject({
    level: 'degraded',
    primary: 'pg_node4',
    toleratesFailures: 0,
    groups: {total: 2, unwell: 1, worst: 1},
  });
  expect(verdict.summary).toMatch(/^group 1: pg_node5 silent for 60 s: losing another node stops writes$/);
  expect(findings.length).toBeGreaterThan(0);
  for (const finding of findings) expect(finding, finding.title).toMatchObject({group: 1});
});

test('how many others are not well either is said', () => {
  const hosts = [
    deadHost(2),
    ...secondHosts().map(each => (each.name.endsWith('5') ? deadHost(5) : each)),
    host(1),
    host(3),
  ];
  const nodes = [monitorNode(1), monitorNode(2, dead), monitorNode(3), ...secondRows(dead)];
  expect(assess(cluster({nodes, hosts}), now).verdict.summary).toMatch(/^group 0: .*; 1 more group is not healthy$/);
});

test('nodes stand by groups, and each is measured against the primary of its own', () => {
  const {nodes} = assess(twoGroups(), now);
  expect(nodes.map(node => [node.name, node.group, node.primary])).toEqual([
    ['pg_node1', 0, 'pg_node1'],
    ['pg_node2', 0, 'pg_node1'],
    ['pg_node3', 0, 'pg_node1'],
    ['pg_node4', 1, 'pg_node4'],
    ['pg_node5', 1, 'pg_node4'],
    ['pg_node6', 1, 'pg_node4'],
  ]);
});

test('before the monitor was ever read, the primaries of two databases are no split, and two of one are', () => {
  const unread = {...twoGroups(), monitor: undefined};
  expect(assess(unread, now).findings.map(finding => finding.code)).not.toContain('R29');
  const [one, ...others] = unread.hosts;
  const open = {...host(2), postgres: sample(primaryReading())};
  const split = {...unread, hosts: [one ?? host(1), open, ...others.filter(each => each.name !== open.name)]};
  expect(assess(split, now).verdict.summary).toMatch(/^TWO NODES ACCEPT WRITES: pg_node1 and pg_node2/);
});

test('long lists of names are shortened', () => {
  const many = Array.from({length: 30}, (_, index) => ({...host(index + 10), node: undefined, link: undefined}));
  const {summary} = assess(cluster({hosts: [host(1), host(2), host(3), ...many]}), now).verdict;
  expect(summary).toMatch(/ and \d+ more/);
  expect(summary.length).toBeLessThan(200);
});
