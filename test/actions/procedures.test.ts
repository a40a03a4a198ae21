import {describe, expect, it} from 'vitest';
import {coldStart} from '../../source/actions/cold-start.ts';
import {coldStop} from '../../source/actions/cold-stop.ts';
import {outageBegin, outageEnd} from '../../source/actions/outage.ts';
import {rollingRestart} from '../../source/actions/rolling-restart.ts';
import type {Container, HostSnapshot, Snapshot} from '../../source/cluster/snapshot.ts';
import {at, container} from '../snapshots/snapshot.ts';
import {type Changes, checksOf, cluster, dead, evidenceOf, situationOf} from './situation.ts';

const maintenance = {reportedState: 'maintenance', assignedState: 'maintenance'} as const;
const away: Partial<HostSnapshot> = {
  link: {error: {kind: 'timeout', message: 'timed out', remedy: ''}, at, source: 'ssh'},
  containers: undefined,
};
const silent: Snapshot['monitor'] = {
  error: {kind: 'timeout', message: 'timed out', remedy: ''},
  at,
  source: 'monitor vm3:6000',
};

type Case = [what: string, changes: Changes, failed: string[], warned?: string[]];

describe('beginning a planned outage', () => {
  it.each<Case>([
    ['of a standby beside a healthy one', {}, [], ['asynchronous']],
    ['beside one that is dead', {nodes: {2: dead(12)}, streaming: [3]}, ['successor']],
    ['beside one that may not be promoted', {nodes: {2: {candidatePriority: 0}}}, ['successor']],
    ['beside one that is out of the quorum', {nodes: {2: {replicationQuorum: false}}}, ['successor']],
    ['while another is in maintenance (R06)', {nodes: {2: maintenance}}, ['successor', 'maintenance']],
    ['while the primary is on its way (R13)', {nodes: {1: {assignedState: 'draining'}}}, ['primary', 'no-change']],
  ])('%s', (_, changes, failed, warned) => {
    const checks = checksOf(outageBegin, {node: 'pg_node3'}, cluster(changes));
    expect(new Set(checks.failed)).toEqual(new Set(failed));
    if (warned !== undefined) expect(checks.warned).toEqual(['machine', ...warned]);
  });

  it('is refused for the primary', () => {
    expect(checksOf(outageBegin, {node: 'pg_node1'}, cluster()).failed).toEqual(['standby']);
  });

  it('sets number-sync-standbys 0 before the node leaves the quorum, and leaves out what is done', () => {
    const {steps} = outageBegin.of({node: 'pg_node3'}).plan(situationOf(cluster()));
    expect(steps.map(step => step.argv.at(-1))).toEqual([
      "SELECT pgautofailover.set_formation_number_sync_standbys('default', 0)",
      "SELECT pgautofailover.set_node_replication_quorum('default', 'pg_node3', false)",
    ]);
    const begun = situationOf(cluster({numberSyncStandbys: 0, nodes: {3: {replicationQuorum: false}}}));
    expect(steps.map(step => step.holds?.(situationOf(cluster())))).toEqual([false, false]);
    expect(steps.map(step => step.holds?.(begun))).toEqual([true, true]);
    const half = situationOf(cluster({numberSyncStandbys: 0}));
    expect(steps.map(step => step.holds?.(half))).toEqual([true, false]);
  });
});

