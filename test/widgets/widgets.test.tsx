import fc from 'fast-check';
import {render} from 'ink-testing-library';
import {describe, expect, test} from 'vitest';
import {marksFor} from '../../source/terminal/marks.ts';
import {createStyle} from '../../source/terminal/style.ts';
import {displayWidth} from '../../source/terminal/width.ts';
import {centred, drawDialog} from '../../source/widgets/dialog.ts';
import {keyBar} from '../../source/widgets/key-bar.ts';
import {Rows} from '../../source/widgets/rows.tsx';
import {sparkline} from '../../source/widgets/sparkline.ts';

const style = createStyle(0, false);
const marks = marksFor(false);

describe('Rows', () => {
  test('keeps empty rows, cuts long ones, fills up to its height', () => {
    const {lastFrame} = render(<Rows rows={['one', '', 'x'.repeat(200)]} height={5} />);
    const lines = lastFrame()?.split('\n') ?? [];
    expect(lines).toHaveLength(5);
    expect(lines.slice(0, 2)).toEqual(['one', '']);
    expect(lines[2]).toHaveLength(100);
  });
});

describe('sparkline', () => {
  const levels = marksFor(true).levels;

  test('scales to the largest value, newest at the right', () => {
    expect(sparkline([0, 1, 4, 8], {width: 6, levels})).toBe('  ▁▂▅█');
    expect(sparkline([8, 0, 1, 4], {width: 3, levels})).toBe('▁▃█');
  });

  test('what is not known is blank, and not zero', () => {
    expect(sparkline([0, null, 3], {width: 3, levels})).toBe('▁ █');
    expect(sparkline([], {width: 2, levels})).toBe('  ');
  });

  test('noise below the ceiling stays low', () => {
    expect(sparkline([0, 1, 2], {width: 3, levels, ceiling: 1000})).toBe('▁▂▂');
  });

  test('has a form in ASCII', () => {
    expect(sparkline([0, 4, 8], {width: 3, levels: marks.levels})).toBe('_=#');
  });
});

describe('key bar', () => {
  const hints = [
    {key: 'enter', label: 'node'},
    {key: 'l', label: 'logs'},
    {key: 'S', label: 'switchover', disabled: true},
    {key: '?', label: 'help', keep: true},
  ];

  test('shows all where there is room, and drops whole keys from the end where there is not', () => {
    expect(keyBar(hints, 80, style)).toBe('enter node  l logs  S switchover  ? help');
    expect(keyBar(hints, 30, style)).toBe('enter node  l logs  ? help');
    expect(keyBar(hints, 8, style)).toBe('? help');
    expect(keyBar(hints, 3, style)).toBe('');
  });
});

describe('dialog', () => {
  test('is a box exactly as wide as asked', () => {
    const rows = drawDialog({
      title: 'Switchover',
      lines: ['to pg_node2', 'x'.repeat(50)],
      footer: 'y yes',
      columns: 24,
      style,
      marks,
    });
    expect(rows).toEqual([
      '+- Switchover ---------+',
      '| to pg_node2          |',
      '| xxxxxxxxxxxxxxxxxxx~ |',
      '+- y yes --------------+',
    ]);
  });

  test('says how much it had to cut', () => {
    const rows = drawDialog({
      title: 'Log',
      lines: ['1', '2', '3', '4'],
      footer: 'esc',
      columns: 24,
      maximumRows: 4,
      style,
      marks,
    });
    expect(rows).toHaveLength(4);
    expect(rows.at(-1)).toBe('+- 2 more  esc --------+');
  });

  test('keeps its width for every title and width', () => {
    fc.assert(
      fc.property(
        fc.string({unit: 'grapheme-ascii', maxLength: 40}),
        fc.integer({min: 8, max: 60}),
        (title, columns) => {
          for (const row of drawDialog({title, lines: [title], footer: title, columns, style, marks})) {
            expect(displayWidth(row)).toBe(columns);
          }
        },
      ),
    );
  });

  test('stands in the middle and never outside', () => {
    expect(centred({columns: 20, rows: 6}, {columns: 80, rows: 24})).toEqual({left: 30, top: 6, columns: 20, rows: 6});
    expect(centred({columns: 100, rows: 60}, {columns: 80, rows: 24})).toEqual({
      left: 0,
      top: 0,
      columns: 80,
      rows: 24,
    });
  });
});
