import fc from 'fast-check';
import {expect, test} from 'vitest';
import {formatLsn, lsnDistance, parseLsn} from '../../source/cluster/lsn.ts';

const positions = fc.bigInt({min: 1n, max: 0xffff_ffff_ffff_ffffn});
const text = (position: bigint) =>
  `${(position >> 32n).toString(16).toUpperCase()}/${(position & 0xffff_ffffn).toString(16).toUpperCase()}`;

test('a position reads back as PostgreSQL prints it', () => {
  fc.assert(
    fc.property(positions, position => {
      const lsn = parseLsn(text(position));
      expect(lsn === undefined ? undefined : formatLsn(lsn)).toBe(text(position));
    }),
  );
});

test('the distance between two positions is their difference in bytes, with its sign', () => {
  fc.assert(
    fc.property(positions, fc.integer({min: -1_000_000_000, max: 1_000_000_000}), (position, bytes) => {
      const ahead = parseLsn(text(position + BigInt(bytes)));
      const behind = parseLsn(text(position));
      fc.pre(position + BigInt(bytes) > 0n && position + BigInt(bytes) <= 0xffff_ffff_ffff_ffffn);
      expect(ahead !== undefined && behind !== undefined && lsnDistance(ahead, behind)).toBe(bytes);
    }),
  );
});

test('a distance crosses the 4 GiB boundary of the notation', () => {
  const [ahead, behind] = [parseLsn('1/00000010'), parseLsn('0/FFFFFFF0')];
  expect(ahead !== undefined && behind !== undefined && lsnDistance(ahead, behind)).toBe(32);
});

test.each(['0/0', '', 'x', '1/2/3', '123456789/0', '1/123456789', '-1/0', null, undefined])(
  'no position is made of %s',
  nothing => {
    expect(parseLsn(nothing)).toBeUndefined();
  },
);
