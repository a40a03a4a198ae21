import {describe, expect, it} from 'vitest';
import type {ActionKind, Request} from '../../source/actions/action.ts';
import {setPriority} from '../../source/actions/set-priority.ts';
import {setQuorum} from '../../source/actions/set-quorum.ts';
import {setSyncStandbys} from '../../source/actions/set-sync-standbys.ts';
import {type Changes, checksOf, cluster, dead, evidenceOf, situationOf} from './situation.ts';

const stuck = {reportedState: 'apply_settings', stateAgeSeconds: 40} as const;
const reporting = {reportedState: 'report_lsn', assignedState: 'report_lsn', stateAgeSeconds: 40} as const;
const waiting = {reportedState: 'wait_primary', assignedState: 'wait_primary', replicationState: 'unknown'} as const;
const maintenance = {reportedState: 'maintenance', assignedState: 'maintenance'} as const;

function zeroPriorities(state: object): Changes {
  const node = {...state, candidatePriority: 0};
  return {nodes: {1: {...node, candidatePriority: -101}, 2: node, 3: node}, streaming: null};
}

type Case = [what: string, request: Request, changes: Changes, failed: string[], warned?: string[]];

function table(kind: ActionKind, cases: readonly Case[]): void {
  it.each(cases)('%s', (_, request, changes, failed, warned = []) => {
    expect(checksOf(kind, request, cluster(changes))).toEqual({failed, warned});
  });
}

describe('guards of a candidate priority', () => {
  const request = {node: 'pg_node2', value: '90'};
  table(setPriority, [
    ['passes on a healthy cluster', request, {}, []],
    ['passes where only the monitor can be asked', request, {streaming: null}, []],
    [
      '0 for all is warned of',
      {node: 'pg_node2', value: '0'},
      {nodes: {3: {candidatePriority: 0}}},
      [],
      ['candidates'],
    ],
    ['0 for one of two is fine', {node: 'pg_node2', value: '0'}, {}, []],
    ['with one standby dead the other acknowledges', request, {nodes: {3: dead(10)}, streaming: [2]}, []],
    ['R13: the primary is on its way', request, {nodes: {1: {assignedState: 'draining'}, 2: {}}}, ['election']],
    ['R13: a setting is being applied', request, {nodes: {1: {...stuck, stateAgeSeconds: 1}}}, ['primary']],
    ['the primary is silent', request, {nodes: {1: {reportAgeSeconds: 9}}}, ['primary']],
    ['R04: no quorum standby streams', request, {nodes: {2: dead(30), 3: dead(30)}, streaming: []}, ['acknowledged']],
    ['R04: both are cut off, unseen by the monitor', request, {streaming: []}, ['acknowledged']],
    [
      'R04: asynchronous, but dead ones are still counted',
      request,
      {numberSyncStandbys: 0, nodes: {2: dead(10), 3: dead(10)}, streaming: []},
      ['acknowledged'],
    ],
    [
      'asynchronous with dead ones given up: nothing waits',
      request,
      {numberSyncStandbys: 0, nodes: {1: waiting, 2: dead(30), 3: dead(30)}, streaming: []},
      [],
    ],
    [
      'R04 escape: stuck, asynchronous, and the dead ones are silent',
      {node: 'pg_node2', value: '50'},
      {
        numberSyncStandbys: 0,
        nodes: {1: stuck, 2: {...dead(30), assignedState: 'secondary'}, 3: {...dead(30), assignedState: 'secondary'}},
        streaming: [],
      },
      [],
    ],
    [
      'R04: stuck, and a dead one still counts',
      {node: 'pg_node2', value: '50'},
      {numberSyncStandbys: 0, nodes: {1: stuck, 2: dead(12), 3: dead(12)}, streaming: []},
      ['primary'],
    ],
    [
      'R04: stuck, and number-sync-standbys keeps it so',
      {node: 'pg_node2', value: '50'},
      {nodes: {1: stuck, 2: dead(30), 3: dead(30)}, streaming: []},
      ['primary'],
    ],
    ['R08 escape: nobody may be chosen', {node: 'pg_node2', value: '50'}, zeroPriorities(reporting), []],
    ['R08: 0 changes nothing', {node: 'pg_node2', value: '0'}, zeroPriorities(reporting), ['election']],
    [
      'R08: a node that has not reported its LSN',
      {node: 'pg_node2', value: '50'},
      zeroPriorities({...reporting, reportedState: 'secondary'}),
      ['election'],
    ],
    [
      'R05: an election that waits for something else',
      request,
      {nodes: {1: {...reporting, candidatePriority: -51}, 2: reporting, 3: {...reporting, reportedState: 'secondary'}}},
      ['election'],
    ],
  ]);

  it('says what frees a primary that is stuck while number-sync-standbys is 1', () => {
    const of = cluster({nodes: {1: stuck, 2: dead(30), 3: dead(30)}, streaming: []});
    const said = evidenceOf(setPriority, {node: 'pg_node2', value: '50'}, of, 'primary');
    expect(said).toContain('start pg_node2 or pg_node3, which frees it at once');
  });

  it('names the escape where another setting is refused because the primary is stuck', () => {
    const of = cluster({numberSyncStandbys: 0, nodes: {1: stuck}});
    expect(evidenceOf(setSyncStandbys, {value: '1'}, of, 'primary')).toContain('(R04)');
  });
});

