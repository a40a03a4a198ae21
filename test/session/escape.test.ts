import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {EscapeRecogniser} from '../../source/session/escape.ts';

/** What is sent of these pieces, and whether one of them left. */
function feed(...pieces: (string | Uint8Array)[]): {sent: string; left: boolean} {
  const recogniser = new EscapeRecogniser();
  let sent = '';
  for (const piece of pieces) {
    const {send, leave} = recogniser.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    sent += Buffer.from(send).toString('latin1');
    if (leave) return {sent, left: true};
  }
  return {sent, left: false};
}

describe('the escape', () => {
  test.each([
    [['~', '.'], ''],
    [['\r', '~', '.'], '\r'],
    [['ls\r', '~.'], 'ls\r'],
    [['\n~.'], '\n'],
    [['~', '~', '\r', '~', '.'], '~\r'],
    [['~', 'x', '\r', '~', '.'], '~x\r'],
    [['~', '\r', '~', '.'], '~\r'],
  ])('%j leaves', (pieces, sent) => {
    expect(feed(...pieces)).toEqual({sent, left: true});
  });

  test.each([
    [['a~.'], 'a~.'],
    [['~', '~', '.'], '~.'],
    [['x', '~', '.'], 'x~.'],
    [['~', 'a', '.'], '~a.'],
    [['\x1b[200~', '\r', '~', '.', '\x1b[201~'], '\x1b[200~\r~.\x1b[201~'],
    [['\x1b[20', '0~\r', '~', '.'], '\x1b[200~\r~.'],
    [['one line\r~.two lines'], 'one line\r~.two lines'],
    [['~', 'a whole paste after a tilde'], '~a whole paste after a tilde'],
  ])('%j does not', (pieces, sent) => {
    expect(feed(...pieces)).toEqual({sent, left: false});
  });

  test('leads out after a paste, framed or not', () => {
    expect(feed('\x1b[200~abc\x1b[201~', '\r', '~', '.').left).toBe(true);
    expect(feed('a long line of a paste\r', '~', '.').left).toBe(true);
  });

  test('bytes without it pass as they are, whatever the pieces', () => {
    const pieces = fc.array(fc.uint8Array({maxLength: 40}), {maxLength: 30});
    fc.assert(
      fc.property(pieces, parts => {
        const given = Buffer.concat(parts).toString('latin1');
        fc.pre(!given.includes('~'));
        expect(feed(...parts)).toEqual({sent: given, left: false});
      }),
    );
  });

  test('keys one by one: everything before `~.` at the beginning of a line is sent, `~~` as one', () => {
    const keys = fc.array(fc.constantFrom('~', '.', '\r', '\n', 'a', ' '), {maxLength: 30});
    fc.assert(
      fc.property(keys, typed => {
        expect(feed(...typed)).toEqual(asSshDoes(typed));
      }),
    );
  });
});

/** The rule, told by the whole text instead of key by key. */
function asSshDoes(typed: readonly string[]): {sent: string; left: boolean} {
  let rest = typed.join('');
  let sent = '';
  let lineStart = true;
  while (rest !== '') {
    if (lineStart && rest.startsWith('~.')) return {sent, left: true};
    if (lineStart && rest.startsWith('~~')) {
      sent += '~';
      rest = rest.slice(2);
      lineStart = false;
      continue;
    }
    // Held for the key that comes next.
    if (lineStart && rest === '~') break;
    const two = lineStart && rest.startsWith('~');
    const piece = rest.slice(0, two ? 2 : 1);
    sent += piece;
    lineStart = /[\r\n]$/.test(piece);
    rest = rest.slice(piece.length);
  }
  return {sent, left: false};
}
