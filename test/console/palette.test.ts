import {describe, expect, test} from 'vitest';
import {good} from '../../source/cluster/problem.ts';
import {lineOf, paletteFor} from '../../source/console/palette.ts';
import type {PromptCommand} from '../../source/console/prompt.ts';

const run = () => good({});
const commands: readonly PromptCommand[] = [
  {name: 'events', parameters: '', help: "the monitor's events", run},
  {name: 'scenario', parameters: '[NAME|FILE]', help: 'play one', run},
  {
    name: 'maintenance',
    parameters: '[WORDS...]',
    help: '',
    usages: [
      {usage: 'maintenance on NODE [--allow-failover]', help: 'take the selected node out of service'},
      {usage: 'maintenance off NODE', help: 'let it serve again', unavailable: 'not in maintenance'},
    ],
    run,
  },
  {
    name: 'set',
    parameters: '[WORDS...]',
    help: '',
    usages: [{usage: 'set NODE quorum on|off', help: 'replication quorum'}],
    run,
  },
];

const found = (typed: string) => paletteFor(typed, commands).map(entry => entry.usage);

describe('the list above the prompt', () => {
  test('has every form of every command while nothing is typed, with the reason why one does nothing', () => {
    expect(found('')).toHaveLength(5);
    expect(paletteFor('', commands).find(entry => entry.usage === 'maintenance off NODE')?.unavailable).toBe(
      'not in maintenance',
    );
  });

  test.each([
    ['main', ['maintenance on NODE [--allow-failover]', 'maintenance off NODE']],
    ['maintenance off', ['maintenance off NODE']],
    ['maintenance on pg_node2', ['maintenance on NODE [--allow-failover]']],
    ['set pg_node1 q', ['set NODE quorum on|off']],
    ['set pg_node1 quorum of', ['set NODE quorum on|off']],
    ['quorum', ['set NODE quorum on|off']],
    ['out of service', ['maintenance on NODE [--allow-failover]']],
    ['evs', ['events']],
    ['zzz', []],
  ])('after %j: %j', (typed, usages) => {
    expect(found(typed)).toEqual(usages);
  });

  test('the beginning of a command comes before a word of its help', () => {
    expect(found('s')[0]).toBe('scenario [NAME|FILE]');
  });
});

describe('an entry that is chosen', () => {
  test.each([
    ['events', 'pg_node1', {line: 'events', whole: true}],
    ['maintenance off NODE', 'pg_node1', {line: 'maintenance off pg_node1', whole: true}],
    ['maintenance on NODE [--allow-failover]', 'pg_node1', {line: 'maintenance on pg_node1', whole: true}],
    ['set NODE quorum on|off', 'pg_node1', {line: 'set pg_node1 quorum ', whole: false}],
    ['set NODE quorum on|off', undefined, {line: 'set ', whole: false}],
    ['set sync-standbys N', 'pg_node1', {line: 'set sync-standbys ', whole: false}],
    ['force ACTION...', 'pg_node1', {line: 'force ', whole: false}],
  ])('%s', (usage, node, line) => {
    expect(lineOf({usage, help: ''}, node)).toEqual(line);
  });
});
