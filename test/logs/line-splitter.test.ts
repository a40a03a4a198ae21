import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {LineSplitter} from '../../source/logs/line-splitter.ts';

function split(
  chunks: readonly Buffer[],
  maxLineLength?: number,
): {lines: string[]; truncated: number; plain: boolean[]} {
  const lines: string[] = [];
  const plain: boolean[] = [];
  const splitter = new LineSplitter(
    (batch, isPlain) => {
      lines.push(...batch);
      plain.push(isPlain);
    },
    maxLineLength === undefined ? {} : {maxLineLength},
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return {lines, truncated: splitter.truncated, plain};
}

/** Cuts bytes at arbitrary places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map(place => place % (bytes.length + 1)), bytes.length].sort((left, right) => left - right);
  return at.slice(1).map((end, index) => bytes.subarray(at[index] ?? 0, end));
}

const logText = fc
  .array(
    fc.oneof(fc.string({unit: 'binary'}), fc.constantFrom('\n', '\r\n', '\r', '', 'a long line '.repeat(20), 'ü€😀')),
  )
  .map(parts => parts.join(''));

describe('lines', () => {
  test('are the same however the bytes arrive', () => {
    fc.assert(
      fc.property(logText, fc.array(fc.nat(5000)), fc.integer({min: 1, max: 60}), (text, places, maxLineLength) => {
        const bytes = Buffer.from(text, 'utf8');
        expect(split(cut(bytes, places), maxLineLength)).toMatchObject({
          lines: split([bytes], maxLineLength).lines,
          truncated: split([bytes], maxLineLength).truncated,
        });
      }),
    );
  });

  test('are what a plain split gives when none is too long', () => {
    fc.assert(
      fc.property(logText, fc.array(fc.nat(5000)), (text, places) => {
        const expected = Buffer.from(text, 'utf8').toString('utf8').split('\n');
        if (expected.at(-1) === '') expected.pop();
        const {lines, truncated} = split(cut(Buffer.from(text, 'utf8'), places), 100_000);
        expect(lines).toEqual(expected.map(line => line.replace(/\r$/, '')));
        expect(truncated).toBe(0);
      }),
    );
  });

  test('that just fit before their \\r\\n are whole, and nothing of them is counted as cut', () => {
    const whole = {lines: ['', 'sixsix'], truncated: 0};
    expect(split([Buffer.from('\nsixsix\r\n')], 6)).toMatchObject(whole);
    expect(split([Buffer.from('\nsix'), Buffer.from('six\r'), Buffer.from('\n')], 6)).toMatchObject(whole);
  });

  test('that are too long are cut and counted, and the next line is whole', () => {
    expect(split([Buffer.from(`${'x'.repeat(50)}\nnext\n${'y'.repeat(50)}`)], 10)).toMatchObject({
      lines: ['x'.repeat(10), 'next', 'y'.repeat(10)],
      truncated: 2,
    });
    expect(split([Buffer.from('0123456789\r\n')], 10)).toMatchObject({lines: ['0123456789'], truncated: 0});
  });

  test('bytes that are no UTF-8 become a mark and hurt nothing else', () => {
    expect(split([Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82]), Buffer.from([0xac, 0x0a])]).lines).toEqual([
      'a\ufffdb',
      '€',
    ]);
  });

  test('a batch is called plain only when every line of it is printable ASCII', () => {
    fc.assert(
      fc.property(logText, fc.array(fc.nat(5000)), (text, places) => {
        const splitter = new LineSplitter((lines, plain) => {
          if (plain) for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
        });
        for (const chunk of cut(Buffer.from(text, 'utf8'), places)) splitter.push(chunk);
        splitter.end();
      }),
    );
    expect(split([Buffer.from('plain text\nand more\n')]).plain).toEqual([true]);
    expect(split([Buffer.from('colour \x1b[31m\nand more\n')]).plain).toEqual([false]);
  });

  test('half a line is forgotten when the stream broke off', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter(batch => lines.push(...batch));
    splitter.push(Buffer.from('one\nhal\xe2', 'latin1'));
    splitter.reset();
    splitter.push(Buffer.from('two\n'));
    expect(lines).toEqual(['one', 'two']);
  });
});
