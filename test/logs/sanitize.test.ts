import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {sanitizeLine} from '../../source/logs/sanitize.ts';

describe('a line from outside', () => {
  test.each([
    ['colours go', '\x1b[1;31mERROR\x1b[0m disk full', 'ERROR disk full'],
    ['cursor movement and erasing go', 'a\x1b[2J\x1b[H\x1b[?1049hb', 'ab'],
    ['a title goes, with its end', 'x\x1b]0;rm -rf\x07y\x1b]2;t\x1b\\z', 'xyz'],
    ['an unfinished title takes the rest', 'x\x1b]0;never ends', 'x'],
    ['a hyperlink leaves its text', '\x1b]8;;http://a\x1b\\text\x1b]8;;\x1b\\', 'text'],
    ['device control goes', 'a\x1bPq#0;2\x1b\\b', 'ab'],
    ['character sets and single escapes go', 'a\x1b(0b\x1b7c\x1bMd', 'abcd'],
    ['the eight-bit forms go', 'a\x9b31mb\x9d0;t\x9cc', 'abc'],
    ['bell, backspace and return are made visible', 'a\x07b\x08c\rd', 'a·b·c·d'],
    ['a return at the end is nothing', 'text\r', 'text'],
    ['tabs become spaces', 'a\tbc\td', 'a       bc      d'],
    ['what reverses the reading direction goes', 'user\u202egnp.exe\u2066x', 'usergnp.exex'],
    ['words of every language stay', 'Größe 温度 😀 ➜', 'Größe 温度 😀 ➜'],
  ])('%s', (_, line, expected) => {
    expect(sanitizeLine(line)).toBe(expected);
  });

  test('never keeps a control character, whatever it holds', () => {
    const nasty = fc.constantFrom(
      '\x1b',
      '\x1b[',
      '\x9b',
      '\x1b]',
      '\x07',
      '\x1b\\',
      '\x9c',
      'P',
      ';',
      '31m',
      '\t',
      '\u202e',
      '\u2028',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({unit: 'binary'}))), parts => {
        const clean = sanitizeLine(parts.join(''));
        expect(clean).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
        expect(sanitizeLine(clean)).toBe(clean);
      }),
      {numRuns: 1000},
    );
  });

  test('is left alone when it is plain', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme-ascii'}), line => {
        expect(sanitizeLine(line)).toBe(line);
      }),
    );
  });
});
