import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {stripLine} from '../../source/terminal/strip.ts';
import {displayWidth} from '../../source/terminal/width.ts';

describe('stripLine', () => {
  test.each([
    ['colours', '\u001B[31mFATAL\u001B[0m: no', 'FATAL: no'],
    ['cursor and screen', 'a\u001B[2J\u001B[H\u001B[?1049lb', 'ab'],
    ['titles', '\u001B]0;owned\u0007x\u001B]2;owned\u001B\\y', 'xy'],
    ['device strings', '\u001BPq#0\u001B\\x\u001B_G\u001B\\y', 'xy'],
    ['8-bit controls', 'a\u009B31mb\u009D0;t\u009Cc\u0085d', 'abcd'],
    ['a sequence cut off', 'x\u001B[12', 'x'],
    ['a string cut off', 'x\u001B]0;never ends', 'x'],
    ['a lone escape', 'x\u001B', 'x'],
    ['other escapes', 'a\u001Bcb\u001B(0c', 'abc'],
    ['control characters', 'a\u0000\b\u0007b\u007F', 'ab'],
    ['tabs', 'a\tb\tc', 'a       b       c'],
    ['line ends', 'one\r\ntwo\nthree', 'one two three'],
    ['what turns text around', 'user\u202Egnp.exe', 'user\uFFFDgnp.exe'],
    ['what hides', 'ad\u200Bmin\uFEFF', 'ad\uFFFDmin\uFFFD'],
    ['nothing', 'plain text, 中文 é 🙂', 'plain text, 中文 é 🙂'],
  ])('%s', (_, source, stripped) => {
    expect(stripLine(source)).toBe(stripped);
  });

  test('bytes that are not UTF-8 are marked', () => {
    expect(stripLine(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\uFFFDb');
  });

  test('nothing that a terminal obeys survives, whatever comes in', () => {
    const hostile = fc.string({
      unit: fc.constantFrom(
        '\u001B',
        '[',
        ']',
        'P',
        '\\',
        ';',
        '1',
        'm',
        'H',
        '\u0007',
        '\u009B',
        '\u009C',
        '\u202E',
        '\t',
        '\n',
        '中',
        'a',
      ),
    });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({unit: 'binary'})), source => {
        const line = stripLine(source);
        expect(line).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
        expect(stripLine(line)).toBe(line);
        expect(displayWidth(line)).toBeGreaterThanOrEqual(0);
      }),
      {numRuns: 1000},
    );
  });
});
