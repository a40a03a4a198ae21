import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {readme, withTables} from '../scripts/readme-tables.ts';
import {commandList} from '../source/commands/command-list.ts';
import {helpText} from '../source/commands/help.ts';
import {bindings} from '../source/console/bindings.ts';

const text = readFileSync(readme, 'utf8');

describe('the README', () => {
  it('has the tables of commands, keys and actions that the console has (node scripts/readme-tables.ts writes them)', () => {
    expect(text).toBe(withTables(text));
  });

  it('and --help name every command and action', () => {
    const usages = commandList.map(({usage}) => `pgaf ${usage}`.trimEnd());
    expect(usages.filter(usage => !text.includes(`\`${usage.replaceAll('|', '\\|')}\``))).toEqual([]);
    expect(usages.filter(usage => !helpText().includes(`\n  ${usage}`))).toEqual([]);
  });
});

describe('the keys', () => {
  it('mean one thing on each screen', () => {
    const seen = bindings.flatMap(binding =>
      binding.screens.flatMap(screen => binding.keys.map(key => `${screen} ${key}`)),
    );
    expect(seen.filter((each, index) => seen.indexOf(each) !== index)).toEqual([]);
  });

  it('change something only as capital letters', () => {
    const changing = bindings.filter(binding => binding.group === 'change').flatMap(binding => binding.keys);
    expect(changing.filter(key => !/^[A-Z]$/.test(key))).toEqual([]);
  });
});
