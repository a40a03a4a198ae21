import {expect, test} from 'vitest';
import {pageRows} from '../../source/screens/page-screen.ts';

function shown(line: string, columns: number): readonly string[] {
  const {rows} = pageRows({name: 'page', title: 'Bootstrap', lines: [line], scroll: 0}, columns, 20);
  return rows.slice(2).map(row => row.map(span => span.text).join(''));
}

test('the text after columns goes on below itself', () => {
  expect(shown('✔     !     the image is there, or on another host', 37)).toEqual([
    ' ✔     !     the image is there, or',
    '             on another host',
  ]);
});

test('a sentence goes on at its indentation', () => {
  expect(shown('  + vm1: write docker-compose.yml', 24)).toEqual(['   + vm1: write', '   docker-compose.yml']);
});

test('columns that leave no room for the text are part of it', () => {
  expect(shown('pg_node1  secondary  10.0.0.11  healthy and near', 24).join('')).toContain('healthy');
});
