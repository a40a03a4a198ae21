import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {LeftModes} from '../../source/terminal/left-modes.ts';

function undone(...pieces: string[]): string {
  const modes = new LeftModes();
  for (const piece of pieces) modes.push(Buffer.from(piece));
  return modes.undo();
}

describe('what a program leaves behind', () => {
  test.each([
    ['nothing', 'plain text, 中文', '\x1b[m'],
    ['what it tidied up', '\x1b[?1049h\x1b[?1000;1006h\x1b[?1006;1000l\x1b[?1049l', '\x1b[m'],
    ['mouse and pastes', '\x1b[?1002h\x1b[?1006h\x1b[?2004h', '\x1b[m\x1b[?1002l\x1b[?1006l\x1b[?2004l'],
    ['no cursor, no wrapping', '\x1b[?25l\x1b[?7l', '\x1b[m\x1b[?25h\x1b[?7h'],
    ['the alternate screen, last', '\x1b[?1049h\x1b[?1h\x1b=', '\x1b>\x1b[m\x1b[?1l\x1b[?1049l'],
    ['keyboards of kitty and xterm', '\x1b[>1u\x1b[>5u\x1b[<1u\x1b[>4;2m', '\x1b[<1u\x1b[>4m\x1b[m'],
    ['line drawing', '\x1b(0qqq', '\x1b(B\x0f\x1b[m'],
    ['a scroll region and a cursor of another shape', '\x1b[2;5r\x1b[6 q', '\x1b7\x1b[r\x1b8\x1b[0 q\x1b[m'],
    ['neither when they were reset', '\x1b[2;5r\x1b[6 q\x1b[r\x1b[ q', '\x1b[m'],
    ['a sequence that was cut off', 'text\x1b[?10', '\x18\x1b[m'],
    ['a reset', '\x1b[?1000h\x1bc', '\x1b[m'],
    ['a soft reset on the alternate screen', '\x1b[?1049h\x1b[?1000h\x1b[!p', '\x1b[m\x1b[?1049l'],
  ])('%s', (_what, text, expected) => {
    expect(undone(text)).toBe(expected);
    expect(undone(...text)).toBe(expected);
  });

  test('is forgotten once it is undone', () => {
    const modes = new LeftModes();
    modes.push(Buffer.from('\x1b[?1000h'));
    modes.undo();
    expect(modes.undo()).toBe('\x1b[m');
  });

  test('is found whatever the pieces in which it came', () => {
    const part = fc.constantFrom(
      'a',
      '\x1b',
      '[',
      '?',
      '1',
      '0',
      '4',
      '9',
      ';',
      'h',
      'l',
      'm',
      'u',
      'r',
      'q',
      ' ',
      '>',
      '<',
      '(',
      'B',
      '=',
      'é',
    );
    fc.assert(
      fc.property(fc.array(part, {maxLength: 60}), fc.array(fc.nat(59)), (parts, cuts) => {
        const text = parts.join('');
        const at = [...new Set(cuts)].sort((a, b) => a - b);
        const pieces = [0, ...at].map((start, index) => text.slice(start, at[index]));
        expect(undone(...pieces)).toBe(undone(text));
      }),
    );
  });
});