describe('guards of the replication quorum', () => {
  const [on, off] = ['on', 'off'].map(value => ({node: 'pg_node3', value}));
  const out = {replicationQuorum: false};
  table(setQuorum, [
    [
      'off: the monitor would refuse with one left and number-sync-standbys 1',
      {...off},
      {},
      ['quorum'],
      ['redundancy'],
    ],
    ['off: allowed with number-sync-standbys 0', {...off}, {numberSyncStandbys: 0}, []],
    ['off: the last one of the quorum', {...off}, {numberSyncStandbys: 0, nodes: {2: out}}, [], ['redundancy']],
    [
      'off, R04: the one that is left is dead and counted',
      {...off},
      {numberSyncStandbys: 0, nodes: {2: dead(10)}, streaming: [3]},
      ['acknowledged'],
      ['redundancy'],
    ],
    ['on: a healthy secondary joins', {...on}, {nodes: {3: out}}, []],
    [
      'on, R07: a dead one would block elections',
      {...on},
      {nodes: {3: {...out, ...dead(30)}}, streaming: [2]},
      ['target'],
    ],
    ['on, R54: it is not secondary yet', {...on}, {nodes: {3: {...out, reportedState: 'catchingup'}}}, ['target']],
    ['on: the primary, for when it is a standby', {node: 'pg_node1', value: 'on'}, {nodes: {1: out}}, []],
    [
      'no primary',
      {...on},
      {nodes: {1: reporting, 2: reporting, 3: {...reporting, ...out}}},
      ['primary', 'acknowledged', 'target'],
    ],
  ]);
});

describe('guards of number-sync-standbys', () => {
  const zero = {value: '0'};
  const two = {value: '2'};
  const one = {value: '1'};
  table(setSyncStandbys, [
    ['0 on a healthy cluster warns of what a failover may lose', zero, {}, [], ['asynchronous']],
    [
      'R03: 0 too early, both standbys dead for 10 s and still counted',
      zero,
      {nodes: {2: dead(10), 3: dead(10)}, streaming: []},
      ['counted-pg_node2', 'counted-pg_node3', 'acknowledged'],
      ['asynchronous'],
    ],
    [
      'R03: 0 in time, both assigned catchingup',
      zero,
      {nodes: {2: dead(30), 3: dead(30)}, streaming: []},
      [],
      ['asynchronous'],
    ],
    ['R30: cut off, unseen by the monitor', zero, {streaming: [2]}, ['counted-pg_node3'], ['asynchronous']],
    [
      'R30: cut off and in maintenance',
      zero,
      {nodes: {2: maintenance, 3: maintenance}, streaming: []},
      [],
      ['asynchronous'],
    ],
    ['1 back, with both healthy', one, {numberSyncStandbys: 0}, []],
    ['1 back, from wait_primary', one, {numberSyncStandbys: 0, nodes: {1: waiting}}, []],
    [
      '1, with one dead: the server would take it',
      one,
      {numberSyncStandbys: 0, nodes: {3: dead(30)}, streaming: [2]},
      ['healthy'],
    ],
    [
      '1, R04: with both dead',
      one,
      {numberSyncStandbys: 0, nodes: {1: waiting, 2: dead(30), 3: dead(30)}, streaming: []},
      ['healthy', 'acknowledged'],
    ],
    ['2 of two: none may fail', two, {}, ['healthy']],
    [
      'R13: the primary is on its way',
      zero,
      {nodes: {1: {reportedState: 'apply_settings'}}},
      ['primary'],
      ['asynchronous'],
    ],
  ]);

  it('says for which standby to wait, and which the monitor will never give up', () => {
    const early = cluster({nodes: {2: dead(10), 3: dead(10)}, streaming: []});
    expect(evidenceOf(setSyncStandbys, zero, early, 'counted-pg_node2')).toContain(
      'Wait until it is assigned catchingup',
    );
    const cut = cluster({streaming: [2]});
    expect(evidenceOf(setSyncStandbys, zero, cut, 'counted-pg_node3')).toContain(':maintenance on pg_node3');
  });

  it('asks for more when commits may be lost from then on', () => {
    expect(setSyncStandbys.of(zero).tier).toBe('service');
    expect(setSyncStandbys.of(one).tier).toBe('reversible');
  });
});

