import {describe, expect, it} from 'vitest';
import type {ActionKind, Request} from '../../source/actions/action.ts';
import {containerRestart} from '../../source/actions/container-restart.ts';
import {containerStart} from '../../source/actions/container-start.ts';
import {containerStop} from '../../source/actions/container-stop.ts';
import {reload} from '../../source/actions/reload.ts';
import {restart} from '../../source/actions/restart.ts';
import {bad} from '../../source/cluster/problem.ts';
import type {Container, HostSnapshot, PostgresReading, Snapshot} from '../../source/cluster/snapshot.ts';
import {at, container, postgresReading} from '../snapshots/snapshot.ts';
import {type Changes, checksOf, cluster, dead, evidenceOf, situationOf} from './situation.ts';

const single = {reportedState: 'wait_primary', assignedState: 'wait_primary'} as const;
const out = {replicationQuorum: false};
const maintenance = {reportedState: 'maintenance', assignedState: 'maintenance'} as const;
const silentForLong = {reportAgeSeconds: 60, health: 'bad'} as const;

function withoutMonitor(of: Snapshot): Snapshot {
  const {problem} = bad('timeout', 'the monitor does not answer');
  return {...of, monitor: {error: problem, at, source: 'monitor'}};
}

function containerOf(name: string, more: Partial<Container>): Partial<HostSnapshot> {
  const others = name === 'pg_node3' ? [container('pg_monitor')] : name === 'pg_monitor' ? [container('pg_node3')] : [];
  return {containers: {value: [...others, container(name, more)], at: at - 100, source: 'docker'}};
}

const postgresDown: Partial<HostSnapshot> = {
  postgres: {error: bad('postgres-down', 'no server').problem, at, source: 'psql'},
};

type Case = [what: string, name: string, of: Snapshot, failed: string[], warned?: string[]];

function table(kind: ActionKind, cases: readonly Case[]): void {
  it.each(cases)('%s', (_, node, of, failed, warned = []) => {
    expect(checksOf(kind, {node}, of)).toEqual({failed, warned});
  });
}

/** What holds for everything that takes a node away for a while. */
function nodeAway(kind: ActionKind): void {
  const elects = kind === containerStop ? ['election'] : [];
  table(kind, [
    ['the primary: as a switchover, and that one first (R56)', 'pg_node1', cluster(), [], ['outage', 'tie', ...elects]],
    [
      'the primary, R07: a quorum standby is silent',
      'pg_node1',
      cluster({nodes: {3: {reportAgeSeconds: 9}}}),
      ['quorum-pg_node3'],
      ['outage', 'tie', ...elects],
    ],
    [
      'the primary, R06: a node is in maintenance',
      'pg_node1',
      cluster({nodes: {3: {...maintenance, ...out}}}),
      ['maintenance'],
      ['outage', ...elects],
    ],
    [
      'the only node that writes: nobody elects',
      'pg_node1',
      cluster({numberSyncStandbys: 0, nodes: {1: single, 2: dead(30), 3: dead(30)}, streaming: []}),
      [],
      ['outage', ...elects],
    ],
    ['a standby beside a healthy one (R58)', 'pg_node2', cluster(), [], elects],
    [
      'a standby, R58: the other one is dead',
      'pg_node2',
      cluster({nodes: {3: dead(30)}, streaming: [2]}),
      ['writes', 'no-change'],
      elects,
    ],
    ['a standby, R58: the other one is cut off', 'pg_node2', cluster({streaming: [2]}), ['writes'], elects],
    ['a standby, R58: two have to acknowledge', 'pg_node2', cluster({numberSyncStandbys: 2}), ['writes'], elects],
    ['a standby that is not in the quorum', 'pg_node2', cluster({nodes: {2: out, 3: maintenance}, streaming: [2]}), []],
    ['a standby that does not stream takes nothing away', 'pg_node2', cluster({streaming: [3]}), [], elects],
    [
      'a standby while another node moves (R55)',
      'pg_node2',
      cluster({nodes: {3: {assignedState: 'catchingup'}}, numberSyncStandbys: 1}),
      ['writes', 'no-change'],
      elects,
    ],
  ]);
}

