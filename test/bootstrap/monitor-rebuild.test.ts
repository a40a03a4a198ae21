import {describe, expect, test} from 'vitest';
import {titleOf} from '../../source/bootstrap/apply.ts';
import type {HostSurvey} from '../../source/bootstrap/host-survey.ts';
import {downNodeChecks, nodesWithoutMonitor, rebuildChecks} from '../../source/bootstrap/monitor-rebuild.ts';
import {planBootstrap} from '../../source/bootstrap/plan.ts';
import type {HostSnapshot, MonitorReading, PostgresReading} from '../../source/cluster/snapshot.ts';
import {at, host as hostSnapshot, monitorNode, monitorReading, postgresReading} from '../snapshots/snapshot.ts';
import {bareHost, hosts, madeHost, orders} from './fixtures.ts';

const here = '10.0.0.13:6000/pg_auto_failover?sslmode=require';
const fresh = {
  monitorPassword: 'monitorMonitorMonitor',
  replicationPassword: 'replicationReplication',
  applicationPassword: 'application',
};

/** A host after its node was registered at a place; without the monitor's container. */
function orphaned(host: string, place: string, answers = false): HostSurvey {
  const made = madeHost(host);
  const containers = [...made.containers].filter(([name]) => name !== 'pg_monitor');
  return {
    ...made,
    containers: new Map(containers.map(([name, each]) => [name, {...each, registration: {place, answers}}])),
    volumes: new Map([
      ['pg_monitor', {exists: false, hasData: false, systemIdentifier: undefined, isOwn: false, isEmpty: true}],
    ]),
  };
}

/** The hosts as PostgreSQL there describes itself; node 2 takes the writes when nothing else is said. */
function postgres(more: Readonly<Record<number, Partial<PostgresReading> | undefined>> = {}): HostSnapshot[] {
  return [1, 2, 3].map(id => {
    const role: Partial<PostgresReading> =
      id === 2 ? {inRecovery: false, receiverStatus: undefined} : {inRecovery: true, receiverStatus: 'streaming'};
    const reading = id in more && more[id] === undefined ? undefined : postgresReading(id, {...role, ...more[id]});
    return hostSnapshot(id, {postgres: reading === undefined ? undefined : {value: reading, at, source: 'psql'}});
  });
}

function steps(surveys: readonly HostSurvey[], monitor?: MonitorReading, snapshots = postgres()) {
  const found = nodesWithoutMonitor(orders, surveys, monitor, snapshots);
  return planBootstrap(orders, surveys, monitor, new Map(), fresh, found).steps;
}

const lost = hosts.map(host => orphaned(host, here));

