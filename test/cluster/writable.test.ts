import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {type ReplicationState, replicationStates} from '../../source/cluster/replication-state.ts';
import type {HostSnapshot, MonitorNode} from '../../source/cluster/snapshot.ts';
import {
  cluster,
  failedSample,
  host,
  hostWithStoppedNode,
  monitorNode,
  monitorReading,
  now,
  primaryReading,
  sample,
  standbyReading,
} from './example-cluster.ts';

/** Nothing is known but the monitor's row. */
const unseen = (id: number): HostSnapshot => ({...host(id), node: undefined, postgres: undefined});

function writable(row: Partial<MonitorNode>, seen: HostSnapshot = unseen(1)): boolean | null | undefined {
  const snapshot = cluster({
    nodes: [monitorNode(1, row), monitorNode(2), monitorNode(3)],
    hosts: [seen, host(2), host(3)],
  });
  return assess(snapshot, now).nodes.find(node => node.name === 'pg_node1')?.writable;
}

describe('by the monitor alone a node is writable only in a stable writable state, healthy, running and reporting', () => {
  const stable: readonly ReplicationState[] = ['single', 'primary', 'wait_primary', 'join_primary'];
  test.each(stable)('R=G=%s', state => {
    expect(writable({reportedState: state, assignedState: state})).toBe(true);
  });
  test.each([
    ['primary', 'apply_settings'],
    ['wait_primary', 'apply_settings'],
    ['apply_settings', 'apply_settings'],
    ['apply_settings', 'primary'],
    ['apply_settings', 'wait_primary'],
  ] as const)('settings being applied: %s -> %s', (reportedState, assignedState) => {
    expect(writable({reportedState, assignedState})).toBe(true);
  });
  test('its health is bad', () => expect(writable({health: 'bad'})).toBe(null));
  test('its health is unknown', () => expect(writable({health: 'unknown'})).toBe(null));
  test('its Postgres is stopped', () => expect(writable({postgresRunning: false})).toBe(false));
  test('its report is 10 s old, with the age of the reading counted in', () => {
    expect(writable({reportAgeSeconds: 9.6})).toBe(true);
    expect(writable({reportAgeSeconds: 9.8})).toBe(null);
  });
  test.each(
    replicationStates.filter(
      state => !['single', 'primary', 'wait_primary', 'join_primary', 'apply_settings'].includes(state),
    ),
  )('R=G=%s is never writable', state => {
    expect(writable({reportedState: state, assignedState: state})).not.toBe(true);
  });
});

describe('a primary that is taken out of service is never writable: nobody has fenced it yet', () => {
  test.each(['draining', 'demote_timeout', 'demoted', 'prepare_maintenance'] as const)(
    'primary -> %s',
    assignedState => {
      expect(writable({assignedState})).toBe(null);
      expect(writable({assignedState}, host(1))).toBe(null);
    },
  );
  test('and its row says so', () => {
    const snapshot = cluster({nodes: [monitorNode(1, {assignedState: 'demoted'}), monitorNode(2), monitorNode(3)]});
    expect(assess(snapshot, now).nodes[0]?.remark).toBe('not fenced: still accepts writes');
  });
});

describe("the node's own word is stronger than the monitor's", () => {
  test('in recovery', () => {
    expect(writable({}, host(1, {postgres: sample(standbyReading())}))).toBe(false);
  });
  test('read-only, as a promoted standby is before its old primary is fenced', () => {
    expect(writable({}, host(1, {postgres: sample(primaryReading({readOnly: true}))}))).toBe(false);
  });
  test('open although the monitor cannot connect to it', () => {
    expect(writable({health: 'bad'}, host(1))).toBe(true);
  });
  test('open although its keeper is silent', () => {
    expect(writable({reportAgeSeconds: 300}, host(1))).toBe(true);
  });
  test('but not when it was read more than 5 s ago', () => {
    const old = host(1, {postgres: sample(primaryReading(), {at: now - 6000})});
    expect(writable({reportAgeSeconds: 300}, old)).toBe(null);
  });
  test('its container is stopped', () => expect(writable({}, hostWithStoppedNode(1))).toBe(false));
  test('its container is not there: the truth once its keeper is silent, a wrong name while that reports', () => {
    const missing = host(1, {containers: sample([])});
    expect(writable({reportAgeSeconds: 5}, {...missing, postgres: undefined})).toBe(false);
    expect(writable({reportAgeSeconds: 1}, {...missing, postgres: undefined})).toBe(true);
  });
  test('its Postgres refuses connections', () => {
    expect(writable({}, host(1, {postgres: failedSample('postgres-down', 'no server running')}))).toBe(false);
  });
  test('its host cannot be reached: the monitor decides', () => {
    expect(
      writable({}, host(1, {link: failedSample('timeout', 'x'), postgres: failedSample('not-connected', 'x')})),
    ).toBe(true);
  });
});

test('without the monitor nothing of its last states proves writes', () => {
  const last = {value: monitorReading([monitorNode(1), monitorNode(2)]), at: now - 1000};
  const snapshot = cluster({
    hosts: [unseen(1), host(2)],
    snapshot: {monitor: failedSample('monitor-refused', 'connection refused', last)},
  });
  const [, first] = assess(snapshot, now).nodes;
  expect(first).toMatchObject({
    name: 'pg_node1',
    writable: null,
    statesCurrent: false,
    reportedState: 'primary',
    health: 'unknown',
  });
});
