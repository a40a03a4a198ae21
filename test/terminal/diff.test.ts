import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {ClusterTable, copyGrid, createGrid, type Grid, paintLine, paintLines} from '../../source/terminal/cells.ts';
import {diffGrids} from '../../source/terminal/diff.ts';
import {scrollPane} from '../../source/terminal/scroll.ts';
import {describeGrid, Emulator} from './emulator.ts';

const columns = 14;
const rows = 6;
const whole = {left: 0, top: 0, columns, rows};

const character = fc.oneof(
  {weight: 6, arbitrary: fc.constantFrom(...'abcXYZ019 ')},
  {weight: 2, arbitrary: fc.constantFrom('é', '─', '█', '▶', '→', '✔', 'Ж')},
  {weight: 2, arbitrary: fc.constantFrom('中', '한', 'カ', '。')},
  {weight: 1, arbitrary: fc.constantFrom('e\u0301', 'o\u0308\u0304', '中\u0301', 'ก\u0e31')},
);
const sgr = fc.constantFrom(
  '\u001B[1m',
  '\u001B[2m',
  '\u001B[3m',
  '\u001B[4m',
  '\u001B[7m',
  '\u001B[9m',
  '\u001B[22m',
  '\u001B[24m',
  '\u001B[27m',
  '\u001B[m',
  '\u001B[31m',
  '\u001B[97m',
  '\u001B[39m',
  '\u001B[44m',
  '\u001B[104m',
  '\u001B[49m',
  '\u001B[38;5;200m',
  '\u001B[48;5;3m',
  '\u001B[38;2;1;2;3m',
  '\u001B[1;33;41m',
  '\u001B[0;7m',
);
const line = fc
  .array(fc.oneof({weight: 4, arbitrary: character}, {weight: 1, arbitrary: sgr}), {maxLength: columns + 6})
  .map(pieces => pieces.join(''));
const lines = fc.array(line, {minLength: rows, maxLength: rows});

function gridOf(text: readonly string[], clusters: ClusterTable): Grid {
  const grid = createGrid(columns, rows, clusters);
  paintLines(grid, text, whole);
  return grid;
}