describe('guards of a restart of Postgres', () => {
  nodeAway(restart);
  it('needs the monitor', () => {
    const of = situationOf(withoutMonitor(cluster()));
    expect(restart.of({node: 'pg_node2'}).available(of)).toEqual({
      available: false,
      reason: 'the monitor is not reachable',
    });
  });
});

describe('guards of a restart of a container', () => {
  nodeAway(containerRestart);
  table(containerRestart, [
    ['R59: a node without the monitor', 'pg_node2', withoutMonitor(cluster()), ['monitor']],
    ['R15: a node that was dropped', 'pg_node3', cluster({nodes: {3: {assignedState: 'dropped'}}}), ['registered'], []],
    ['the monitor, with a standby that streams', 'pg_monitor', cluster(), [], ['failover']],
    ['the monitor, R19: no standby streams', 'pg_monitor', cluster({streaming: []}), ['streaming'], ['failover']],
    [
      'the monitor, R19: as far as it knows itself',
      'pg_monitor',
      cluster({streaming: null, nodes: {1: {replicationState: 'unknown'}}}),
      ['streaming'],
      ['failover'],
    ],
    [
      'the monitor, R19: the only standby is on its machine',
      'pg_monitor',
      cluster({streaming: [3]}),
      [],
      ['machine', 'failover'],
    ],
    [
      'the monitor while a node moves',
      'pg_monitor',
      cluster({nodes: {2: {assignedState: 'catchingup'}}}),
      ['no-change'],
      ['failover'],
    ],
    ['the monitor that does not answer', 'pg_monitor', withoutMonitor(cluster()), [], ['failover']],
    [
      'the monitor that does not answer, R19',
      'pg_monitor',
      withoutMonitor(cluster({streaming: []})),
      ['streaming'],
      ['failover'],
    ],
  ]);
});

describe('guards of a stop of a container', () => {
  nodeAway(containerStop);
  table(containerStop, [
    ['a node without the monitor (R19)', 'pg_node2', withoutMonitor(cluster()), ['monitor']],
    ['the monitor', 'pg_monitor', cluster(), [], ['failover']],
    ['the monitor, R19: no standby streams', 'pg_monitor', cluster({streaming: []}), ['streaming'], ['failover']],
  ]);

  it('says what a stop of the primary costs, and what a switchover would', () => {
    expect(evidenceOf(containerStop, {node: 'pg_node1'}, cluster(), 'outage')).toContain('50 s (R02)');
  });
});

describe('guards of a start of a container', () => {
  const down = {hosts: {2: containerOf('pg_node2', {state: 'exited'})}, nodes: {2: dead(60)}} satisfies Changes;
  const all = {1: silentForLong, 2: silentForLong, 3: silentForLong};
  const restarting = (id: number): Partial<HostSnapshot> => ({
    ...postgresDown,
    ...containerOf(`pg_node${id}`, {state: 'restarting'}),
  });
  table(containerStart, [
    ['a standby', 'pg_node2', cluster(down), []],
    ['R59: a node without the monitor', 'pg_node2', withoutMonitor(cluster(down)), ['monitor']],
    [
      'R15: a node that was dropped',
      'pg_node2',
      cluster({...down, nodes: {2: {assignedState: 'dropped'}}}),
      ['registered'],
    ],
    [
      'R57: a standby before the last primary, all of them down',
      'pg_node2',
      cluster({...down, nodes: all}),
      ['cold-start'],
    ],
    ['R57: the last primary first', 'pg_node1', cluster({...down, nodes: all}), []],
    [
      'R05: the standby that an election waits for',
      'pg_node2',
      cluster({
        ...down,
        nodes: {
          1: {...silentForLong, assignedState: 'draining'},
          2: silentForLong,
          3: {reportedState: 'report_lsn', assignedState: 'report_lsn'},
        },
      }),
      [],
    ],
    ['the monitor', 'pg_monitor', withoutMonitor(cluster()), []],
    [
      'the monitor, R57: nodes wait for it and would start together',
      'pg_monitor',
      withoutMonitor(cluster({hosts: {1: restarting(1), 2: restarting(2), 3: postgresDown}, streaming: null})),
      [],
      ['cold-start'],
    ],
  ]);
});