describe('whether a setting can be changed at all', () => {
  it.each<[ActionKind, Request, string]>([
    [setPriority, {node: 'pg_node2', value: '101'}, 'a candidate priority is a number from 0 to 100'],
    [setPriority, {node: 'pg_node2', value: '-1'}, 'a candidate priority is a number from 0 to 100'],
    [setPriority, {node: 'pg_node2'}, 'a candidate priority is a number from 0 to 100'],
    [setPriority, {node: 'pg_node2', value: '50'}, 'it is 50 already'],
    [setPriority, {node: 'pg_node9', value: '50'}, 'the monitor knows no node pg_node9'],
    [setQuorum, {node: 'pg_node2', value: 'on'}, 'it is on already'],
    [setQuorum, {node: 'pg_node2'}, 'replication quorum is on or off'],
    [setSyncStandbys, {value: '1'}, 'it is 1 already'],
    [setSyncStandbys, {value: '-1'}, 'number-sync-standbys is a number from 0 up'],
  ])('$0.id $1: $2', (kind, request, reason) => {
    expect(kind.of(request).available(situationOf(cluster()))).toEqual({available: false, reason});
  });

  it('lets the present priority be set again where that is the way out (R04)', () => {
    const of = cluster({nodes: {1: stuck}, numberSyncStandbys: 0});
    expect(setPriority.of({node: 'pg_node2', value: '50'}).available(situationOf(of)).available).toBe(true);
  });

  it('lets what an election left behind be set (R50), which can not be taken back', () => {
    const of = situationOf(cluster({nodes: {2: {candidatePriority: -51}}}));
    const action = setPriority.of({node: 'pg_node2', value: '50'});
    expect(action.available(of).available).toBe(true);
    expect(action.plan(of).change).toEqual({what: 'candidate priority of pg_node2', from: '-51', to: '50'});
    expect(action.undo?.(of)).toBeUndefined();
  });
});

describe('a setting', () => {
  const cases: [ActionKind, Request, Changes, object][] = [
    [
      setPriority,
      {node: 'pg_node2', value: '90'},
      {nodes: {2: {candidatePriority: 70}}},
      {value: '70', node: 'pg_node2'},
    ],
    [
      setQuorum,
      {node: 'pg_node2', value: 'on'},
      {nodes: {2: {replicationQuorum: false}}},
      {value: 'off', node: 'pg_node2'},
    ],
    [setSyncStandbys, {value: '1'}, {numberSyncStandbys: 0}, {value: '0'}],
  ];

  it.each(cases)(
    '$0.id is refused when its value moved meanwhile, and has the old one as its undo',
    (kind, request, moved, old) => {
      const action = kind.of(request);
      expect(action.identity(situationOf(cluster(moved)))).not.toBe(action.identity(situationOf(cluster())));
      expect(action.undo?.(situationOf(cluster(moved)))).toEqual({kind: kind.id, request: old});
    },
  );

  it('is one call of the monitor with every name quoted', () => {
    const name = "o'node\\";
    const situation = situationOf(cluster({nodes: {2: {name}}}));
    const [step] = setPriority.of({node: name, value: '7'}).plan(situation).steps;
    expect(step?.argv.at(-1)).toBe("SELECT pgautofailover.set_node_candidate_priority('default', E'o''node\\\\', 7)");
    expect(step?.argv.slice(0, 4)).toEqual(['docker', 'exec', 'pg_monitor', 'psql']);
  });

  it.each<[string, Changes, string]>([
    ['not taken', {}, 'unchanged'],
    ['being applied', {nodes: {1: {assignedState: 'apply_settings'}, 2: {candidatePriority: 90}}}, 'pending'],
    [
      'applied by the keeper, not yet taken by the monitor',
      {nodes: {1: {reportedState: 'apply_settings'}, 2: {candidatePriority: 90}}},
      'pending',
    ],
    ['not in Postgres yet', {nodes: {2: {candidatePriority: 90}}, postgres: {synchronousStandbyNames: ''}}, 'pending'],
    ['applied', {nodes: {2: {candidatePriority: 90}}}, 'done'],
  ])('is verified on the monitor and on the primary: %s', (_, changes, state) => {
    const action = setPriority.of({node: 'pg_node2', value: '90'});
    const before = situationOf(cluster());
    expect(action.verify(before, situationOf(cluster(changes)), []).state).toBe(state);
  });
});
