import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ResumePoint} from '../../source/logs/resume-point.ts';

test('every line once, however often the log is read again, also when many share one timestamp', () => {
  // Small steps of time, many of them zero: lines with the same timestamp.
  const log = fc.array(fc.integer({min: 0, max: 2}), {maxLength: 60}).map(steps => {
    let time = 0;
    return steps.map((step, index) => {
      time += step;
      return {stamp: new Date(1_800_000_000_000 + time).toISOString(), id: index};
    });
  });
  const readings = fc.array(fc.record({upTo: fc.nat(60), overlap: fc.nat(10)}), {maxLength: 8});
  fc.assert(
    fc.property(log, readings, (lines, attempts) => {
      const point = new ResumePoint();
      const got: number[] = [];
      for (const {upTo, overlap} of [...attempts, {upTo: 60, overlap: 0}]) {
        // What `--since` gives: whole timestamps, from a little before the newest line seen.
        const since = point.stamp === undefined ? '' : new Date(Date.parse(point.stamp) - overlap).toISOString();
        point.rewind();
        const end = Math.max(upTo, got.length);
        for (const line of lines.slice(0, end).filter(each => each.stamp >= since)) {
          if (point.accept(line.stamp)) got.push(line.id);
        }
      }
      expect(got).toEqual(lines.map(line => line.id));
    }),
  );
});
