import {expect, test} from 'vitest';
import {parseSynchronousStandbyNames} from '../../source/cluster/synchronous.ts';

test.each([
  ['', undefined],
  ['  ', undefined],
  ['ANY 1 (a, b)', {required: 1, names: ['a', 'b']}],
  ['any 2 (a,b,c)', {required: 2, names: ['a', 'b', 'c']}],
  ['FIRST 1 ("a", b)', {required: 1, names: ['a', 'b']}],
  ['2 (a, b)', {required: 2, names: ['a', 'b']}],
  ['a', {required: 1, names: ['a']}],
  ['*', {required: 1, names: ['*']}],
])('synchronous_standby_names %j', (text, expected) => {
  expect(parseSynchronousStandbyNames(text)).toEqual(expected);
});