describe('a lost monitor', () => {
  test('is made anew between the nodes’ leaving and their registering, the primary last and then first', () => {
    expect(steps(lost).map(titleOf)).toEqual([
      'vm1: pg_node1 goes on without a monitor',
      'vm3: pg_node3 goes on without a monitor',
      'vm2: pg_node2 goes on without a monitor',
      'vm3: start pg_monitor',
      'vm2: register pg_node2 with pg_monitor',
      'vm1: register pg_node1 with pg_monitor',
      'vm3: register pg_node3 with pg_monitor',
      'number-sync-standbys: not known yet -> 1',
    ]);
  });

  test.each<[string, readonly HostSurvey[], MonitorReading | undefined, readonly string[]]>([
    [
      'while the nodes leave it',
      [orphaned('vm3', here), orphaned('vm1', 'disabled'), orphaned('vm2', here)],
      undefined,
      ['vm3: pg_node3 goes on without a monitor', 'vm2: pg_node2 goes on without a monitor', 'vm3: start pg_monitor'],
    ],
    [
      'before the first has registered',
      [{...madeHost('vm3'), ...disabledAt('vm3')}, orphaned('vm1', 'disabled'), orphaned('vm2', 'disabled')],
      monitorReading([]),
      ['vm2: register pg_node2 with pg_monitor', 'vm1: register pg_node1 with pg_monitor'],
    ],
    [
      'with the primary registered, and a standby whose own configuration does not say so yet',
      [{...madeHost('vm3'), ...disabledAt('vm3')}, orphaned('vm1', 'disabled'), orphaned('vm2', here, true)],
      monitorReading([
        monitorNode(8, {name: 'pg_node2', reportedState: 'wait_primary', assignedState: 'wait_primary'}),
        monitorNode(9, {name: 'pg_node1', reportedState: 'wait_standby', assignedState: 'wait_standby'}),
      ]),
      [
        'vm3: forget the half registration of pg_node1',
        'vm1: register pg_node1 with pg_monitor',
        'vm3: register pg_node3 with pg_monitor',
      ],
    ],
  ])('goes on where it was left: %s', (_, surveys, monitor, wanted) => {
    expect(steps(surveys, monitor).map(titleOf).slice(0, wanted.length)).toEqual(wanted);
  });

  test('after an interrupted change of the passwords gives all nodes the old ones, which the new monitor knows', () => {
    const cluster = {...orders, settings: {...orders.settings, authentication: 'scram-sha-256' as const}};
    const old = {monitorPassword: 'oldMonitorOldMonitor', replicationPassword: 'oldReplicationOldReplication'};
    const surveys = lost.map(survey => ({...survey, secrets: {...old, next: fresh}}));
    const found = nodesWithoutMonitor(cluster, surveys, undefined, postgres());
    const plan = planBootstrap(cluster, surveys, undefined, new Map(), fresh, found);
    const all = plan.steps.map(titleOf);
    expect(
      all.slice(all.indexOf('vm3: start pg_monitor'), all.indexOf('vm1: register pg_node1 with pg_monitor')),
    ).toEqual([
      'vm3: start pg_monitor',
      'vm3: set the password of autoctl_node',
      'vm2: set the password of pgautofailover_replicator',
      ...[1, 2, 3].map(id => `vm${id}: give pg_node${id} the passwords that the new monitor knows`),
      'vm2: register pg_node2 with pg_monitor',
    ]);
    const given = plan.steps.flatMap(step => (step.kind === 'password' ? [step.password] : []));
    expect(given).toEqual([old.monitorPassword, old.replicationPassword]);
  });

  test('copies a node anew whose machine was lost with it', () => {
    const vm3 = bareHost('vm3', {volumes: orphaned('vm3', here).volumes});
    const titles = steps([vm3, orphaned('vm1', here), orphaned('vm2', here)]).map(titleOf);
    expect(titles.slice(titles.indexOf('vm1: register pg_node1 with pg_monitor'))).toEqual([
      'vm1: register pg_node1 with pg_monitor',
      'vm3: start pg_node3',
      'number-sync-standbys: not known yet -> 1',
    ]);
  });

  test('that is to be on another host is stopped where it was first', () => {
    const [former] = madeHost('vm3').containers;
    if (former === undefined) throw new Error('vm3 has no container');
    const old = orphaned('vm1', '10.0.0.11:6000/pg_auto_failover?sslmode=require', true);
    const surveys = [
      orphaned('vm3', '10.0.0.11:6000/x', true),
      {...old, containers: new Map([...old.containers, former])},
      orphaned('vm2', '10.0.0.11:6000/x', true),
    ];
    expect(steps(surveys).map(titleOf).slice(0, 3)).toEqual([
      'vm1: keep pg_monitor down: it is to be on vm3',
      'vm1: stop pg_monitor',
      'vm1: pg_node1 goes on without a monitor',
    ]);
    expect(failures(surveys)).toEqual([]);
  });

  test('is not what another cluster calls its monitor on another host', () => {
    const [former] = madeHost('vm3').containers;
    if (former === undefined) throw new Error('vm3 has no container');
    const [name, container] = former;
    const vm1 = orphaned('vm1', here);
    const strange = {...vm1, containers: new Map([...vm1.containers, [name, {...container, project: 'billing'}]])};
    const titles = steps([orphaned('vm3', here), strange, orphaned('vm2', here)]).map(titleOf);
    expect(titles.filter(title => title.includes('stop'))).toEqual([]);
  });

  test.each<[string, readonly HostSurvey[], MonitorReading | undefined]>([
    ['answers and knows its nodes', hosts.map(madeHost), monitorReading()],
    ['is silent and has its data', hosts.map(registered), undefined],
    ['is on a host that cannot be reached', [bareHost('vm3'), orphaned('vm1', here), orphaned('vm2', here)], undefined],
    ['is new, and so is every node', hosts.map(host => bareHost(host)), undefined],
  ])('is none that %s', (_, surveys, monitor) => {
    expect(nodesWithoutMonitor(orders, surveys, monitor, postgres())).toEqual([]);
  });
});

