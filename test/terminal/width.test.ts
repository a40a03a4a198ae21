import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {createStyle} from '../../source/terminal/style.ts';
import {
  displayWidth,
  fitTo,
  hardRows,
  padEnd,
  padStart,
  singleWidth,
  truncate,
  truncateStart,
  wrapText,
} from '../../source/terminal/width.ts';

const style = createStyle(16);
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'b', ' ', '中', 'é', 'e\u0301', '🙂'),
      fc.constantFrom(style.danger('xy'), style.bold('中')),
    ),
    {
      maxLength: 12,
    },
  )
  .map(pieces => pieces.join(''));
const plain = fc
  .array(fc.constantFrom('a', 'bc', ' ', '  ', '中', 'é', 'e\u0301', '🙂'), {maxLength: 20})
  .map(pieces => pieces.join(''));

describe('widths', () => {
  test.each([
    ['', 0],
    ['node', 4],
    ['中文', 4],
    ['e\u0301', 1],
    ['🙂', 2],
    [style.danger('red'), 3],
  ])('%j is %i wide', (value, width) => {
    expect(displayWidth(value)).toBe(width);
  });

  test('fitTo is exact for every text and width', () => {
    fc.assert(
      fc.property(text, fc.nat(20), fc.constantFrom<'left' | 'right'>('left', 'right'), (value, width, align) => {
        expect(displayWidth(fitTo(value, width, align))).toBe(width);
      }),
    );
  });

  test('truncate never exceeds the width, and keeps what fits', () => {
    fc.assert(
      fc.property(text, fc.nat(20), (value, width) => {
        const short = truncate(value, width);
        expect(displayWidth(short)).toBeLessThanOrEqual(width);
        if (displayWidth(value) <= width && width > 0) expect(short).toBe(value);
      }),
    );
  });

  test('truncate marks the cut and closes what was open', () => {
    expect(truncate('pg_node1', 5)).toBe('pg_n…');
    expect(truncate('pg_node1', 5, '~')).toBe('pg_n~');
    expect(truncate(style.danger('secondary'), 4)).toBe('\u001B[31msec…\u001B[39m');
    expect(truncate('中文字', 4)).toBe('中…');
  });

  test('truncateStart keeps the end', () => {
    expect(truncateStart('/var/lib/postgres/pgaf', 8)).toBe('…es/pgaf');
    expect(truncateStart('short', 8)).toBe('short');
  });

  test('padding counts cells', () => {
    expect(padEnd('中', 4)).toBe('中  ');
    expect(padStart('中', 4)).toBe('  中');
    expect(padEnd('long', 2)).toBe('long');
  });

  test('wrapped rows fit and lose nothing but blanks', () => {
    fc.assert(
      fc.property(plain, fc.integer({min: 2, max: 12}), (value, width) => {
        const rows = wrapText(value, width);
        for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(width);
        expect(rows.join('').replaceAll(' ', '')).toBe(value.replaceAll(' ', ''));
      }),
    );
    expect(wrapText('no quorum standby is left', 12)).toEqual(['no quorum', 'standby is', 'left']);
  });

  test('hard rows fit and lose nothing at all', () => {
    fc.assert(
      fc.property(plain, fc.integer({min: 2, max: 12}), (value, width) => {
        const rows = hardRows(value, width);
        for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(width);
        expect(rows.join('')).toBe(value);
      }),
    );
  });
});

test('what is taken for one column at a glance is one column by the full rules, alone and beside another', () => {
  for (let code = 0x20; code < 0xff_ff; code += 1) {
    const character = String.fromCharCode(code);
    if (singleWidth.test(character))
      expect([code.toString(16), stringWidth(character), stringWidth(`${character}${character}`)]).toEqual([
        code.toString(16),
        1,
        2,
      ]);
  }
});