describe('whether a container can be told', () => {
  it.each<[ActionKind, Request, Changes, string]>([
    [containerStart, {node: 'pg_node2'}, {}, 'pg_node2 is running'],
    [containerStop, {node: 'pg_node2'}, {hosts: {2: containerOf('pg_node2', {state: 'exited'})}}, 'pg_node2 is exited'],
    [
      containerRestart,
      {node: 'pg_node2'},
      {hosts: {2: containerOf('pg_node2', {state: 'exited'})}},
      'pg_node2 is exited',
    ],
    [
      containerRestart,
      {node: 'pg_node2'},
      {hosts: {2: containerOf('another', {})}},
      'docker on vm2 shows no container pg_node2',
    ],
    [
      containerRestart,
      {node: 'pg_node2'},
      {hosts: {2: {link: {error: bad('timeout', 'no').problem, at, source: 'ssh'}}}},
      'vm2 is not reachable',
    ],
    [containerRestart, {node: 'nobody'}, {}, 'no container of nobody is in the configuration'],
    [restart, {node: 'pg_node2'}, {nodes: {2: maintenance}}, 'it is in maintenance: its keeper leaves Postgres alone'],
    [
      restart,
      {node: 'pg_node2'},
      {hosts: {2: containerOf('pg_node2', {state: 'exited'})}},
      'its container does not run',
    ],
    [
      reload,
      {node: 'pg_node2'},
      {hosts: {2: containerOf('pg_node2', {state: 'exited'})}},
      'its container does not run',
    ],
  ])('$0.id $1: $3', (kind, request, changes, reason) => {
    expect(kind.of(request).available(situationOf(cluster(changes)))).toEqual({available: false, reason});
  });

  it('can be, of the monitor that is down', () => {
    const of = withoutMonitor(cluster({hosts: {3: containerOf('pg_monitor', {state: 'exited'})}}));
    expect(containerStart.of({node: 'pg_monitor'}).available(situationOf(of)).available).toBe(true);
  });
});

describe('the plan', () => {
  it.each<[ActionKind, string, string[]]>([
    [
      restart,
      'pg_node2',
      ['docker', 'exec', '-e', 'PG_AUTOCTL_DEBUG=1', 'pg_node2', 'pg_autoctl', 'do', 'service', 'restart', 'postgres'],
    ],
    [reload, 'pg_node2', ['docker', 'exec', 'pg_node2', 'pg_autoctl', 'reload']],
    [containerRestart, 'pg_monitor', ['docker', 'restart', '-t', '60', 'pg_monitor']],
    [containerStart, 'pg_node2', ['docker', 'start', 'pg_node2']],
    [containerStop, 'pg_node2', ['docker', 'stop', '-t', '60', 'pg_node2']],
  ])('$0.id $1 is one command', (kind, node, argv) => {
    expect(
      kind
        .of({node})
        .plan(situationOf(cluster()))
        .steps.map(step => step.argv),
    ).toEqual([argv]);
  });
});

