import {describe, expect, test} from 'vitest';
import {pageRows} from '../../source/screens/page-screen.ts';
import {promptRow} from '../../source/screens/prompt-row.ts';
import {type Row, rowWidth} from '../../source/screens/row.ts';

const plain = (row: Row) => row.map(span => span.text).join('');

describe('wide characters take the columns they need', () => {
  test('the end of a long line of the prompt stays in sight, and the cursor after it', () => {
    const row = promptRow(
      {typed: 'scenario データベースの夜.yaml', candidates: [], entries: [], chosen: undefined},
      20,
    );
    expect(rowWidth(row)).toBeLessThanOrEqual(20);
    expect(plain(row)).toMatch(/夜\.yaml $/);
  });

  test('a line of a page is wrapped rather than cut', () => {
    const {rows} = pageRows({name: 'page', title: 'Drill', lines: ['データ ベース の夜'], scroll: 0}, 14, 10);
    expect(rows.every(row => rowWidth(row) <= 14)).toBe(true);
    expect(rows.map(plain).join('').replaceAll(' ', '')).toContain('データベースの夜');
  });
});
