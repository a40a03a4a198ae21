import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createStyle} from '../../source/terminal/style.ts';
import {displayWidth} from '../../source/terminal/width.ts';
import {type Column, columnGap, drawTable, layoutTable} from '../../source/widgets/table.ts';

type Row = {name: string; state: string; lag: string};

const style = createStyle(0, false);
const columns: ReadonlyArray<Column<Row>> = [
  {id: 'name', header: 'NODE', min: 4, priority: 1, cell: row => row.name},
  {id: 'state', header: 'STATE', min: 6, max: 12, priority: 2, cell: row => row.state},
  {id: 'lag', header: 'LAG', align: 'right', min: 5, priority: 3, cell: row => row.lag},
];
const rows: Row[] = [
  {name: 'pg_node1', state: 'primary', lag: '0 B'},
  {name: 'pg_node2', state: 'secondary', lag: '316 MiB'},
];

describe('a table', () => {
  test('aligns columns and numbers', () => {
    const layout = layoutTable(columns, rows, 60);
    expect(drawTable(rows, {columns, layout, style})).toEqual({
      header: 'NODE      STATE          LAG',
      rows: ['pg_node1  primary        0 B', 'pg_node2  secondary  316 MiB'],
    });
  });

  test('narrows the least important column first, then drops it', () => {
    expect(layoutTable(columns, rows, 26).columns).toEqual([
      {id: 'name', width: 8},
      {id: 'state', width: 9},
      {id: 'lag', width: 5},
    ]);
    expect(layoutTable(columns, rows, 18).columns.map(({id}) => id)).toEqual(['name', 'state']);
    expect(layoutTable(columns, rows, 6).columns.map(({id}) => id)).toEqual(['name']);
  });

  test('columns do not move when values change, until the window does', () => {
    const first = layoutTable(columns, rows, 60);
    const shorter = rows.map(row => ({...row, lag: '0 B', state: 'single'}));
    expect(layoutTable(columns, shorter, 60, first)).toEqual(first);
    expect(layoutTable(columns, shorter, 59, first).columns.at(-1)?.width).toBe(5);
  });

  test('no row is wider than the window, whatever it is', () => {
    const text = fc.string({unit: 'grapheme', maxLength: 15});
    fc.assert(
      fc.property(
        fc.array(fc.record({name: text, state: text, lag: text}), {maxLength: 4}),
        fc.integer({min: 1, max: 60}),
        (any, width) => {
          const layout = layoutTable(columns, any, width);
          const total = layout.columns.reduce(
            (sum, column) => sum + column.width,
            columnGap * (layout.columns.length - 1),
          );
          expect(total).toBeLessThanOrEqual(width);
          const drawn = drawTable(any, {columns, layout, style, selected: 0});
          for (const row of [drawn.header, ...drawn.rows]) expect(displayWidth(row)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('the selected row and the tone of a row show', () => {
    const coloured = createStyle(16);
    const layout = layoutTable(columns, rows, 60);
    const drawn = drawTable(rows, {
      columns,
      layout,
      style: coloured,
      selected: 1,
      tone: row => (row.lag === '0 B' ? 'ok' : undefined),
    });
    expect(drawn.rows[0]).toContain('\u001B[32m');
    expect(drawn.rows[1]).toMatch(/^\u001B\[1m.*\u001B\[22m$/);
  });
});