describe('ending a planned outage', () => {
  const out = {replicationQuorum: false} as const;

  it.each<Case>([
    ['of a node whose container can be started', {numberSyncStandbys: 0, nodes: {3: {...out, ...dead(30)}}}, []],
    ['of a node that is there already', {numberSyncStandbys: 0, nodes: {3: out}, hosts: {3: away}}, []],
    [
      'of a node on a machine that is away',
      {numberSyncStandbys: 0, nodes: {3: {...out, ...dead(30)}}, hosts: {3: away}},
      ['reachable'],
    ],
    ['of a dropped node (R15)', {nodes: {3: {...out, assignedState: 'dropped'}}}, ['registered']],
    ['without a primary (R39)', {nodes: {1: {assignedState: 'draining'}, 3: out}}, ['primary', 'no-change']],
  ])('%s', (_, changes, failed) => {
    const checks = checksOf(outageEnd, {node: 'pg_node3'}, cluster(changes));
    expect(new Set(checks.failed)).toEqual(new Set(failed));
  });

  it('starts the node, takes it into the quorum, and then counts on two standbys again', () => {
    const of = cluster({numberSyncStandbys: 0, nodes: {3: {...out, ...dead(30)}}});
    const {steps} = outageEnd.of({node: 'pg_node3'}).plan(situationOf(of));
    expect(steps.map(step => step.argv.at(-1))).toEqual([
      'pg_node3',
      "SELECT pgautofailover.set_node_replication_quorum('default', 'pg_node3', true)",
      "SELECT pgautofailover.set_formation_number_sync_standbys('default', 1)",
    ]);
  });

  it('takes a node out of maintenance on the way', () => {
    const of = cluster({numberSyncStandbys: 0, nodes: {3: {...out, ...maintenance}}});
    const {steps} = outageEnd.of({node: 'pg_node3'}).plan(situationOf(of));
    expect(steps[1]?.argv.slice(-2)).toEqual(['disable', 'maintenance']);
  });
});

describe('a rolling restart', () => {
  it.each<Case>([
    ['of a healthy cluster', {}, []],
    ['with a dead standby', {nodes: {2: dead(12)}, streaming: [3]}, ['quorum-pg_node2']],
    ['with a machine that is away', {hosts: {2: away}}, ['reachable']],
    ['while something moves (R55)', {nodes: {2: {assignedState: 'catchingup'}}}, ['quorum-pg_node2', 'no-change']],
    [
      'with nobody who could be promoted',
      {nodes: {2: {candidatePriority: 0}, 3: {candidatePriority: 0}}},
      ['candidate'],
    ],
    ['with a node that an earlier run left in maintenance', {nodes: {2: maintenance}}, []],
  ])('%s', (_, changes, failed) => {
    expect(new Set(checksOf(rollingRestart, {}, cluster(changes)).failed)).toEqual(new Set(failed));
  });

  it('takes the standbys first, then another primary, then the old one', () => {
    const {steps} = rollingRestart.of({}).plan(situationOf(cluster()));
    expect(steps.map(step => step.argv.slice(1).join(' '))).toEqual([
      ...restartOf('pg_node2'),
      ...restartOf('pg_node3'),
      'exec pg_monitor pg_autoctl perform promotion --formation default --name pg_node2',
      ...restartOf('pg_node1'),
    ]);
  });

  it('leaves out with --since what was started after it, on the machine’s own clock', () => {
    const of = cluster({hosts: {2: started('pg_node2', at - 60_000), 3: started('pg_node3', at - 600_000)}});
    const held = (since: string | undefined) =>
      rollingRestart
        .of(since === undefined ? {} : {since})
        .plan(situationOf(of))
        .steps.map(step => step.holds?.(situationOf(of)) === true);
    expect(held(undefined).every(each => !each)).toBe(true);
    expect(held('2m')).toEqual([true, true, true, ...Array.from({length: 7}, () => false)]);
    expect(held('20m').slice(0, 7)).toEqual([true, true, true, true, true, true, false]);
  });

  it('says how to leave out what was restarted lately', () => {
    const of = cluster({hosts: {2: started('pg_node2', at - 600_000)}});
    expect(checksOf(rollingRestart, {}, of).warned).toContain('recent');
    expect(evidenceOf(rollingRestart, {}, of, 'recent')).toContain(':rolling-restart --since 10m');
    expect(checksOf(rollingRestart, {since: '10m'}, of).warned).not.toContain('recent');
  });

  it('restarts a node only while it is in maintenance', () => {
    const step = rollingRestart
      .of({})
      .plan(situationOf(cluster()))
      .steps.find(each => each.argv.includes('restart'));
    const passes = (of: Snapshot) => step?.preflight?.(situationOf(of)).every(each => each.result === 'pass');
    expect(passes(cluster())).toBe(false);
    expect(passes(cluster({nodes: {2: maintenance}}))).toBe(true);
  });

  it('goes on to the next node once the one before is healthy and streams, and not when the monitor calls it secondary', () => {
    const before = situationOf(cluster());
    const step = rollingRestart
      .of({})
      .plan(before)
      .steps.find(each => each.argv.includes('disable'));
    const seen = (changes: Parameters<typeof cluster>[0]) => step?.until?.(before, situationOf(cluster(changes))).state;
    expect(seen({})).toBe('done');
    expect(seen({streaming: [3]})).toBe('pending');
    expect(seen({nodes: {2: {health: 'unknown'}}})).toBe('pending');
  });

  function restartOf(name: string): string[] {
    return [
      `exec ${name} pg_autoctl enable maintenance`,
      `restart -t 60 ${name}`,
      `exec ${name} pg_autoctl disable maintenance`,
    ];
  }
});

