import {describe, expect, it} from 'vitest';
import {drop} from '../../source/actions/drop.ts';
import {reclone} from '../../source/actions/reclone.ts';
import {rejoin} from '../../source/actions/rejoin.ts';
import {current} from '../../source/cluster/sample.ts';
import type {Container, ContainerMaking, HostSnapshot, Snapshot} from '../../source/cluster/snapshot.ts';
import {at, container, withNodes} from '../snapshots/snapshot.ts';
import {type Changes, checksOf, cluster, dead, evidenceOf, situationOf} from './situation.ts';

const waitPrimary = {reportedState: 'wait_primary', assignedState: 'wait_primary'} as const;
const away: Partial<HostSnapshot> = {
  link: {error: {kind: 'timeout', message: 'timed out', remedy: ''}, at, source: 'ssh vm3'},
  containers: undefined,
};

describe('dropping a node', () => {
  it('is open to a healthy standby beside another, and says that number-sync-standbys is lowered', () => {
    expect(checksOf(drop, {node: 'pg_node3'}, cluster())).toEqual({failed: [], warned: []});
    expect(planOf({}).meaning.join()).toContain('number-sync-standbys, now 1, is lowered');
  });

  it.each<[string, Changes, string]>([
    ['it is the primary', {}, 'not-primary'],
    ['it is being promoted', {nodes: {1: {assignedState: 'draining'}}}, 'not-primary'],
    [
      'it was the primary, and no other is yet (R20)',
      {nodes: {1: {...dead(40), assignedState: 'demoted'}, 2: {assignedState: 'report_lsn'}}},
      'not-primary',
    ],
  ])('is refused for good when %s', (_, changes, id) => {
    const {failed} = checksOf(drop, {node: 'pg_node1', options: ['lost']}, cluster(changes));
    expect(failed).toContain(id);
    const check = drop
      .of({node: 'pg_node1'})
      .preflight(situationOf(cluster(changes)))
      .find(each => each.id === id);
    expect(check?.absolute).toBe(true);
  });

  it('is open to an old primary that a failover replaced, with the warning that it may still write', () => {
    const of = cluster({
      nodes: {
        1: {...dead(90), assignedState: 'demoted'},
        2: {reportedState: 'primary', assignedState: 'primary', timeline: 6},
        3: {timeline: 6},
      },
      streaming: null,
      hosts: {2: {postgres: undefined}},
    });
    const checks = checksOf(drop, {node: 'pg_node1'}, of);
    expect(checks.failed).toEqual([]);
    expect(checks.warned).toContain('not-primary');
  });

  it.each<[string, Changes, string[]]>([
    ['the other standby is dead', {nodes: {2: dead(12)}, streaming: [3]}, ['last']],
    ['the other standby does not stream (R30)', {streaming: [3]}, ['last']],
    ['both standbys are dead (R04)', {nodes: {2: dead(30), 3: dead(30)}, streaming: []}, ['last', 'no-change']],
    ['nobody is the primary (R05)', {nodes: {1: {...dead(30), assignedState: 'draining'}}}, ['primary', 'no-change']],
    ['another node is on its way (R13)', {nodes: {2: {assignedState: 'catchingup'}}}, ['last', 'no-change']],
    ['the primary is silent', {nodes: {1: {reportAgeSeconds: 9}}}, ['primary']],
  ])('is refused when %s', (_, changes, ids) => {
    const checks = checksOf(drop, {node: 'pg_node3'}, cluster(changes));
    expect(new Set(checks.failed)).toEqual(new Set(ids));
  });

  it('is open to a dead standby of a primary that waits for none', () => {
    const of = cluster({nodes: {1: waitPrimary, 2: dead(90), 3: dead(90)}, streaming: [], numberSyncStandbys: 0});
    expect(checksOf(drop, {node: 'pg_node3'}, of).failed).toEqual(['no-change']);
  });

  it('of a group of two leaves the primary alone only when the standby is dead already', () => {
    const two = (of: Snapshot) => ({...of, monitor: withoutNode(of, 3)});
    expect(checksOf(drop, {node: 'pg_node2'}, two(cluster())).failed).toEqual(['last']);
    expect(checksOf(drop, {node: 'pg_node2'}, two(cluster({nodes: {2: dead(60)}, streaming: []}))).failed).toEqual([]);
  });

  it('warns when the container cannot be kept down, with the commands for its host (R15)', () => {
    const of = cluster({nodes: {3: dead(30)}, hosts: {3: away}});
    expect(checksOf(drop, {node: 'pg_node3'}, of).warned).toEqual(['stays-down', 'takes-note']);
    expect(evidenceOf(drop, {node: 'pg_node3'}, of, 'stays-down')).toContain('docker update --restart=no pg_node3');
  });

  it('keeps docker from bringing it back before it is dropped, and stops it afterwards', () => {
    expect(planOf({}).steps.map(step => step.argv.slice(1).join(' '))).toEqual([
      'update --restart=no pg_node3',
      'exec pg_monitor pg_autoctl drop node --formation default --name pg_node3 --wait 60',
      'stop -t 60 pg_node3',
    ]);
    expect(planOf({nodes: {3: dead(30)}, hosts: {3: away}}).steps).toHaveLength(1);
    expect(planOf({nodes: {3: dead(30)}}).steps[0]?.argv).toContain('0');
  });

  function planOf(changes: Changes) {
    return drop.of({node: 'pg_node3'}).plan(situationOf(cluster(changes)));
  }
});

