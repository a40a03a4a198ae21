import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {configurationJsonSchema} from '../../source/config/configuration-schema.ts';
import {parseConfiguration} from '../../source/config/parse-configuration.ts';

const exampleFile = new URL('../../config/cluster.example.yaml', import.meta.url);
const schemaFile = new URL('../../config/cluster.schema.json', import.meta.url);

/** All that is said about a text, a line each; throws when it is valid. */
function complaints(text: string): string {
  const outcome = parseConfiguration(text, 'pgaf.yaml');
  if (outcome.ok) throw new Error('valid');
  return outcome.problem.detail ?? outcome.problem.message;
}

/** A valid file with one host, whose lines are given. */
function withHost(...lines: string[]): string {
  return [
    'clusters:',
    '  - name: orders',
    '    hosts:',
    '      - name: vm1',
    ...lines.map(line => `        ${line}`),
  ].join('\n');
}

describe('a configuration that is not right says what to do', () => {
  const table: [name: string, text: string, sentence: string][] = [
    ['an empty file', '', 'pgaf.yaml is empty'],
    ['only comments', '# later\n', 'pgaf.yaml is empty'],
    ['a tab', 'clusters:\n\t- name: a', 'pgaf.yaml:2:1: not valid YAML: a tab; expected spaces for indentation'],
    [
      'a colon in a value',
      withHost('user: a: b'),
      'pgaf.yaml:5:15: not valid YAML: this line does not fit the ones around it',
    ],
    ['something not closed', withHost('node: {container: pg_node1'), 'not valid YAML'],
    [
      'a key twice',
      withHost('user: a', 'user: b'),
      'pgaf.yaml:6:9: not valid YAML: the same key twice; expected it once',
    ],
    ['two documents', 'clusters: []\n---\nclusters: []\n', 'not valid YAML: a second document (`---`); expected one'],
    ['an alias to nothing', withHost('user: *who'), 'not valid YAML'],
    ['a list at the top', '- name: a', 'pgaf.yaml:1:1: the file is a list; expected a mapping (lines of `key: value`)'],
    ['no clusters', 'clusters: []', 'pgaf.yaml:1:1: `clusters` is an empty list; expected at least one entry'],
    [
      'no hosts',
      'clusters:\n  - name: a\n',
      'cluster 1 has no `hosts`; expected a list of hosts, each starting with `- name:`',
    ],
    [
      'a mistyped key at the top',
      'cluster: []',
      'pgaf.yaml:1:1: unknown key `cluster` at the top; did you mean `clusters`?',
    ],
    [
      'a mistyped key',
      withHost('adress: 10.0.0.1'),
      'pgaf.yaml:5:9: unknown key `adress` in host 1; did you mean `address`?',
    ],
    [
      'a key of another kind',
      withHost('colour: red'),
      'unknown key `colour` in host 1; expected one of `name`, `address`,',
    ],
    [
      'text where a number belongs',
      withHost('port: "22"'),
      'pgaf.yaml:5:15: `port` is `22`; expected a number: leave the quotes out',
    ],
    [
      'a port that is none',
      withHost('port: 70000'),
      'pgaf.yaml:5:15: `port` is `70000`; expected a port between 1 and 65535',
    ],
    [
      'a number where text belongs',
      withHost('user: 12'),
      'pgaf.yaml:5:15: `user` is `12`; expected text: put it in quotes, "12"',
    ],
    [
      'a command in one string',
      withHost('docker: sudo -n docker'),
      '`docker` is `sudo -n docker`; expected a list of words, such as `[sudo, -n, docker]`',
    ],
    ['nothing after a key', withHost('node:'), '`node` is nothing; expected a mapping (lines of `key: value`)'],
    ['no container', withHost('node: {port: 5432}'), '`node` has no `container`; expected some text'],
    [
      'a container that is none',
      withHost('node: {container: "a b"}'),
      '`node.container` is `a b`; expected the name of a container',
    ],
    [
      'a mistyped choice',
      withHost('monitor: {container: m, sslMode: requir}'),
      '`monitor.sslMode` is `requir`; did you mean `require`?',
    ],
    [
      'a host that would be an option',
      withHost('address: -oProxyCommand=x'),
      '`address` is `-oProxyCommand=x`; expected a host name',
    ],
    [
      'a password without a source',
      withHost('monitor: {container: m, password: {}}'),
      'expected one of `environment` and `command`',
    ],
    [
      'a host twice',
      'clusters:\n  - name: a\n    hosts:\n      - name: x\n      - name: x\n',
      'pgaf.yaml:5:15: a second host named `x` (the first is on line 4)',
    ],
    [
      'a cluster twice',
      'clusters:\n  - name: a\n    hosts: [{name: x}]\n  - name: a\n    hosts: [{name: y}]\n',
      'pgaf.yaml:4:11: a second cluster named `a` (the first is on line 2); expected another name',
    ],
    [
      'two monitors',
      'clusters:\n  - name: a\n    hosts:\n      - name: x\n        monitor: {container: m}\n      - name: y\n        monitor: {container: m}\n',
      'pgaf.yaml:7:9: a second monitor in cluster `a` (the first is on line 5)',
    ],
  ];
  test.each(table)('%s', (_name, text, sentence) => {
    expect(complaints(text)).toContain(sentence);
  });

  test('all mistakes at once, in the order of the file, the first one as the message', () => {
    const outcome = parseConfiguration(withHost('port: 0', 'adress: x', 'docker: []'), 'pgaf.yaml');
    if (outcome.ok) throw new Error('valid');
    expect(outcome.problem.kind).toBe('configuration');
    expect(outcome.problem.message).toBe(
      'pgaf.yaml:5:15: `port` is `0`; expected a port between 1 and 65535 (and 2 more mistakes)',
    );
    expect(outcome.problem.detail?.split('\n').map(line => line.split(':')[1])).toEqual(['5', '6', '7']);
  });
});