describe('diffGrids', () => {
  test('turns a terminal that shows any grid into one that shows any other, with and without wrapping', async () => {
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.array(lines, {minLength: 1, maxLength: 4}),
        fc.boolean(),
        async (first, later, wraps) => {
          const emulator = new Emulator(columns, rows);
          const clusters = new ClusterTable();
          let shown = gridOf(first, clusters);
          await emulator.write(
            `${wraps ? '' : '\u001B[?7l'}xxxx\r\nyyy\u001B[31m\u001B[m${diffGrids(undefined, shown)}`,
          );
          expect(emulator.cells()).toEqual(describeGrid(shown));
          for (const text of later) {
            const next = gridOf(text, clusters);
            await emulator.write(diffGrids(shown, next));
            expect(emulator.cells()).toEqual(describeGrid(next));
            shown = next;
          }
          emulator.dispose();
        },
      ),
      {numRuns: 150},
    );
  });

  test('turns a terminal into one whose rows differ in a few cells only', async () => {
    const cell = fc.record({row: fc.nat(rows - 1), left: fc.nat(columns), width: fc.nat(5), text: line});
    await fc.assert(
      fc.asyncProperty(lines, fc.array(cell, {minLength: 1, maxLength: 5}), async (first, changes) => {
        const emulator = new Emulator(columns, rows);
        const shown = gridOf(first, new ClusterTable());
        const next = createGrid(columns, rows, shown.clusters);
        copyGrid(shown, next);
        for (const {row, left, width, text} of changes) {
          paintLine(next, text, {left, top: 0, columns: width, rows}, row);
        }
        await emulator.write(diffGrids(undefined, shown) + diffGrids(shown, next));
        expect(emulator.cells()).toEqual(describeGrid(next));
        emulator.dispose();
      }),
      {numRuns: 300},
    );
  });

  test('writes nothing when nothing has changed', () => {
    fc.assert(
      fc.property(lines, text => {
        const clusters = new ClusterTable();
        expect(diffGrids(gridOf(text, clusters), gridOf(text, clusters))).toBe('');
      }),
    );
  });

  test('addresses only the cells that changed', () => {
    const clusters = new ClusterTable();
    const before = gridOf(['node1  primary', 'node2  12 kB', ''], clusters);
    const after = gridOf(['node1  primary', 'node2  13 kB', ''], clusters);
    expect(diffGrids(before, after)).toBe('\u001B[2;9H3');
  });

  test('erases the rest of a row instead of writing blanks', () => {
    const clusters = new ClusterTable();
    expect(diffGrids(gridOf(['a', 'long line here'], clusters), gridOf(['a', 'long'], clusters))).toBe(
      '\u001B[2;6H\u001B[K',
    );
  });

  test('a character whose width terminals disagree about cannot shift what stands after it', async () => {
    // @xterm/headless takes emoji for one cell wide, we for two: as two terminals that differ.
    const emulator = new Emulator(columns, 1);
    const clusters = new ClusterTable();
    const before = gridOf(['🚀 ab 🙂❤️x', '', '', '', '', ''], clusters);
    const after = gridOf(['🔥 ac 👨‍👩‍👧❤️x', '', '', '', '', ''], clusters);
    await emulator.write(diffGrids(undefined, before) + diffGrids(before, after));
    expect(emulator.text()[0]?.slice(0, 5)).toMatch(/^🔥/);
    const cells = emulator.cells()[0]?.map(cell => cell.slice(0, cell.indexOf(' -')));
    expect(cells?.slice(3, 5)).toEqual(['a', 'c']);
    expect(cells?.[10]).toBe('x');
    emulator.dispose();
  });

  test('stays inside ASCII when asked to', () => {
    fc.assert(
      fc.property(lines, text => {
        const output = diffGrids(undefined, gridOf(text, new ClusterTable()), {ascii: true});
        expect(output).toMatch(/^[\u0000-\u007E]*$/);
      }),
    );
    expect(diffGrids(undefined, gridOf(['┌─▶●✔…中'], new ClusterTable()), {ascii: true})).toContain('+->*+.? ');
  });
});

describe('scrollPane', () => {
  const entry = fc.stringMatching(/^[a-d]{1,3}$/);

  test('scrolling and then the diff shows the next grid, wherever the pane is and whatever scrolled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, {minLength: 30, maxLength: 30}),
        fc.nat(20),
        fc.nat(20),
        fc.record({top: fc.integer({min: -1, max: 4}), height: fc.integer({min: 1, max: 9})}),
        async (log, from, to, {top, height}) => {
          const pane = {left: 0, top, columns, rows: height};
          const clusters = new ClusterTable();
          const paint = (start: number) => {
            const grid = createGrid(columns, 8, clusters);
            paintLines(grid, ['above', 'b', 'c', 'd', 'e', 'f', 'g', 'below'], {left: 0, top: 0, columns, rows: 8});
            paintLines(grid, log.slice(start, start + height), pane);
            return grid;
          };
          const shown = paint(from);
          const next = paint(to);
          const emulator = new Emulator(columns, 8);
          await emulator.write(diffGrids(undefined, shown));
          const scrolled = scrollPane(shown, next, pane);
          await emulator.write(scrolled);
          expect(emulator.cells()).toEqual(describeGrid(shown));
          await emulator.write(diffGrids(shown, next));
          expect(emulator.cells()).toEqual(describeGrid(next));
          emulator.dispose();
        },
      ),
      {numRuns: 300},
    );
  });

  test('one new line at the end of a pane costs one row', () => {
    const clusters = new ClusterTable();
    const log = Array.from({length: 40}, (_, index) => `line number ${index}`);
    const paint = (start: number) => {
      const grid = createGrid(80, 30, clusters);
      paintLines(grid, log.slice(start, start + 20), {left: 0, top: 5, columns: 80, rows: 20});
      return grid;
    };
    const shown = paint(3);
    const next = paint(4);
    const output = scrollPane(shown, next, {left: 0, top: 5, columns: 80, rows: 20}) + diffGrids(shown, next);
    expect(output).toBe('\u001B[6;25r\u001B[6H\u001B[1M\u001B[r\u001B[25Hline number 23');
  });
});
