import {expect, test} from 'vitest';
import {evaluateSelect} from '../../../source/simulator/sql/evaluate.ts';
import {parseSelect} from '../../../source/simulator/sql/select.ts';
import {columnsOf} from '../../../source/simulator/sql/table.ts';
import {tokensOf} from '../../../source/simulator/sql/tokens.ts';

function matching(pattern: string, texts: readonly string[]): readonly unknown[] {
  const select = parseSelect(tokensOf(`select description from event where description like '${pattern}'`), []);
  if (select === undefined) throw new Error('not understood');
  const table = {columns: columnsOf('description text'), rows: texts.map(text => [text])};
  const result = evaluateSelect(select, {call: () => undefined, table: () => table});
  if (!result.ok) throw new Error(result.error.message);
  return result.table?.rows.flat() ?? [];
}

const texts = ['', 'primary', 'wait_primary', 'wait primary', 'join_primary now', 'a.b*c', 'aab'];

test.each([
  ['primary', ['primary']],
  ['%primary', ['primary', 'wait_primary', 'wait primary']],
  ['wait_primary', ['wait_primary', 'wait primary']],
  ['%primary%', ['primary', 'wait_primary', 'wait primary', 'join_primary now']],
  ['%i%y%', ['primary', 'wait_primary', 'wait primary', 'join_primary now']],
  ['_._*_', ['a.b*c']],
  ['%ab', ['aab']],
  ['', ['']],
  ['%%', texts],
])('like %j', (pattern, expected) => {
  expect(matching(pattern, texts)).toEqual(expected);
});

test('a pattern of many parts takes no longer than its length', () => {
  const text = 'a'.repeat(2000);
  expect(matching(`${'%a'.repeat(50)}%b`, [text])).toEqual([]);
  expect(matching(`${'%a'.repeat(50)}%`, [text])).toEqual([text]);
});
