import fc from 'fast-check';
import {expect, test} from 'vitest';
import {compareStamps, TimestampReader} from '../../source/logs/timestamp.ts';

test("reads docker's and podman's timestamps", () => {
  const reader = new TimestampReader();
  const at = Date.parse('2026-11-24T14:31:49.699Z');
  expect(reader.split('2026-11-24T14:31:49.699008467Z 14:31:49 9 INFO  text')).toEqual({
    stamp: '2026-11-24T14:31:49.699008467Z',
    at,
    text: '14:31:49 9 INFO  text',
  });
  expect(reader.split('2026-11-24T15:31:49.699008467+01:00 text')).toMatchObject({at, text: 'text'});
  expect(reader.split('2026-11-24T14:31:49.699008467Z ')).toMatchObject({at, text: ''});
  expect(reader.split('2026-11-24T14:31:49.699008467Z')).toMatchObject({at, text: ''});
  expect(reader.split('2026-11-24T14:31:49.5Z x')).toMatchObject({at: Date.parse('2026-11-24T14:31:49.5Z')});
});

test('a line without a timestamp is not taken for one', () => {
  const reader = new TimestampReader();
  for (const line of [
    '',
    'Error response from daemon: No such container: x',
    '2026-11-24Tnonsense x',
    '2026-99-24T14:31:49.6Z x',
  ]) {
    expect(reader.split(line)).toBeUndefined();
  }
});

test('agrees with the slow way, and orders to the nanosecond', () => {
  const reader = new TimestampReader();
  const moment = fc.tuple(
    fc.date({min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true}),
    fc.nat(999_999),
  );
  const stampOf = ([date, nanoseconds]: [Date, number]) =>
    date.toISOString().replace('Z', `${String(nanoseconds).padStart(6, '0')}Z`);
  fc.assert(
    fc.property(moment, moment, (left, right) => {
      expect(reader.split(`${stampOf(left)} x`)?.at).toBe(left[0].getTime());
      const expected = left[0].getTime() - right[0].getTime() || left[1] - right[1];
      expect(Math.sign(compareStamps(stampOf(left), stampOf(right)))).toBe(Math.sign(expected));
    }),
  );
});
