import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type Redundancy, toleratedFailures} from '../../source/cluster/tolerance.ts';

const sound = (numberSyncStandbys: number, quorum: number, more: Partial<Redundancy> = {}): Redundancy => ({
  numberSyncStandbys,
  quorum,
  asynchronous: 0,
  acknowledging: 0,
  missing: 0,
  candidates: quorum + (more.asynchronous ?? 0),
  primaryReports: true,
  failsOver: true,
  registered: quorum,
  ...more,
});

test.each([
  ['a lone node', sound(0, 0), 0],
  ['two nodes', sound(0, 1), 1],
  ['three nodes, one synchronous standby required', sound(1, 2), 1],
  ['three nodes, none required: a lost standby would make the next election wait', sound(0, 2), 1],
  ['three nodes, two required: losing any standby blocks', sound(2, 2), 0],
  ['four nodes, one required', sound(1, 3), 1],
  ['three nodes, one of them silent (an election would wait for it)', sound(1, 1, {missing: 1, registered: 2}), 0],
  ['three nodes, one in maintenance (too few candidates)', sound(1, 1, {acknowledging: 1, registered: 2}), 0],
  [
    'three nodes, one out of the quorum for planned work, none required',
    sound(0, 1, {asynchronous: 0, registered: 2}),
    1,
  ],
  ['two nodes and an asynchronous one', sound(0, 1, {asynchronous: 1, registered: 2}), 1],
  ['three nodes, neither standby may be promoted', sound(1, 2, {candidates: 0}), 0],
  ['three nodes, one standby may be promoted', sound(1, 2, {candidates: 1}), 1],
  [
    'the last standby of a primary without its keeper: nobody there lets commits go on without it',
    sound(0, 1, {primaryReports: false}),
    0,
  ],
  ['two standbys of a primary without its keeper: commits go on with one', sound(0, 2, {primaryReports: false}), 1],
  ['three nodes, the primary between two states from which there is no failover', sound(1, 2, {failsOver: false}), 0],
])('%s', (_name, redundancy, failures) => {
  expect(toleratedFailures(redundancy)).toBe(failures);
});

test('a silent quorum standby always means that no failure is tolerated by an election', () => {
  const counts = fc.nat({max: 5});
  fc.assert(
    fc.property(counts, counts, counts, fc.integer({min: 1, max: 3}), (nss, quorum, asynchronous, missing) => {
      expect(
        toleratedFailures(sound(nss, quorum, {asynchronous, missing, registered: quorum + asynchronous + missing})),
      ).toBe(0);
    }),
  );
});

test('one more healthy quorum standby never makes it worse', () => {
  fc.assert(
    fc.property(fc.nat({max: 3}), fc.integer({min: 2, max: 6}), (nss, quorum) => {
      expect(toleratedFailures(sound(nss, quorum + 1))).toBeGreaterThanOrEqual(toleratedFailures(sound(nss, quorum)));
    }),
  );
});