describe('dropping a node that is lost (R38)', () => {
  const lost = {node: 'pg_node3', options: ['lost']};

  it.each<[string, Changes, string[]]>([
    ['it has reported a minute ago at most', {nodes: {3: dead(45)}, hosts: {3: away}}, ['silent']],
    ['its container runs where it can be reached', {nodes: {3: dead(70)}}, ['lost']],
    [
      'an election may need its row (R20)',
      {
        nodes: {1: {...dead(70), assignedState: 'demoted'}, 3: {...dead(70), assignedState: 'dropped'}},
        hosts: {3: away},
      },
      ['primary', 'no-change'],
    ],
  ])('is refused when %s', (_, changes, ids) => {
    expect(checksOf(drop, lost, cluster(changes)).failed).toEqual(ids);
  });

  it.each<[string, Changes]>([
    ['its machine is out of reach', {nodes: {3: dead(70)}, hosts: {3: away}}],
    ['its container does not run', {nodes: {3: dead(70)}, hosts: {3: containers({state: 'exited'})}}],
    [
      'its machine has an empty disk',
      {nodes: {3: dead(70)}, hosts: {3: {containers: {value: [], at, source: 'docker vm3'}}}},
    ],
    ['its row is marked as dropped', {nodes: {3: {...dead(70), assignedState: 'dropped'}}}],
  ])('is open when %s', (_, changes) => {
    expect(checksOf(drop, lost, cluster(changes)).failed).toEqual([]);
  });
});

