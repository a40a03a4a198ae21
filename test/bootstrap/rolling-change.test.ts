import {describe, expect, test} from 'vitest';
import {openAction} from '../../source/actions/action-run.ts';
import type {Renewal} from '../../source/bootstrap/renewals.ts';
import {rollingChange} from '../../source/bootstrap/rolling-change.ts';
import {type Changes, cluster, dead, situationOf} from '../actions/situation.ts';
import {container} from '../snapshots/snapshot.ts';
import {hosts, madeHost, orders} from './fixtures.ts';

const surveys = hosts.map(madeHost);
const all = ['pg_monitor', 'pg_node2', 'pg_node3', 'pg_node1'].map(renewal);

function renewal(name: string): Renewal {
  const id = container(name).id;
  return {
    host: name === 'pg_monitor' ? 'vm3' : `vm${name.at(-1)}`,
    container: name,
    id,
    reason: 'its mem_limit changed',
  };
}

function opened(renewals: readonly Renewal[], changes: Changes = {}) {
  return openAction(rollingChange(orders, renewals, surveys), situationOf(cluster(changes)));
}

function commands(renewals: readonly Renewal[]): readonly string[] {
  return opened(renewals).plan.steps.map(step => step.argv.slice(-4).join(' '));
}

const anew = (name: string) => `-d --no-deps --force-recreate ${name}`;
const inMaintenance = (name: string) => [
  `${name} pg_autoctl enable maintenance`,
  anew(name),
  `${name} pg_autoctl disable maintenance`,
];

describe('a rolling change', () => {
  test('takes the monitor first, then the standbys, and the primary after a switchover', () => {
    expect(commands(all)).toEqual([
      anew('pg_monitor'),
      ...inMaintenance('pg_node2'),
      ...inMaintenance('pg_node3'),
      '--formation default --name pg_node2',
      ...inMaintenance('pg_node1'),
    ]);
  });

  test('touches only what has to be made anew, and switches over only for the primary', () => {
    expect(commands([renewal('pg_node3')])).toEqual(inMaintenance('pg_node3'));
    expect(opened([renewal('pg_node3')]).plan.meaning).toContain('no switchover is needed: writes go on');
    expect(opened([renewal('pg_node1')]).plan.meaning.join()).toContain('3 s without a writable primary');
  });

  test('says why each is made anew, and calls Compose on its file', () => {
    const step = opened(all).plan.steps[0];
    expect(step?.title).toBe('pg_monitor anew: its mem_limit changed');
    expect(step?.argv.join(' ')).toBe(
      'docker compose -p orders --project-directory /opt/pgaf -f /opt/pgaf/docker-compose.yml up -d --no-deps --force-recreate pg_monitor',
    );
  });

  test('leaves out what another run has made anew', () => {
    const {plan} = opened(all);
    const others = cluster({hosts: {2: {containers: containers('pg_node2')}}});
    const held = plan.steps.filter(step => step.holds?.(situationOf(others)) === true);
    expect(held.map(step => step.argv.slice(-4).join(' '))).toEqual(inMaintenance('pg_node2'));
  });

  test.each<[string, Changes, readonly string[]]>([
    ['of a healthy cluster passes', {}, []],
    ['is refused with a dead standby', {nodes: {2: dead(12)}, streaming: [3]}, ['quorum-pg_node2']],
    [
      'is refused while something moves (R55)',
      {nodes: {2: {assignedState: 'catchingup'}}},
      ['quorum-pg_node2', 'no-change'],
    ],
    [
      'is refused when nobody streams: the monitor is the only other thing that keeps the primary up (R19)',
      {streaming: []},
      ['streaming'],
    ],
  ])('%s', (_, changes, expected) => {
    const failed = opened(all, changes).checks.filter(check => check.result === 'fail');
    expect(new Set(failed.map(check => check.id))).toEqual(new Set(expected));
  });
});

function containers(name: string) {
  return {value: [container(name, {id: 'another'})], at: 0, source: 'docker'};
}
