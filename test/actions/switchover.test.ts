import {describe, expect, it} from 'vitest';
import type {Check, Situation, Step} from '../../source/actions/action.ts';
import {switchover as switchoverKind} from '../../source/actions/switchover.ts';
import {assess} from '../../source/cluster/assess.ts';
import type {MonitorNode, Snapshot} from '../../source/cluster/snapshot.ts';
import {at, host, monitorNode, postgresReading, replicationRow, snapshot, withNodes} from '../snapshots/snapshot.ts';

const switchover = switchoverKind.of({});

function command({host: on, argv}: Step) {
  return {host: on, argv};
}

function allowed(checks: readonly Check[]): boolean {
  return checks.every(check => check.result !== 'fail');
}

function situation(of: Snapshot, now = at): Situation {
  return {snapshot: of, assessment: assess(of, now), now, docker: new Map([['vm3', ['sudo', '-n', 'docker']]])};
}

function nodes(changes: {[id: number]: Partial<MonitorNode>}): Snapshot {
  return withNodes([1, 2, 3].map(id => monitorNode(id, changes[id])));
}

describe('preflight of a switchover', () => {
  it('passes on a healthy cluster, and says that the choice between equals is open', () => {
    const checks = switchover.preflight(situation(snapshot()));
    expect(allowed(checks)).toBe(true);
    expect(checks.filter(check => check.result === 'warn').map(check => check.id)).toEqual(['tie']);
  });

  it.each<[string, Snapshot, string]>([
    ['a quorum standby is silent (R07)', nodes({3: {reportAgeSeconds: 9}}), 'quorum-pg_node3'],
    ['a quorum standby is marked unhealthy', nodes({3: {health: 'bad'}}), 'quorum-pg_node3'],
    ['a quorum standby has no Postgres running', nodes({3: {postgresRunning: false}}), 'quorum-pg_node3'],
    ['a quorum standby is catching up', nodes({2: {reportedState: 'catchingup'}}), 'quorum-pg_node2'],
    [
      'a node is in maintenance (R06)',
      nodes({2: {reportedState: 'maintenance', assignedState: 'maintenance', replicationQuorum: false}}),
      'maintenance',
    ],
    ['a standby is on another timeline', nodes({2: {timeline: 4}}), 'timeline-pg_node2'],
    ['the primary is silent', nodes({1: {reportAgeSeconds: 7}}), 'primary'],
    ['the primary is not stable', nodes({1: {reportedState: 'apply_settings'}}), 'primary'],
    [
      'the primary is wait_primary',
      nodes({1: {reportedState: 'wait_primary', assignedState: 'wait_primary'}}),
      'primary',
    ],
    ['an election is under way', nodes({1: {assignedState: 'draining'}}), 'primary'],
    ['no standby may be promoted', nodes({2: {candidatePriority: 0}, 3: {candidatePriority: 0}}), 'candidate'],
  ])('refuses when %s', (_, of, check) => {
    const failed = switchover.preflight(situation(of)).filter(each => each.result === 'fail');
    expect(failed.map(each => each.id)).toContain(check);
  });

  it('refuses when a quorum standby is far behind the primary', () => {
    const far = replicationRow(2, {replayLagBytes: 20_000_000, flushLagBytes: 20_000_000});
    const of = snapshot({
      hosts: [
        host(1, {
          postgres: {value: postgresReading(1, {replication: [far, replicationRow(3)]}), at: at - 400, source: 'psql'},
        }),
        host(2),
        host(3),
      ],
    });
    const failed = switchover.preflight(situation(of)).filter(each => each.result === 'fail');
    expect(failed.map(each => each.id)).toEqual(['lag-pg_node2']);
  });

  it('refuses when the last read of the monitor is old, however good it was', () => {
    expect(allowed(switchover.preflight(situation(snapshot(), at + 20_000)))).toBe(false);
  });

  it('puts what refuses first', () => {
    const [first] = switchover.preflight(situation(nodes({3: {reportAgeSeconds: 9}})));
    expect(first?.result).toBe('fail');
    expect(first?.title).toContain('R07');
  });

  it('ignores a silent node that is not in the quorum', () => {
    const checks = switchover.preflight(
      situation(nodes({3: {reportAgeSeconds: 60, replicationQuorum: false, health: 'bad'}})),
    );
    expect(checks.filter(check => check.result === 'fail').map(check => check.id)).not.toContain('quorum-pg_node3');
  });
});

describe('plan of a switchover', () => {
  it('is one command on the host of the monitor, as docker is called there', () => {
    expect(switchover.plan(situation(snapshot())).steps.map(command)).toEqual([
      {
        host: 'vm3',
        argv: [
          'sudo',
          '-n',
          'docker',
          'exec',
          'pg_monitor',
          'pg_autoctl',
          'perform',
          'switchover',
          '--formation',
          'default',
        ],
      },
    ]);
  });

  it('asks for the name of the node that loses its role', () => {
    expect(switchover.plan(situation(snapshot())).confirmation).toBe('pg_node1');
  });
});

describe('availability', () => {
  it('is refused read-only', () => {
    const of = snapshot({cluster: {name: 'orders', environment: undefined, formation: 'default', readOnly: true}});
    expect(switchover.available(situation(of))).toEqual({available: false, reason: 'read-only'});
  });
});

describe('identity of the target', () => {
  it('changes with the primary, and with the monitor container', () => {
    const before = switchover.identity(situation(snapshot()));
    expect(switchover.identity(situation(snapshot()))).toBe(before);
    const other = nodes({
      1: {reportedState: 'secondary', assignedState: 'secondary'},
      2: {reportedState: 'primary', assignedState: 'primary'},
    });
    expect(switchover.identity(situation(other))).not.toBe(before);
  });
});

describe('verification on the monitor', () => {
  const before = situation(snapshot());

  it('is done when another node is primary, reported and assigned', () => {
    const after = nodes({
      1: {reportedState: 'secondary', assignedState: 'secondary', timeline: 6},
      2: {reportedState: 'primary', assignedState: 'primary', timeline: 6},
    });
    expect(switchover.verify(before, situation(after), []).state).toBe('done');
  });

  it('waits while nodes move, and names them', () => {
    const after = nodes({
      1: {reportedState: 'draining', assignedState: 'report_lsn'},
      2: {assignedState: 'report_lsn'},
    });
    const progress = switchover.verify(before, situation(after), []);
    expect(progress).toMatchObject({state: 'pending'});
    expect(progress.state === 'pending' && progress.waitingFor).toContain('pg_node1: draining -> report_lsn');
  });

  it('is not done when the election chose the same node again', () => {
    const after = withNodes([
      monitorNode(1, {timeline: 6}),
      monitorNode(2, {timeline: 6}),
      monitorNode(3, {timeline: 6}),
    ]);
    expect(switchover.verify(before, situation(after), [])).toEqual({
      state: 'unchanged',
      message: 'the election chose pg_node1 again',
    });
  });
});

describe('a formation of several groups', () => {
  it('is not switched over as a whole: a node of the group that is meant is promoted', () => {
    const several = withNodes([
      monitorNode(1),
      monitorNode(2),
      monitorNode(3, {group: 1, reportedState: 'primary', assignedState: 'primary'}),
    ]);
    expect(switchover.available(situation(several))).toEqual({
      available: false,
      reason: 'the formation has 2 groups: promote a node of the one that is meant',
    });
  });
});
