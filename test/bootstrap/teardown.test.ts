import {describe, expect, test} from 'vitest';
import {openAction} from '../../source/actions/action-run.ts';
import {composeFile} from '../../source/bootstrap/compose-file.ts';
import {type Remains, remainsOn} from '../../source/bootstrap/remains.ts';
import {leftLines, teardown} from '../../source/bootstrap/teardown.ts';
import {bad, good} from '../../source/cluster/problem.ts';
import type {HostConnection} from '../../source/ssh/host-connection.ts';
import {cluster, situationOf} from '../actions/situation.ts';
import {orders} from './fixtures.ts';

const nothing = {containers: [], volumes: [], networks: [], files: [], strange: []};

function whole(host: string, containers: readonly string[]): Remains {
  const volumes = containers.map(container => `orders_${container}`);
  return {host, unreachable: undefined, ...nothing, containers, volumes, files: ['secrets.env', 'docker-compose.yml']};
}

const away: Remains = {host: 'vm2', unreachable: bad('timeout', 'no answer within 3 s').problem, ...nothing};

function commands(remains: readonly Remains[]): readonly string[] {
  const run = openAction(teardown(orders, remains), situationOf(cluster()));
  return run.plan.steps.map(step => `${step.host}: ${step.argv.filter(word => !word.includes('\n')).join(' ')}`);
}

describe('a teardown', () => {
  test('takes containers, volumes and files of each host, the monitor’s host last', () => {
    const all = commands([whole('vm3', ['pg_monitor', 'pg_node3']), whole('vm1', ['pg_node1'])]);
    expect(all.map(line => line.replace(/sh -c .* remove/, 'remove'))).toEqual([
      'vm1: docker rm --force --volumes pg_node1',
      'vm1: docker volume rm orders_pg_node1',
      'vm1: remove /opt/pgaf /opt/pgaf/secrets.env /opt/pgaf/docker-compose.yml',
      'vm3: docker rm --force --volumes pg_monitor pg_node3',
      'vm3: docker volume rm orders_pg_monitor orders_pg_node3',
      'vm3: remove /opt/pgaf /opt/pgaf/secrets.env /opt/pgaf/docker-compose.yml',
    ]);
  });

  test('leaves out what is gone, and has nothing to do in the end', () => {
    expect(commands([{...whole('vm1', []), files: ['docker-compose.yml']}])).toHaveLength(1);
    expect(commands([{host: 'vm1', unreachable: undefined, ...nothing}])).toEqual([]);
  });

  test('goes on without hosts that cannot be reached, and says what is left where', () => {
    const remains = [whole('vm1', ['pg_node1']), away, {...whole('vm3', []), strange: ['the volume orders_old']}];
    expect(commands(remains).some(line => line.startsWith('vm2'))).toBe(false);
    expect(leftLines(orders, remains)).toEqual([
      'vm2 keeps what it has of orders: no answer within 3 s; the same command takes it away when it is back',
      'vm3 keeps the volume orders_old',
    ]);
  });

  test('warns that data goes which somebody uses', () => {
    const {checks} = openAction(teardown(orders, [away]), situationOf(cluster()));
    expect(checks.filter(check => check.result === 'warn').map(check => check.id)).toEqual(['unused', 'reachable']);
  });
});

describe('what a host has of a cluster', () => {
  /** A host whose commands print what is given for the first words that match. */
  function hostThatSays(answers: Readonly<Record<string, string>>): Promise<Remains> {
    const connection: Pick<HostConnection, 'run' | 'link'> = {
      link: () => undefined,
      run(argv) {
        const [, stdout] = Object.entries(answers).find(([words]) => argv.join(' ').includes(words)) ?? [];
        return Promise.resolve(
          good({exitCode: stdout === undefined ? 1 : 0, signal: null, stdout: stdout ?? '', stderr: ''}),
        );
      },
    };
    const unused = () => Promise.reject(new Error('not used'));
    const rest = {subscribe: () => () => undefined, retryNow: () => undefined, stream: unused, session: unused};
    const host: HostConnection = {name: 'vm1', ...rest, forward: unused, close: () => Promise.resolve(), ...connection};
    return remainsOn(orders, {name: 'vm1', docker: ['docker']}, host);
  }

  const project = '--filter label=com.docker.compose.project=orders';
  const made = {
    [`ps --all ${project}`]: 'pg_node1\n',
    'ps --all --format': 'pg_node1\nother\n',
    [`volume ls ${project}`]: 'orders_pg_node1\n',
    [`network ls ${project}`]: '',
    'cat /opt/pgaf/docker-compose.yml': composeFile(orders, 'vm1'),
    'ls /opt/pgaf': 'docker-compose.yml\ngate.sh\nnotes.txt\nsecrets.env\n',
  };

  test('is what a bootstrap of this cluster has made, and nothing else', async () => {
    expect(await hostThatSays(made)).toEqual({
      ...{host: 'vm1', unreachable: undefined, containers: ['pg_node1'], volumes: ['orders_pg_node1'], networks: []},
      ...{files: ['gate.sh', 'secrets.env', 'docker-compose.yml'], strange: []},
    });
  });

  test.each<[string, Readonly<Record<string, string>>, Partial<Remains>, RegExp]>([
    ['a container that somebody made by hand', {[`ps --all ${project}`]: ''}, {containers: []}, /pg_node1, which no/],
    ['a node that was dropped', {[`ps --all ${project}`]: 'pg_node1\npg_old\n'}, {}, /pg_old, which the configuration/],
    ['a volume of a former node', {[`volume ls ${project}`]: 'orders_pg_old\n'}, {volumes: []}, /orders_pg_old/],
    [
      'files of another cluster',
      {'cat /opt/pgaf/docker-compose.yml': composeFile({...orders, name: 'shop'}, 'vm1')},
      {files: []},
      /not of orders/,
    ],
  ])('does not count %s', async (_, answers, expected, strange) => {
    const remains = await hostThatSays({
      ...answers,
      ...Object.fromEntries(Object.entries(made).filter(([key]) => !(key in answers))),
    });
    expect(remains).toMatchObject(expected);
    expect(remains.strange).toEqual([expect.stringMatching(strange)]);
  });
});
