import fc from 'fast-check';
import {expect, test} from 'vitest';
import {LineRing} from '../../source/logs/ring.ts';

test('behaves as a list of the newest lines, with lasting sequence numbers and honest counters', () => {
  const step = fc.oneof({weight: 20, arbitrary: fc.string()}, {weight: 1, arbitrary: fc.constant(undefined)});
  fc.assert(
    fc.property(
      fc.array(step, {maxLength: 300}),
      fc.integer({min: 1, max: 20}),
      fc.integer({min: 1, max: 2000}),
      (steps, maxLines, maxBytes) => {
        const ring = new LineRing({maxLines, maxBytes});
        let model: {sequence: number; text: string}[] = [];
        let next = 0;
        let dropped = 0;
        for (const text of steps) {
          if (text === undefined) {
            ring.clear();
            model = [];
          } else {
            ring.push({at: next, stream: next % 2 === 0 ? 'stdout' : 'stderr', text});
            model.push({sequence: next, text});
            next += 1;
            const size = () => model.reduce((sum, line) => sum + line.text.length + 64, 0);
            while (model.length > 1 && (model.length > maxLines || size() > maxBytes)) {
              model.shift();
              dropped += 1;
            }
          }
          expect(ring.length).toBe(model.length);
          expect(ring.end).toBe(next);
          expect(ring.first).toBe(model[0]?.sequence ?? next);
          expect(model.map(line => ring.at(line.sequence))).toEqual(
            model.map(({sequence, text}) => ({at: sequence, stream: sequence % 2 === 0 ? 'stdout' : 'stderr', text})),
          );
          expect(ring.at(ring.first - 1)).toBeUndefined();
          expect(ring.at(ring.end)).toBeUndefined();
          expect({seen: ring.seen, dropped: ring.dropped}).toEqual({seen: next, dropped});
          expect(ring.bytes).toBe(model.reduce((sum, line) => sum + line.text.length + 64, 0));
        }
      },
    ),
  );
});

test('is the same beyond the size of its blocks, with short lines and long ones', () => {
  const ring = new LineRing({maxLines: 3000, maxBytes: 4 * 1024 * 1024});
  const textOf = (sequence: number) => (sequence % 700 === 0 ? 'x'.repeat(50_000) : `line ${sequence}`);
  for (let sequence = 0; sequence < 10_000; sequence += 1)
    ring.push({at: sequence, stream: 'stdout', text: textOf(sequence)});
  expect({first: ring.first, end: ring.end, dropped: ring.dropped}).toEqual({first: 7000, end: 10_000, dropped: 7000});
  for (let sequence = ring.first; sequence < ring.end; sequence += 1) {
    expect(ring.at(sequence)).toEqual({at: sequence, stream: 'stdout', text: textOf(sequence)});
  }
});
