import {execFileSync} from 'node:child_process';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {HostConfiguration} from '../../source/config/configuration.ts';
import {type SessionContainer, sessionArgv} from '../../source/session/container-session.ts';
import {containerNames, findContainer} from '../../source/session/find-container.ts';
import {dockerRefusal} from '../../source/session/open-session.ts';
import {allowedReadOnly} from '../../source/session/reads-only.ts';
import {sessionEnd} from '../../source/session/session-end.ts';
import {terminalType} from '../../source/session/terminal-type.ts';
import {withSession} from '../../source/ssh/lifeline.ts';
import {quoteArgv} from '../../source/ssh/quote.ts';

const node: SessionContainer = {container: 'pg_node1', host: 'vm1', docker: ['docker'], role: 'node', port: 5432};
const monitor: SessionContainer = {
  ...node,
  container: 'pg_monitor',
  role: 'monitor',
  port: 6000,
  database: 'pg_auto_failover',
};
const surroundings = {terminal: undefined, owner: undefined, mark: 'm1'};

describe('the argv of a session', () => {
  test('psql is read-only unless it is to write, in the database that its container knows, as the owner of PGDATA', () => {
    const owner = {user: '1000', pgdata: '/data'};
    const {argv} = sessionArgv(node, {kind: 'psql', write: false, words: ['-c', 'select 1']}, {...surroundings, owner});
    expect(argv.slice(0, 5)).toEqual(['docker', 'exec', '-i', '-u', '1000']);
    expect(argv).toContain('PGOPTIONS=-c default_transaction_read_only=on');
    expect(argv).toContain('PGDATABASE=');
    expect(argv).toContain('PGDATA=/data');
    expect(argv.slice(-2)).toEqual(['-c', 'select 1']);
    const writing = sessionArgv(monitor, {kind: 'psql', write: true, words: []}, surroundings).argv;
    expect(writing.filter(word => word.startsWith('PGOPTIONS'))).toEqual([]);
    expect(writing).toContain('PGDATABASE=pg_auto_failover');
  });

  test('on a terminal docker keeps no key that a shell needs for itself', () => {
    const {argv} = sessionArgv(node, {kind: 'shell'}, {...surroundings, terminal: 'tmux-256color'});
    expect(argv).toContain('--detach-keys');
    expect(argv.join(' ')).not.toContain('ctrl-p');
    expect(argv).toContain('TERM=tmux-256color');
  });

  test('what ends its remains runs as the same user, and is not itself one of them', () => {
    const {argv, afterLoss} = sessionArgv(
      node,
      {kind: 'autoctl', words: []},
      {...surroundings, owner: {user: '7', pgdata: undefined}},
    );
    expect(afterLoss.slice(0, 5)).toEqual(['docker', 'exec', '-u', '7', 'pg_node1']);
    expect(afterLoss.at(-1)).toBe('PGAF_SESSION=m1');
    expect(argv).toContain('PGAF_SESSION=m1');
    expect(afterLoss).not.toContain('-e');
  });

  test('words reach the program as they are, whatever is in them', () => {
    const words = fc.array(
      fc.string({unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', '\n', ';', '(', '*', 'é', '\u001b')}),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(words, argv => {
        // The whole way: docker's place is taken by a program that prints its arguments.
        const place = {...node, docker: ['printf', '<%s>']};
        const {argv: made} = sessionArgv(place, {kind: 'exec', words: argv}, surroundings);
        const wrapped = withSession(made, false, ['true']);
        const line = wrapped.ok ? quoteArgv(wrapped.value) : wrapped;
        if (!line.ok) throw new Error(line.problem.message);
        const printed = execFileSync('sh', ['-c', line.value], {encoding: 'utf8', input: ''});
        expect(printed.endsWith(argv.map(word => `<${word}>`).join(''))).toBe(true);
      }),
      {numRuns: 30},
    );
  });
});

describe('the container that is meant', () => {
  const ssh = {
    ...{name: 'vm1', address: '10.0.0.1', port: 22, user: 'root', identityFiles: [], identitiesOnly: false},
    ...{agentSocket: undefined, knownHostsFiles: [], jump: []},
  };
  const hosts: HostConfiguration[] = [
    {name: 'vm1', ssh, docker: ['docker'], node: {container: 'pg_node1', port: 5432}},
    {
      ...{name: 'vm3', ssh, docker: ['sudo', '-n', 'docker'], node: {container: 'pg_node3', port: 5432}},
      monitor: {container: 'pg_monitor', port: 6000, database: 'pg_auto_failover'},
    },
  ];
  const nodes = [{name: 'orders-a', host: 'vm1', container: 'pg_node1'}];

  test.each([
    ['pg_node1', 'pg_node1'],
    ['pg-node1', 'pg_node1'],
    ['vm1', 'pg_node1'],
    ['vm3', 'pg_node3'],
    ['pg_monitor', 'pg_monitor'],
    ['monitor', 'pg_monitor'],
    ['orders-a', 'pg_node1'],
  ])('%s is %s', (word, container) => {
    expect(findContainer(word, hosts, nodes)).toMatchObject({ok: true, value: {container}});
  });

  test.each([
    ['pg_nod1', 'did you mean pg_node1?'],
    ['monitr', 'did you mean pg_monitor?'],
    ['nothing', 'there are orders-a, pg_node1, pg_node3, pg_monitor, vm1, vm3'],
  ])('%s is none: %s', (word, remedy) => {
    const found = findContainer(word, hosts, nodes);
    expect(!found.ok && found.problem.remedy).toBe(
      word === 'monitr' ? 'there are orders-a, pg_node1, pg_node3, pg_monitor, vm1, vm3' : remedy,
    );
  });

  test('every name of the list is found', () => {
    for (const name of containerNames(hosts, nodes)) expect(findContainer(name, hosts, nodes).ok).toBe(true);
  });
});

describe('how a session ended', () => {
  test.each([
    [
      {exitCode: 3, signal: null},
      {kind: 'exited', status: 3},
    ],
    [
      {exitCode: null, signal: 'TERM'},
      {kind: 'exited', status: 143},
    ],
    [
      {exitCode: null, signal: 'SIGHUP'},
      {kind: 'exited', status: 129},
    ],
    [
      {exitCode: null, signal: null},
      {kind: 'exited', status: 137},
    ],
  ] as const)('%j', (end, expected) => {
    expect(sessionEnd(end)).toEqual(expected);
  });

  test.each([
    [1, 'Error: No such container: pg_node1\n', 'container-missing'],
    [1, 'Error response from daemon: Container 0123 is not running\n', 'container-not-running'],
    [
      1,
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'docker-down',
    ],
    [127, 'sh: 1: docker: not found\n', 'docker-missing'],
    [1, 'sudo: a password is required\n', 'docker-permission'],
  ])('%i with docker’s words is docker’s: %s', (status, words, kind) => {
    expect(dockerRefusal(status, words, {...node, docker: ['sudo', '-n', 'docker']})?.kind).toBe(kind);
  });

  test.each([
    [0, 'Error: No such container: pg_node1\n'],
    [1, 'ERROR:  relation "x" does not exist\n'],
    [127, 'sh: 1: nosuch: not found\n'],
    [127, 'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch"'],
    [2, 'Cannot connect to the Docker daemon'],
  ])('%i with %s is the program’s own', (status, words) => {
    expect(dockerRefusal(status, words, node)).toBeUndefined();
  });
});

test.each([
  ['xterm-256color', 'xterm-256color'],
  ['screen', 'screen'],
  ['xterm-kitty', 'xterm-256color'],
  ['', 'xterm'],
  [undefined, 'xterm'],
])('a terminal that calls itself %s is %s in a container', (own, there) => {
  expect(terminalType(own)).toBe(there);
});

test('where nothing may be changed: psql that reads and pg_autoctl that shows', () => {
  const allowed = [
    allowedReadOnly({kind: 'psql', write: false, words: []}),
    allowedReadOnly({kind: 'autoctl', words: ['show', 'state']}),
  ];
  const refused = [
    allowedReadOnly({kind: 'shell'}),
    allowedReadOnly({kind: 'exec', words: ['ls']}),
    allowedReadOnly({kind: 'psql', write: true, words: []}),
    allowedReadOnly({kind: 'autoctl', words: ['perform', 'failover']}),
  ];
  expect(allowed.map(each => each.ok)).toEqual([true, true]);
  expect(refused.map(each => each.ok)).toEqual([false, false, false, false]);
});