describe('a cold stop', () => {
  const monitorStopped = {
    containers: {value: [container('pg_node3'), container('pg_monitor', {state: 'exited'})], at, source: 'docker'},
  } as const;

  it.each<[string, Snapshot, string[]]>([
    ['of a healthy cluster', cluster(), []],
    ['with a machine that is away', cluster({hosts: {2: away}}), ['reachable']],
    ['with a standby that is dead', cluster({nodes: {2: dead(12)}, streaming: [3]}), ['quorum-pg_node2']],
    [
      'while an election is under way',
      cluster({nodes: {1: {assignedState: 'draining'}}}),
      ['primary', 'quorum-pg_node1', 'no-change'],
    ],
    ['with a node in maintenance', cluster({nodes: {2: {...maintenance, replicationQuorum: false}}}), ['maintenance']],
    ['that goes on after the monitor', {...cluster({hosts: {3: monitorStopped}}), monitor: silent}, []],
    ['with a monitor that is silent by itself', {...cluster(), monitor: silent}, ['monitor']],
  ])('%s', (_, of, failed) => {
    expect(new Set(checksOf(coldStop, {}, of).failed)).toEqual(new Set(failed));
  });

  it('stops the monitor, the primary, then the standbys, also when only the nodes can tell which that is', () => {
    const switched = cluster({
      nodes: {
        1: {reportedState: 'secondary', assignedState: 'secondary'},
        2: {reportedState: 'primary', assignedState: 'primary'},
      },
    });
    expect(order(switched)).toEqual(['pg_monitor', 'pg_node2', 'pg_node1', 'pg_node3']);
    expect(order({...cluster(), monitor: silent})).toEqual(['pg_monitor', 'pg_node1', 'pg_node2', 'pg_node3']);
  });

  it('warns of containers that would start by themselves, all at once (R57)', () => {
    const of = cluster({hosts: {2: containers('pg_node2', {restartPolicy: 'always'})}});
    expect(checksOf(coldStop, {}, of).warned).toEqual(['restart-policy']);
  });

  function order(of: Snapshot) {
    return coldStop
      .of({})
      .plan(situationOf(of))
      .steps.map(step => step.argv.at(-1));
  }
});