describe('a restarted container', () => {
  const before = situationOf(cluster());
  const again = {id: 'pg_node20123456789abcdef', startedAt: at - 9000};
  const postgres = (more: Partial<PostgresReading>): Partial<HostSnapshot> => ({
    postgres: {value: postgresReading(2, more), at: at - 100, source: 'psql'},
  });
  const settled = {...containerOf('pg_node2', again), ...postgres({startedAt: at - 6000})};

  it.each<[string, Changes, string]>([
    ['not restarted', {}, 'unchanged'],
    ['another container', {hosts: {2: {...settled, ...containerOf('pg_node2', {...again, id: 'new'})}}}, 'unchanged'],
    [
      'in a restart loop (R59)',
      {hosts: {2: {...settled, ...containerOf('pg_node2', {...again, state: 'restarting'})}}},
      'pending',
    ],
    ['Postgres is not up', {hosts: {2: {...settled, ...postgresDown}}}, 'pending'],
    [
      'Postgres is just up: the monitor may still elect',
      {hosts: {2: {...settled, ...postgres({startedAt: at - 1000})}}},
      'pending',
    ],
    [
      'catching up',
      {hosts: {2: settled}, nodes: {2: {reportedState: 'catchingup', assignedState: 'catchingup'}}},
      'pending',
    ],
    ['on its way', {hosts: {2: settled}, nodes: {2: {reportedState: 'catchingup'}}}, 'pending'],
    ['its keeper is silent', {hosts: {2: settled}, nodes: {2: {reportAgeSeconds: 9}}}, 'pending'],
    ['not healthy yet', {hosts: {2: settled}, nodes: {2: {health: 'bad'}}}, 'pending'],
    ['secondary again', {hosts: {2: settled}}, 'done'],
    [
      'in maintenance, where Postgres stays down (R47)',
      {hosts: {2: {...settled, ...postgresDown}}, nodes: {2: {...maintenance, health: 'bad', postgresRunning: false}}},
      'done',
    ],
  ])('is verified by docker, psql and the monitor: %s', (_, changes, state) => {
    const now = situationOf(cluster(changes));
    expect(containerRestart.of({node: 'pg_node2'}).verify(before, now, []).state).toBe(state);
  });

  it.each<[string, number, Changes, string]>([
    ['the same', 86_400, {}, 'pending'],
    ['another, that has not heard a node', 5, {nodes: {2: {reportAgeSeconds: 7}}}, 'pending'],
    ['another', 5, {}, 'done'],
  ])(
    'of the monitor is done when its Postgres is another one, and has heard all: %s',
    (_, uptimeSeconds, changes, state) => {
      const of = cluster({...changes, hosts: {3: containerOf('pg_monitor', {startedAt: at - 9000})}});
      const reading = of.monitor !== undefined && 'value' in of.monitor ? of.monitor.value : undefined;
      if (reading === undefined) throw new Error('the example has a reading');
      const seen = {...of, monitor: {value: {...reading, uptimeSeconds}, at: at - 100, source: 'monitor'}};
      expect(containerRestart.of({node: 'pg_monitor'}).verify(before, situationOf(seen), []).state).toBe(state);
    },
  );
});

describe('a stopped container', () => {
  const stopped = (id: number) => ({hosts: {[id]: containerOf(`pg_node${id}`, {state: 'exited'})}});
  const before = situationOf(cluster());

  it.each<[string, number, Changes, string]>([
    ['still running', 2, {}, 'unchanged'],
    ['a standby', 2, stopped(2), 'done'],
    ['the primary, before the monitor has noticed', 1, stopped(1), 'pending'],
    ['the primary, while others elect', 1, {...stopped(1), nodes: {1: {assignedState: 'draining'}}}, 'pending'],
    [
      'the primary, and another one is it',
      1,
      {...stopped(1), nodes: {1: {assignedState: 'demoted'}, 2: {reportedState: 'primary', assignedState: 'primary'}}},
      'done',
    ],
  ])('%s', (_, id, changes, state) => {
    const action = containerStop.of({node: `pg_node${id}`});
    expect(action.verify(before, situationOf(cluster(changes)), []).state).toBe(state);
  });

  it('can be started again', () => {
    expect(containerStop.of({node: 'pg_node2'}).undo?.(before)).toEqual({
      kind: containerStart.id,
      request: {node: 'pg_node2'},
    });
  });
});