describe('rejoining', () => {
  const request = {node: 'pg_node3'};
  const gone = (changes: Changes = {}, more: Partial<Container> = {}) => {
    const of = cluster({...changes, hosts: {3: containers({state: 'exited', making: making('create'), ...more})}});
    return {...of, monitor: withoutNode(of, 3)};
  };

  it.each<[string, Snapshot, string | undefined]>([
    ['a dropped node', gone(), undefined],
    ['a node that is there', cluster(), 'pg_node3 is in the cluster: it is secondary'],
    ['a row that is left', cluster({nodes: {3: {assignedState: 'dropped'}}}), 'the monitor still has pg_node3'],
    ['no container', {...gone(), hosts: [...gone().hosts.slice(0, 2), without3()]}, 'docker has no container pg_node3'],
  ])('of %s', (_, of, reason) => {
    const available = rejoin.of(request).available(situationOf(of));
    expect(available.available ? undefined : available.reason).toEqual(
      reason === undefined ? undefined : expect.stringContaining(reason),
    );
  });

  it.each<[string, Snapshot, string[]]>([
    ['a container that creates', gone(), []],
    ['a container that runs', gone({}, {making: making('run')}), []],
    ['a script of its own', gone({}, {making: making('other')}), ['command']],
    ['no primary (R39)', gone({nodes: {1: {assignedState: 'draining'}}}), ['primary']],
    ['a primary that is silent (R39)', gone({nodes: {1: {reportAgeSeconds: 30}}}), ['primary']],
  ])('with %s', (_, of, ids) => {
    expect(checksOf(rejoin, request, of).failed).toEqual(ids);
  });

  it('registers the node first where the container would refuse to start (R15)', () => {
    const commands = (of: Snapshot) =>
      rejoin
        .of(request)
        .plan(situationOf(of))
        .steps.map(step => step.argv[1]);
    expect(commands(gone())).toEqual(['update', 'start']);
    expect(commands(gone({}, {making: making('run')}))).toEqual(['run', 'update', 'start']);
    expect(commands(gone({}, {state: 'restarting', making: making('run')}))).toEqual([
      'stop',
      'run',
      'update',
      'start',
    ]);
  });

  function without3(): HostSnapshot {
    const of = gone().hosts[2];
    if (of === undefined) throw new Error('there are three');
    return {...of, containers: {value: [container('pg_monitor')], at, source: 'docker'}};
  }
});

describe('re-cloning', () => {
  const request = {node: 'pg_node3'};
  const of = (changes: Changes, more: Partial<Container> = {}) =>
    cluster({hosts: {3: containers({making: making('create'), ...more})}, ...changes});

  it.each<[string, Snapshot, string[]]>([
    ['a standby beside a healthy one', of({}), []],
    ['the last healthy standby', of({nodes: {2: dead(12)}, streaming: [3]}), ['last']],
    ['no primary to copy from', of({nodes: {1: {assignedState: 'draining'}}}), ['primary', 'primary', 'no-change']],
    ['a script of its own', of({}, {making: making('other')}), ['command']],
    [
      'a data directory that is not known',
      of({}, {making: {...making('create'), dataDirectory: undefined}}),
      ['directory'],
    ],
  ])('of %s', (_, snapshotOf, ids) => {
    expect(new Set(checksOf(reclone, request, snapshotOf).failed)).toEqual(new Set(ids));
  });

  it('never touches the primary, not even when forced', () => {
    const checks = reclone
      .of({node: 'pg_node1'})
      .preflight(situationOf(of({hosts: {1: containers({making: making('create')}, 1)}})));
    expect(checks.find(check => check.id === 'not-primary')).toMatchObject({result: 'fail', absolute: true});
  });

  it('deletes the data of a stopped container that the monitor does not know, and only then', () => {
    const step = reclone
      .of(request)
      .plan(situationOf(of({})))
      .steps.find(each => each.argv.includes('find'));
    const failed = (snapshotOf: Snapshot) =>
      step
        ?.preflight?.(situationOf(snapshotOf))
        .filter(check => check.result === 'fail')
        .map(check => check.id);
    expect(failed(of({}))).toEqual(['gone', 'stopped']);
    const stopped = of({}, {state: 'exited'});
    expect(failed({...stopped, monitor: withoutNode(stopped, 3)})).toEqual([]);
    const headless = of({nodes: {1: {assignedState: 'draining'}}}, {state: 'exited'});
    expect(failed({...headless, monitor: withoutNode(headless, 3)})).toEqual(['primary']);
  });
});

function making(command: ContainerMaking['command']): ContainerMaking {
  return {command, dataDirectory: '/var/lib/postgres/pgaf', network: 'host'};
}

function containers(more: Partial<Container>, id = 3): Partial<HostSnapshot> {
  const others = id === 3 ? [container('pg_monitor')] : [];
  return {containers: {value: [container(`pg_node${id}`, more), ...others], at: at - 800, source: 'docker'}};
}

function withoutNode(of: Snapshot, id: number): Snapshot['monitor'] {
  const reading = current(of.monitor);
  if (reading === undefined) return of.monitor;
  const nodes = reading.nodes.filter(node => node.id !== id);
  return withNodes(nodes, {formation: reading.formation}).monitor;
}