function failures(
  surveys: readonly HostSurvey[],
  snapshots = postgres(),
  wanted = true,
): readonly (string | undefined)[] {
  const found = nodesWithoutMonitor(orders, surveys, undefined, snapshots);
  return rebuildChecks(orders, surveys, found, wanted)
    .filter(check => check.result === 'fail')
    .map(check => `${check.host}: ${check.evidence}`);
}

describe('the checks before a monitor is made anew', () => {
  test('want to be told: a plain bootstrap does not begin it', () => {
    expect(failures(lost)).toEqual([]);
    expect(failures(lost, postgres(), false)).toEqual(['vm3: it is lost: there is no data of it, and nodes run']);
  });

  test.each<[string, HostSnapshot[], readonly string[]]>([
    ['a node that does not answer', postgres({3: undefined}), ['vm3: it does not']],
    ['nobody who takes the writes', postgres({2: {inRecovery: true, receiverStatus: 'streaming'}}), ['vm3: none does']],
    [
      'two who take the writes',
      postgres({1: {inRecovery: false, receiverStatus: undefined}}),
      ['vm3: pg_node1 and pg_node2 do'],
    ],
    ['a standby with another history', postgres({1: {timeline: 4}}), ['vm1: it is on timeline 4, not 5']],
  ])('refuse %s', (_, snapshots, wanted) => {
    expect(failures(lost, snapshots)).toEqual(wanted);
  });

  test('refuse a monitor that answers where nobody can stop it', () => {
    const elsewhere = hosts.map(host => orphaned(host, '10.0.0.99:6000/pg_auto_failover', true));
    expect(failures(elsewhere)).toEqual(['vm3: one answers at 10.0.0.99:6000, on no host of the configuration']);
  });
});

describe('nodes that do not run while the monitor is lost', () => {
  const volume = {exists: true, hasData: true, isOwn: true, isEmpty: false, systemIdentifier: undefined, isMade: true};
  /** Its node is down, with or without its container. */
  const down = (host: string, withContainer: boolean): HostSurvey => {
    const {containers, volumes, ...survey} = orphaned(host, here);
    const container = `pg_node${host.at(-1)}`;
    const stopped = [...containers].map(([name, each]) => [name, {...each, state: 'exited'}] as const);
    return {
      ...survey,
      containers: new Map(withContainer ? stopped : []),
      volumes: new Map([...volumes, [container, volume]]),
    };
  };

  test.each<[string, readonly HostSurvey[], MonitorReading | undefined, readonly string[]]>([
    [
      'all of them stopped',
      hosts.map(host => down(host, true)),
      undefined,
      [1, 2, 3].map(id => `vm${id}: the monitor is lost, and the container of pg_node${id} is exited; its data is`),
    ],
    [
      'one of them without a container',
      [orphaned('vm3', here), down('vm1', false), orphaned('vm2', here)],
      undefined,
      ['vm1: the monitor is lost, and the container of pg_node1 is not there; its data is'],
    ],
    ['with the monitor there', hosts.map(host => down(host, true)), monitorReading(), []],
    [
      'beside a monitor that knows nobody',
      [orphaned('vm3', here), orphaned('vm1', here), down('vm2', true)],
      monitorReading([]),
      ['vm2: the monitor is lost, and the container of pg_node2 is exited; its data is'],
    ],
    ['none of them', lost, undefined, []],
  ])('have to be started first: %s', (_, surveys, monitor, wanted) => {
    const checks = downNodeChecks(orders, surveys, monitor);
    expect(checks.map(({host, evidence}) => `${host}: ${evidence}`)).toEqual(wanted);
    for (const {remedy} of checks)
      expect(remedy).toMatch(
        /docker compose -p orders .* up -d pg_node\d.*PostgreSQL runs there after \d+ s.*--rebuild-monitor/,
      );
  });
});

/** With the monitor's container. */
function registered(host: string): HostSurvey {
  const made = madeHost(host);
  return {
    ...made,
    containers: new Map(
      [...made.containers].map(([name, each]) => [
        name,
        name === 'pg_monitor' ? each : {...each, registration: {place: here, answers: false}},
      ]),
    ),
  };
}

function disabledAt(host: string): Pick<HostSurvey, 'containers'> {
  return {
    containers: new Map(
      [...madeHost(host).containers].map(([name, each]) => [
        name,
        name === 'pg_monitor' ? each : {...each, registration: {place: 'disabled', answers: false}},
      ]),
    ),
  };
}
