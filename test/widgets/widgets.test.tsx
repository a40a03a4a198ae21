import fc from 'fast-check';
import {render} from 'ink-testing-library';
import {describe, expect, test} from 'vitest';
import type {KeyEvent} from '../../source/terminal/key-decoder.ts';
import {marksFor} from '../../source/terminal/marks.ts';
import {createStyle} from '../../source/terminal/style.ts';
import {displayWidth} from '../../source/terminal/width.ts';
import {centred, drawDialog} from '../../source/widgets/dialog.ts';
import {keyBar} from '../../source/widgets/key-bar.ts';
import {Rows} from '../../source/widgets/rows.tsx';
import {sparkline} from '../../source/widgets/sparkline.ts';
import {drawTextInput, editText, type TextInput, textInput} from '../../source/widgets/text-input.ts';
import {
  clampViewport,
  type Move,
  moveFor,
  moveViewport,
  scrollViewport,
  startOfList,
} from '../../source/widgets/viewport.ts';

const style = createStyle(0, false);
const marks = marksFor(false);
const key = (name: string, text = ''): KeyEvent => ({kind: 'key', key: name, text});

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

describe('text input', () => {
  const type = (input: TextInput, ...events: KeyEvent[]) => events.reduce(editText, input);

  test('types, moves and deletes whole characters', () => {
    const typed = type(textInput('pg'), key('_', '_'), key('é', 'é'), key('space', ' '), key('🙂', '🙂'));
    expect(typed).toEqual({text: 'pg_é 🙂', cursor: 7});
    expect(type(typed, key('backspace'), key('backspace'), key('left'), key('x', 'x'))).toEqual({
      text: 'pg_xé',
      cursor: 4,
    });
  });

  test('has the keys of readline', () => {
    const input = textInput('one two three');
    expect(type(input, key('ctrl-w')).text).toBe('one two ');
    expect(type(input, key('ctrl-u'))).toEqual(textInput(''));
    expect(type(input, key('ctrl-a'), key('ctrl-k')).text).toBe('');
    expect(type(input, key('alt-b'), key('alt-b'), key('ctrl-k')).text).toBe('one ');
    expect(type(input, key('home'), key('alt-f'), key('delete')).text).toBe('onetwo three');
  });

  test('a paste becomes one harmless line', () => {
    expect(editText(textInput('a'), {kind: 'paste', text: 'b\u001B[2J\nc\n'}).text).toBe('ab c');
  });

  test('keys that edit nothing leave the same object', () => {
    const input = textInput('a');
    for (const name of ['enter', 'escape', 'up', 'ctrl-e', 'f1']) expect(editText(input, key(name))).toBe(input);
  });

  test('the cursor is always in sight, whatever is typed where', () => {
    fc.assert(
      fc.property(
        fc.string({unit: 'grapheme', maxLength: 30}),
        fc.nat(40),
        fc.integer({min: 6, max: 30}),
        (text, lefts, columns) => {
          const input = type(textInput(text), ...Array.from({length: lefts}, () => key('left')));
          const {row, cursorColumn} = drawTextInput(input, {columns, style, prompt: '/ '});
          expect(cursorColumn).toBeGreaterThanOrEqual(2);
          expect(cursorColumn).toBeLessThan(columns + 1);
          expect(displayWidth(row)).toBeLessThanOrEqual(columns + 1);
        },
      ),
    );
  });

  test('a password shows as its mask', () => {
    expect(drawTextInput(textInput('söcret'), {columns: 20, style, prompt: 'pw ', mask: '*'})).toEqual({
      row: 'pw ******',
      cursorColumn: 9,
    });
  });
});

describe('viewport', () => {
  const size = {count: 100, height: 10};

  test('moves with the keys of less, vim and k9s', () => {
    const go = (...keys: string[]) =>
      keys.reduce((viewport, name) => moveViewport(viewport, moveFor(name) ?? 'up', size), startOfList);
    expect(go('j', 'j', 'k')).toEqual({first: 0, selected: 1});
    expect(go('G')).toEqual({first: 90, selected: 99});
    expect(go('G', 'g')).toEqual(startOfList);
    expect(go('ctrl-d', 'ctrl-d', 'pagedown')).toEqual({first: 11, selected: 20});
    expect(moveFor('x')).toBeUndefined();
  });

  test('without a selection every move moves what shows', () => {
    expect(scrollViewport(startOfList, 'down', size).first).toBe(1);
    expect(scrollViewport(startOfList, 'end', size).first).toBe(90);
    expect(scrollViewport({first: 90, selected: 90}, 'page down', size).first).toBe(90);
    expect(scrollViewport({first: 90, selected: 90}, 'up', size).first).toBe(89);
  });

  test('the selection is always in the window and in the list', () => {
    const moves = fc.constantFrom<Move>(
      'up',
      'down',
      'page up',
      'page down',
      'half page up',
      'half page down',
      'start',
      'end',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(moves, fc.nat(50), fc.integer({min: 1, max: 12})), {maxLength: 30}), steps => {
        let viewport = startOfList;
        for (const [move, count, height] of steps) {
          viewport = moveViewport(clampViewport(viewport, {count, height}), move, {count, height});
          expect(viewport.first).toBeGreaterThanOrEqual(0);
          expect(viewport.selected - viewport.first).toBeLessThan(height);
          expect(viewport.selected).toBeGreaterThanOrEqual(viewport.first);
          if (count > 0) expect(viewport.selected).toBeLessThan(count);
          expect(viewport.first).toBeLessThanOrEqual(Math.max(0, count - height));
        }
      }),
    );
  });
});
