import {describe, expect, test} from 'vitest';
import {openAction} from '../../source/actions/action-run.ts';
import {titleOf} from '../../source/bootstrap/apply.ts';
import type {HostSurvey} from '../../source/bootstrap/host-survey.ts';
import {lowering} from '../../source/bootstrap/lowering.ts';
import {planBootstrap} from '../../source/bootstrap/plan.ts';
import {loweredParameters} from '../../source/bootstrap/required-parameters.ts';
import type {ServerSurvey} from '../../source/bootstrap/server-survey.ts';
import {type Changes, cluster, dead, situationOf} from '../actions/situation.ts';
import {monitorNode, monitorReading} from '../snapshots/snapshot.ts';
import {bareServer, hosts, madeHostOf, orders} from './fixtures.ts';

const described = {...orders, settings: {...orders.settings, parameters: {work_mem: '8MB', max_connections: '120'}}};
const three = monitorReading([1, 2, 3].map(id => monitorNode(id)));

/** The hosts while each node runs with so many connections, which an earlier bootstrap has set; `more` of its own. */
function running(
  connections: Readonly<Record<string, number>>,
  more: Partial<ServerSurvey> = {},
): readonly HostSurvey[] {
  return hosts.map(host => ({
    ...madeHostOf(described, host),
    servers: new Map(
      described.nodes
        .filter(node => node.host === host)
        .map(({container}) => {
          const now = connections[container] ?? 200;
          const set = new Map([
            ['work_mem', '8MB'],
            ['max_connections', String(now)],
          ]);
          const required = new Map([['max_connections', now]]);
          return [container, {...bareServer, parameters: set, noted: set, required, ...more}];
        }),
    ),
  }));
}

const planOf = (surveys: readonly HostSurvey[], monitor = three) =>
  planBootstrap(described, surveys, monitor, new Map(), {
    ...{monitorPassword: 'm', replicationPassword: 'r', applicationPassword: 'a'},
  });

describe('less of what a standby needs as much of as its primary', () => {
  test.each([
    ['nobody has yet is the primary’s first', {}, 200],
    ['the primary has already is the standbys’', {pg_node1: 120}, undefined],
    ['only the standbys have is still the primary’s first', {pg_node2: 120, pg_node3: 120}, 200],
  ] as const)('that %s', (_, connections, from) => {
    const found = loweredParameters(described, running(connections), three);
    expect(found).toEqual(from === undefined ? [] : [{name: 'max_connections', from, to: '120'}]);
  });

  test('is nothing where there is one node, and may be of any while nobody knows the primary', () => {
    const alone = monitorReading([monitorNode(1, {reportedState: 'single', assignedState: 'single'})]);
    expect(loweredParameters(described, running({}), alone)).toEqual([]);
    expect(loweredParameters(described, running({pg_node1: 120, pg_node2: 120}), undefined)).toHaveLength(1);
  });

  test('is left alone by a plan, also where it waits for a restart already, with what would do it', () => {
    for (const surveys of [running({}), running({}, {waiting: ['max_connections']})]) {
      const plan = planOf(surveys);
      expect(plan.steps).toEqual([]);
      expect(plan.renewals).toEqual([]);
      expect(plan.drift).toEqual([
        expect.stringMatching(/^max_connections is 200, and 120 is described: .*`pgaf bootstrap --rolling`$/),
      ]);
    }
  });

  test('is the standbys’ once the primary has it', () => {
    expect(planOf(running({pg_node1: 120})).steps.map(titleOf)).toEqual([
      'vm2: parameters of pg_node2 (max_connections was 200)',
      'vm3: parameters of pg_node3 (max_connections was 200)',
    ]);
  });

  test('other parameters do not wait for it', () => {
    const set = new Map([['max_connections', '200']]);
    const plan = planOf(running({}, {parameters: set, noted: set}));
    const inputs = plan.steps.map(step => (step.kind === 'server' ? step.input : step.kind));
    expect(inputs).toEqual(Array(3).fill("alter system set work_mem = '8MB';\nselect pg_reload_conf();\n"));
  });
});

describe('lowering it', () => {
  const opened = (changes: Changes = {}, waiting: readonly string[] = []) =>
    openAction(lowering(described, running({}, {waiting})), situationOf(cluster(changes)));
  const titles = [
    'pg_node2 is not promoted meanwhile',
    'pg_node3 is not promoted meanwhile',
    'parameters of pg_node1 (max_connections was 200)',
    'restart PostgreSQL of pg_node1 where they need it',
    'the standbys know that pg_node1 has less',
    'pg_node2 may be promoted as before',
    'pg_node3 may be promoted as before',
  ];

  test('restarts PostgreSQL of the primary while nobody may be promoted', () => {
    const {plan} = opened();
    expect(plan.steps.map(step => step.title)).toEqual(titles);
    expect(plan.steps[2]?.input).toBe("alter system set max_connections = '120';\nselect pg_reload_conf();\n");
    expect(plan.meaning[0]).toBe('the primary gets max_connections 120 instead of 200');
  });

  test('goes on after an interruption', () => {
    const changes = {nodes: {2: {candidatePriority: 0}, 3: {candidatePriority: 0}}};
    const {steps, checks} = opened(changes);
    const left = steps.filter(step => step.state === 'waiting').map(step => step.title);
    expect(left).toEqual(titles.slice(2));
    expect(checks.filter(check => check.result === 'fail')).toEqual([]);
  });

  test('gives nobody a chance before the primary’s keeper has found it running', () => {
    const {plan} = opened();
    const before = situationOf(cluster());
    const [, , , , seen] = plan.steps;
    const later = (changes: Changes) => {
      const of = cluster(changes);
      if (of.monitor === undefined || !('value' in of.monitor)) throw new Error('the monitor does not answer');
      const value = {...of.monitor.value, serverTime: of.monitor.value.serverTime + 10_000};
      return situationOf({...of, monitor: {...of.monitor, value}});
    };
    expect(seen?.until?.(before, before).state).toBe('pending');
    expect(seen?.until?.(before, later({nodes: {1: {postgresRunning: false}}}))).toEqual({
      state: 'pending',
      waitingFor: 'the keeper of pg_node1 to find that PostgreSQL runs',
    });
    expect(seen?.until?.(before, later({})).state).toBe('done');
  });

  test('is refused while a standby is away', () => {
    const failed = opened({nodes: {2: dead(12)}, streaming: [3]}).checks.filter(check => check.result === 'fail');
    expect(failed.map(check => check.id)).toContain('quorum-pg_node2');
  });
});