describe('secrets do not stand in the file and are not repeated', () => {
  test.each([
    ['the monitor’s password', withHost('monitor: {container: m, password: hunter2}')],
    ['a password of the host', withHost('password: hunter2')],
    ['a passphrase', withHost('keyPassphrase: hunter2')],
    ['a broken line with one', withHost('password: "hunter2')],
  ])('%s', (_name, text) => {
    expect(complaints(text)).not.toContain('hunter2');
  });

  test('and the sentence says where they come from', () => {
    expect(complaints(withHost('monitor: {container: m, password: hunter2}'))).toContain(
      'password: {environment: VARIABLE}',
    );
    expect(complaints(withHost('password: hunter2'))).toContain('password: {environment: VARIABLE}');
  });
});

test('control characters of the file do not reach the terminal', () => {
  expect(complaints(withHost('port: "\\u001b[2J\\u009b2J"'))).toMatch(/^[\u0020-\u007e\u00a0-\uffff]*$/);
});

describe('what is kept', () => {
  test('the example is valid and says what the defaults are', () => {
    const outcome = parseConfiguration(readFileSync(exampleFile, 'utf8'), 'cluster.example.yaml');
    if (!outcome.ok) throw new Error(outcome.problem.message);
    const [cluster] = outcome.value.content.clusters;
    expect(cluster).toMatchObject({
      name: 'orders',
      formation: 'default',
      image: 'citusdata/pg_auto_failover:15',
      readOnly: false,
    });
    expect(cluster?.hosts.map(host => host.node)).toEqual([1, 2, 3].map(n => ({container: `pg_node${n}`, port: 5432})));
    expect(cluster?.hosts[2]?.monitor).toEqual({container: 'pg_monitor', port: 6000, database: 'pg_auto_failover'});
    expect(cluster?.hosts.every(host => host.docker.join(' ') === 'docker')).toBe(true);
  });

  test('the commented keys of the example are valid as well', () => {
    const text = readFileSync(exampleFile, 'utf8')
      .split('\n')
      .map(line => line.replace(/^( +)# ([a-zA-Z]+: )/, '$1$2'))
      .filter(line => !/password: \{command/.test(line))
      .join('\n');
    const outcome = parseConfiguration(text, 'cluster.example.yaml');
    expect(outcome.ok ? [] : outcome.problem).toEqual([]);
  });

  test('anchors may repeat a block', () => {
    const text =
      'clusters:\n  - name: a\n    hosts:\n      - {name: x, docker: &d [sudo, -n, docker]}\n      - {name: y, docker: *d}\n';
    const outcome = parseConfiguration(text, 'pgaf.yaml');
    expect(outcome.ok && outcome.value.content.clusters[0]?.hosts[1]?.docker).toEqual(['sudo', '-n', 'docker']);
  });
});

test('the JSON Schema for editors is what the validation uses (else: node scripts/write-config-schema.ts)', () => {
  expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(configurationJsonSchema());
});
