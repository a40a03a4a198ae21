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
        const ring = new LineRing<{text: string}>({maxLines, maxBytes});
        let model: {sequence: number; text: string}[] = [];
        let next = 0;
        let dropped = 0;
        for (const text of steps) {
          if (text === undefined) {
            ring.clear();
            model = [];
          } else {
            ring.push({text});
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
          expect(model.map(line => ring.at(line.sequence)?.text)).toEqual(model.map(line => line.text));
          expect(ring.at(ring.first - 1)).toBeUndefined();
          expect(ring.at(ring.end)).toBeUndefined();
          expect({seen: ring.seen, dropped: ring.dropped}).toEqual({seen: next, dropped});
          expect(ring.bytes).toBe(model.reduce((sum, line) => sum + line.text.length + 64, 0));
        }
      },
    ),
  );
});
