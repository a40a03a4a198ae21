import {describe, expect, test} from 'vitest';
import {actionKinds} from '../../source/actions/registry.ts';
import {readUsage} from '../../source/actions/usage.ts';
import {commandList, fixedWords} from '../../source/commands/command-list.ts';
import {complete} from '../../source/commands/complete.ts';

const names = {
  clusters: ['orders', 'people'],
  nodes: ['pg_node1', 'db-1', 'pg_node2', 'db-2'],
  monitors: ['pg_monitor'],
  scenarios: ['healthy', 'power-cut'],
};

/** The words that the last one of a line could become. */
function words(line: string): readonly string[] | 'files' {
  const found = complete(line.split(' '), commandList, names);
  return found === 'files' ? found : found.map(({word}) => word);
}

describe('completion', () => {
  test.each([
    ['swi', ['switchover']],
    ['maintenance ', ['on', 'off']],
    ['maintenance on pg_', ['pg_node1', 'pg_node2']],
    ['maintenance on --allow-failover db', ['db-1', 'db-2']],
    ['switchover --to ', names.nodes],
    ['set s', ['sync-standbys']],
    ['set sync-standbys ', []],
    ['set pg_node1 ', ['priority', 'quorum']],
    ['set pg_node1 quorum ', ['on', 'off']],
    ['container restart pg_', ['pg_node1', 'pg_node2', 'pg_monitor']],
    ['status --cluster p', ['people']],
    ['events -n 5 --f', ['--formation', '--follow']],
    ['demo --scenario p', ['power-cut']],
    ['drill ', names.scenarios],
    ['drill ./', 'files'],
    ['status --config ', 'files'],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['nothing ', []],
    ['status now ', []],
  ])('of %j', (line, expected) => {
    const found = words(line);
    expect(found === 'files' ? found : new Set(found)).toEqual(expected === 'files' ? expected : new Set(expected));
  });

  test('leads to every command and every option of an action', () => {
    for (const {usage} of commandList) {
      const fixed = fixedWords(usage);
      for (const [index, word] of fixed.entries())
        expect(words([...fixed.slice(0, index), ''].join(' '))).toContain(word);
    }
    for (const {usage} of actionKinds) {
      const plain = usage
        .replaceAll(/ ?\[[^\]]*\]/g, '')
        .replaceAll(/\bN\b/g, '1')
        .replaceAll(/\b(NODE|NAME)\b/g, 'pg_node1');
      for (const {name} of readUsage(usage).options) expect(words(`${plain} --`)).toContain(`--${name}`);
    }
  });
});
