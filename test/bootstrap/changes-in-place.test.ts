import {describe, expect, test} from 'vitest';
import {titleOf} from '../../source/bootstrap/apply.ts';
import {type ContainerSurvey, type HostSurvey, parseRegistration} from '../../source/bootstrap/host-survey.ts';
import {planBootstrap} from '../../source/bootstrap/plan.ts';
import {monitorNode, monitorReading} from '../snapshots/snapshot.ts';
import {bareServer, hosts, madeHost, orders} from './fixtures.ts';

const fresh = {
  monitorPassword: 'monitorMonitorMonitor',
  replicationPassword: 'replicationReplication',
  applicationPassword: 'application',
};
const registration = {place: '10.0.0.13:6000/pg_auto_failover?sslmode=require', answers: true};
/** The second node is the primary. */
const reading = monitorReading([
  monitorNode(1, {reportedState: 'secondary', assignedState: 'secondary'}),
  monitorNode(2, {reportedState: 'primary', assignedState: 'primary'}),
  monitorNode(3),
]);

function running(more: Partial<ContainerSurvey>): readonly HostSurvey[] {
  return hosts.map(host => {
    const made = madeHost(host);
    const containers = [...made.containers].map(([name, each]) => [name, {...each, ...more}] as const);
    return {...made, containers: new Map(containers)};
  });
}

/** What is done in containers that run; `address` is the third host's. */
function commands(surveys: readonly HostSurvey[], address = '10.0.0.13', said = reading) {
  const moved = {
    ...orders,
    monitor: {...orders.monitor, address},
    nodes: orders.nodes.map(node => (node.host === 'vm3' ? {...node, address} : node)),
  };
  return planBootstrap(moved, surveys, said, new Map(), fresh).steps.filter(step => step.kind === 'command');
}

describe('a VM with another address', () => {
  test('is followed by the keepers of all nodes, the primary first, and by its own node', () => {
    const steps = commands(running({registration}), '10.0.0.99');
    expect(steps.map(titleOf)).toEqual([
      'vm2: pg_node2 asks the monitor at 10.0.0.99:6000, no longer at 10.0.0.13:6000',
      'vm1: pg_node1 asks the monitor at 10.0.0.99:6000, no longer at 10.0.0.13:6000',
      'vm3: pg_node3 asks the monitor at 10.0.0.99:6000, no longer at 10.0.0.13:6000',
      'vm3: pg_node3 is at 10.0.0.99, no longer at 10.0.0.13',
      'vm3: restart pg_node3, so that it connects anew',
      'vm3: pg_node3 streams from pg_node2',
    ]);
    expect(steps.at(-3)?.argv.slice(-6)).toEqual(['pg_autoctl', 'set', 'node', 'metadata', '--hostname', '10.0.0.99']);
  });

  test('whose node is in maintenance: it is not waited for to stream, which it need not', () => {
    const resting = {reportedState: 'maintenance', assignedState: 'maintenance'} as const;
    const nodes = reading.nodes.map(node => (node.name === 'pg_node3' ? {...node, ...resting} : node));
    const steps = commands(running({registration}), '10.0.0.99', {...reading, nodes});
    expect(steps.map(titleOf).at(-1)).toBe('vm3: restart pg_node3, so that it connects anew');
  });

  test('that is the same one needs nothing', () => {
    expect(commands(running({registration}))).toEqual([]);
  });

  test('is left to a person where the containers were made by hand', () => {
    expect(commands(running({registration, project: 'shop'}), '10.0.0.99')).toEqual([]);
  });
});

describe("a primary's VM with another address", () => {
  /** The second node is to be at .99; where the others look for it. */
  const titles = (
    follows: Readonly<Record<string, string>>,
    at: string,
    of: Partial<ContainerSurvey> = {registration},
  ) => {
    const cluster = {
      ...orders,
      nodes: orders.nodes.map(node => (node.host === 'vm2' ? {...node, address: '10.0.0.99'} : node)),
    };
    const surveys = running(of).map(survey => {
      const container = `pg_node${survey.host.at(-1)}`;
      return {...survey, servers: new Map([[container, {...bareServer, follows: follows[container]}]])};
    });
    const nodes = reading.nodes.map(node => (node.name === 'pg_node2' ? {...node, host: at} : node));
    return planBootstrap(cluster, surveys, {...reading, nodes}, new Map(), fresh)
      .steps.filter(step => step.kind === 'command')
      .map(titleOf);
  };
  const before = {pg_node1: '10.0.0.12', pg_node3: '10.0.0.12'};
  const moves = 'vm2: pg_node2 is at 10.0.0.99, no longer at 10.0.0.12';
  const follow = (id: number) => [
    `vm${id}: restart pg_node${id}, which follows pg_node2 at 10.0.0.99 then, no longer at 10.0.0.12`,
    `vm${id}: pg_node${id} streams from pg_node2`,
  ];

  test.each<[string, ReturnType<typeof titles>, readonly string[]]>([
    [
      'is followed by its standbys, one after the other',
      titles(before, '10.0.0.12'),
      [moves, ...follow(1), ...follow(3)],
    ],
    ['also when the monitor knows it already', titles(before, '10.0.0.99'), [...follow(1), ...follow(3)]],
    ['by those that do not yet', titles({...before, pg_node1: '10.0.0.99'}, '10.0.0.99'), follow(3)],
    ['not by one that follows another node', titles({pg_node1: '10.0.0.13', pg_node3: '10.0.0.99'}, '10.0.0.99'), []],
    ['not where the containers were made by hand', titles(before, '10.0.0.12', {registration, project: 'shop'}), []],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('what pg_autoctl of a container has been told', () => {
  test.each<[string, string, ReturnType<typeof parseRegistration>]>([
    ['a node', 'place 10.0.0.13:6000/db\nanswers\n', {place: '10.0.0.13:6000/db', answers: true}],
    ['a node without its monitor', 'place PG_AUTOCTL_DISABLED\n', {place: 'disabled', answers: false}],
    ['the monitor', '\n', undefined],
  ])('%s', (_, output, registration) => {
    expect(parseRegistration(output)).toEqual(registration);
  });
});
