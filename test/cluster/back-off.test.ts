import fc from 'fast-check';
import {expect, test} from 'vitest';
import {backOffMs} from '../../source/cluster/back-off.ts';

test('waits longer after each failure, never longer than the limit and its jitter', () => {
  expect([1, 2, 3, 4, 99].map(failures => backOffMs(failures, () => 0.5))).toEqual([250, 500, 1000, 2000, 8000]);
  fc.assert(
    fc.property(fc.nat(1000), fc.double({min: 0, max: 1, noNaN: true}), (failures, chance) => {
      const wait = backOffMs(failures, () => chance, {firstMs: 100, maxMs: 3000});
      expect(wait).toBeGreaterThanOrEqual(75);
      expect(wait).toBeLessThanOrEqual(3750);
    }),
  );
});
