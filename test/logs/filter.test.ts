import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type LineFilter, parseFilter} from '../../source/logs/filter.ts';

function filter(input: string): LineFilter {
  const outcome = parseFilter(input);
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.value;
}

describe('a filter as a person types it', () => {
  test.each([
    ['', 'anything', true],
    ['error', 'ERROR: disk full', true],
    ['Error', 'ERROR: disk full', false],
    ['a.b', 'axb', false],
    ['a.b', 'A.B', true],
    ['/err(or)?:/', 'Error: x', true],
    ['/Err(or)?:/', 'error: x', false],
    // \S has a capital and is none of the person's.
    ['/node\\S/', 'NODE1', true],
    ['/unfinished', 'this is UNFINISHED', true],
    ['!debug', 'DEBUG x', false],
    ['!debug', 'error', true],
    ['!/^a/', 'abc', false],
    ['\\!important', 'an !IMPORTANT line', true],
    ['!', 'anything', true],
    ['/', 'anything', true],
    ['//', 'https://x', true],
  ])('%j on %j: %s', (input, text, matches) => {
    expect(filter(input).matches(text)).toBe(matches);
  });

  test('marks every place, in order, and none when inverted', () => {
    expect(filter('ab').ranges('abcABc ab')).toEqual([
      [0, 2],
      [3, 5],
      [7, 9],
    ]);
    expect(filter('/x*/').ranges('axxb')).toEqual([[1, 3]]);
    expect(filter('!ab').ranges('ab')).toEqual([]);
    expect(filter('').ranges('ab')).toEqual([]);
  });

  test('a pattern that is not finished yet is a problem, not an exception', () => {
    expect(parseFilter('/a(b')).toMatchObject({ok: false, problem: {message: expect.stringContaining('a(b')}});
  });

  test('plain text is found wherever it stands, whatever characters it holds', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({minLength: 1}), fc.string(), (before, text, after) => {
        fc.pre(!/^[!/\\]/.test(text));
        expect(filter(text).matches(before + text + after)).toBe(true);
      }),
    );
  });
});
