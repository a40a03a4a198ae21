import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {KeyDecoder, type KeyEvent} from '../../source/terminal/key-decoder.ts';

function decode(...chunks: ReadonlyArray<string | Uint8Array>): string[] {
  const decoder = new KeyDecoder();
  return chunks.flatMap(chunk => decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)).map(name);
}

function name(event: KeyEvent): string {
  return event.kind === 'key' ? event.key : `paste(${event.text})`;
}

describe('KeyDecoder', () => {
  test.each([
    ['j', ['j']],
    ['G?:/', ['G', '?', ':', '/']],
    [' ', ['space']],
    ['\r', ['enter']],
    ['\n', ['ctrl-j']],
    ['\t', ['tab']],
    ['\u001B[Z', ['shift-tab']],
    ['\u007F\b', ['backspace', 'backspace']],
    ['\u0003\u0004\f\u001A', ['ctrl-c', 'ctrl-d', 'ctrl-l', 'ctrl-z']],
    ['\u0000', ['ctrl-space']],
    ['\u001Bx', ['escape', 'x']],
    ['\u001B\u007F', ['escape', 'backspace']],
    ['\u001B\u001Bq', ['escape', 'escape', 'q']],
    ['\u001B\u001B\u001B[Bq', ['escape', 'escape', 'down', 'q']],
    ['\u001Bé\u001B\r', ['escape', 'é', 'escape', 'enter']],
    ['\u001B[A\u001B[B\u001B[C\u001B[D', ['up', 'down', 'right', 'left']],
    ['\u001BOA\u001BOB\u001BOH\u001BOF', ['up', 'down', 'home', 'end']],
    ['\u001B[H\u001B[F\u001B[1~\u001B[4~\u001B[7~\u001B[8~', ['home', 'end', 'home', 'end', 'home', 'end']],
    ['\u001B[2~\u001B[3~\u001B[5~\u001B[6~', ['insert', 'delete', 'pageup', 'pagedown']],
    ['\u001BOP\u001B[11~\u001B[[A\u001B[15~\u001B[24~', ['f1', 'f1', 'f1', 'f5', 'f12']],
    ['\u001B[1;5A\u001B[1;2D\u001B[1;3C\u001B[3;5~', ['ctrl-up', 'shift-left', 'alt-right', 'ctrl-delete']],
    ['\u001B\u001B[A', ['escape', 'up']],
    ['éж中🙂', ['é', 'ж', '中', '🙂']],
    ['\u001B[200~S\r\u001B[A y\u001B[201~q', ['paste(S\r\u001B[A y)', 'q']],
  ])('%j is %j', (typed, keys) => {
    expect(decode(typed)).toEqual(keys);
  });

  test.each([
    ['the mouse', '\u001B[<0;10;5M\u001B[<0;10;5m\u001B[M !!'],
    ['focus', '\u001B[I\u001B[O'],
    ['answers of the terminal', '\u001B[24;80R\u001B[?62;22c\u001B[>0;276;0c\u001B[?2026;2$y\u001B[?1u'],
    ['kitty keys', '\u001B[97;5u\u001B[57399;1:3u'],
    ['window titles and colours', '\u001B]11;rgb:ffff/ffff/ffff\u0007\u001B]10;rgb:0/0/0\u001B\\'],
    ['device strings', '\u001BP1+r524742\u001B\\\u001B_Gi=1;OK\u001B\\'],
    ['unknown keys', '\u001B[99~\u001B[5;5;5E\u001BOz'],
  ])('%s never arrive as typed text', (_, bytes) => {
    expect(decode(`${bytes}q`)).toEqual(['q']);
  });

  test('gives the same events for every way to cut the same bytes', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'j',
        'é',
        '中',
        '🙂',
        '\r',
        '\u0003',
        '\u001B[A',
        '\u001B[1;5C',
        '\u001BOP',
        '\u001B[5~',
        '\u001B[[B',
        '\u001Bx',
      ),
      fc.constantFrom(
        '\u001B[200~some\ntext\u001B[201~',
        '\u001B]0;title\u0007',
        '\u001B[<1;2;3M',
        '\u001B[M abc',
        '\u001B\u001B',
      ),
      fc.string({maxLength: 3}),
    );
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 12}), fc.array(fc.nat(60), {maxLength: 20}), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const edges = [0, ...cuts.filter(cut => cut < bytes.length).sort((one, other) => one - other), bytes.length];
        const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        expect(decode(...chunks)).toEqual(decode(bytes));
      }),
      {numRuns: 500},
    );
  });

  test('a lone ESC is the escape key once the time is up', () => {
    const decoder = new KeyDecoder();
    expect(decoder.push(Buffer.from('\u001B'))).toEqual([]);
    expect(decoder.pending).toBe('escape');
    expect(decoder.flush().map(name)).toEqual(['escape']);
    expect(decoder.pending).toBe('nothing');
  });

  test.each(['P', 'O', '['])('ESC and %s, and nothing after it, are two keys once the time is up', key => {
    const decoder = new KeyDecoder();
    expect(decoder.push(Buffer.from(`\u001B${key}`))).toEqual([]);
    expect(decoder.pending).toBe('sequence');
    expect(decoder.flush().map(name)).toEqual(['escape', key]);
    expect(decoder.push(Buffer.from('q')).map(name)).toEqual(['q']);
  });

  test('an arrow key that a bad link tears apart is never taken for capital letters', () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from('\u001B'));
    decoder.flush();
    expect(decoder.push(Buffer.from('[B')).map(name)).toEqual(['down']);

    decoder.push(Buffer.from('\u001B['));
    expect(decoder.pending).toBe('sequence');
    expect(decoder.push(Buffer.from('B')).map(name)).toEqual(['down']);
  });

  test('the bracket typed after escape is a bracket', () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from('\u001B'));
    decoder.flush();
    expect(decoder.push(Buffer.from('[')).map(name)).toEqual(['[']);
    expect(decoder.push(Buffer.from('B')).map(name)).toEqual(['B']);
  });

  test('a paste without an end does not hold the keyboard for ever', () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from('\u001B[200~abc'));
    expect(decoder.pending).toBe('paste');
    expect(decoder.flush().map(name)).toEqual(['paste(abc)']);
    expect(decoder.push(Buffer.from('q')).map(name)).toEqual(['q']);
  });

  test('keeps only the beginning of a huge paste', () => {
    const decoder = new KeyDecoder();
    const events = decoder.push(Buffer.from(`\u001B[200~${'x'.repeat(200_000)}\u001B[201~q`));
    expect(events.map(event => event.text.length)).toEqual([65_536, 1]);
  });
});