describe('a cold start', () => {
  const waiting = {reportedState: 'wait_primary', assignedState: 'wait_primary'} as const;
  const gone = {reportedState: 'secondary', assignedState: 'dropped', reportAgeSeconds: 90} as const;

  it.each<[string, Changes, string]>([
    ['every node is where it was', {}, 'done'],
    ['the primary does not wait for its standbys yet', {nodes: {1: waiting}}, 'pending'],
    ['it has none that it would wait for', {nodes: {1: waiting, 2: {replicationQuorum: false}, 3: gone}}, 'done'],
  ])('is over when %s', (_, changes, state) => {
    const now = situationOf(cluster(changes));
    expect(coldStart.of({}).verify(now, now, [])).toMatchObject({state});
  });

  const stopped = (name: string) => containers(name, {state: 'exited'});
  const down = {1: stopped('pg_node1'), 2: stopped('pg_node2')};
  const allDead = {1: {reportAgeSeconds: 90}, 2: {reportAgeSeconds: 90}, 3: {reportAgeSeconds: 90}};

  it('is not there for a cluster that is up', () => {
    expect(coldStart.of({}).available(situationOf(cluster())).available).toBe(false);
    expect(coldStart.of({}).available(situationOf({...cluster(), monitor: silent})).available).toBe(true);
  });

  it.each<[string, Snapshot, string[], string[]]>([
    ['of a cluster that is down', {...cluster({hosts: down}), monitor: silent}, [], []],
    [
      'without the machine of the monitor (R59)',
      {...cluster({hosts: {3: away}}), monitor: silent},
      ['monitor'],
      ['reachable'],
    ],
    ['without the machine of a standby', {...cluster({hosts: {2: away}}), monitor: silent}, [], ['reachable']],
    [
      'without the machine of the last primary (R57)',
      cluster({nodes: allDead, hosts: {1: away, 2: stopped('pg_node2')}}),
      ['primary'],
      ['reachable'],
    ],
  ])('%s', (_, of, failed, warned) => {
    expect(checksOf(coldStart, {}, of)).toEqual({failed, warned});
  });

  it('starts the monitor, then the node that was the primary, then the others', () => {
    const off = situationOf({...cluster({hosts: down}), monitor: silent});
    const {steps} = coldStart.of({}).plan(off);
    const back = situationOf(cluster({nodes: allDead, hosts: down}));
    const left = (now = off) =>
      steps.filter(step => step.holds?.(now) !== true).map(step => step.argv.slice(1).join(' '));
    // Only when the monitor answers it is known which is which, and that none has to wait for it.
    expect(left()[0]).toBe('start pg_monitor');
    expect(left(back)).toEqual(['start pg_node1', 'start pg_node1', 'start pg_node2', 'start pg_node3']);
  });

  it('does not take what the primary reported before it was stopped for its being up again', () => {
    const {steps} = coldStart.of({}).plan(situationOf({...cluster({hosts: down}), monitor: silent}));
    const first = steps.find(step => step.argv.join(' ') === 'docker start pg_node1');
    const before = situationOf(cluster({hosts: down}));
    const later = (reportAgeSeconds: number) => situationOf(cluster({nodes: {1: {reportAgeSeconds}}}), at + 1000);
    expect(first?.until?.(before, later(1))).toMatchObject({state: 'pending'});
    expect(first?.until?.(before, later(0))).toMatchObject({state: 'pending'});
    const read = cluster({nodes: {1: {reportAgeSeconds: 0.2}}});
    const anew = {...read, monitor: read.monitor === undefined ? undefined : {...read.monitor, at: at + 900}};
    expect(first?.until?.(before, situationOf(anew, at + 1000))).toMatchObject({state: 'done'});
  });

  it('does not start a standby before the primary is up, nor a node that was dropped (R15)', () => {
    const {steps} = coldStart.of({}).plan(situationOf({...cluster({hosts: down}), monitor: silent}));
    const last = steps.findLast(step => step.argv.at(-1) === 'pg_node2');
    const passes = (of: Snapshot) => last?.preflight?.(situationOf(of)).every(each => each.result === 'pass');
    expect(passes(cluster({nodes: allDead, hosts: down}))).toBe(false);
    expect(passes(cluster({nodes: {2: {reportAgeSeconds: 90}}, hosts: down}))).toBe(true);
    expect(last?.holds?.(situationOf(cluster({nodes: {2: {assignedState: 'dropped'}}, hosts: down})))).toBe(true);
  });
});

function containers(name: string, more: Partial<Container>): Partial<HostSnapshot> {
  return {containers: {value: [container(name, more)], at: at - 800, source: 'docker'}};
}

function started(name: string, startedAt: number): Partial<HostSnapshot> {
  const others = name === 'pg_node3' ? [container('pg_monitor')] : [];
  return {containers: {value: [container(name, {startedAt}), ...others], at: at - 800, source: 'docker'}};
}
