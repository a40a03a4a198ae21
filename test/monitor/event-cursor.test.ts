import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {ClusterEvent} from '../../source/cluster/snapshot.ts';
import {EventCursor} from '../../source/monitor/event-cursor.ts';

const event = (id: number): ClusterEvent => ({
  id,
  at: 0,
  group: 0,
  nodeId: 1,
  nodeName: 'pg_node1',
  reportedState: 'primary',
  assignedState: 'primary',
  timeline: 1,
  lsn: undefined,
  candidatePriority: 50,
  replicationQuorum: true,
  description: '',
});

test('every event once, also one whose transaction took its id early and committed late, and more than a page at once', () => {
  // Each event: the time at which its id is taken, and how long its transaction lasts (less than the cursor waits).
  const commits = fc.array(fc.record({taken: fc.nat(20_000), lasts: fc.nat(900)}), {maxLength: 80});
  const readTimes = fc.array(fc.nat(20_000), {maxLength: 60});
  fc.assert(
    fc.property(commits, readTimes, fc.integer({min: 1, max: 10}), (transactions, times, page) => {
      const table = transactions
        .sort((left, right) => left.taken - right.taken)
        .map(({taken, lasts}, index) => ({id: (index + 1) * 3, visible: taken + lasts}));
      const cursor = new EventCursor();
      const got: number[] = [];
      // The first look comes before everything; a look that a full page announces comes at once.
      for (const now of [-1, ...times.sort((left, right) => left - right), 30_000]) {
        let full = true;
        while (full) {
          const from = cursor.from;
          const rows = table.filter(row => row.id > from && row.visible <= now).slice(0, page);
          full = rows.length === page && table.filter(row => row.id > from && row.visible <= now).length > page;
          // With a small page a latecomer may stand before the page's end: not what is looked at here.
          fc.pre(!full || table.every(row => row.visible <= now || row.id > (rows.at(-1)?.id ?? 0)));
          got.push(
            ...cursor
              .take(
                rows.map(row => event(row.id)),
                full,
                now,
              )
              .map(each => each.id),
          );
        }
      }
      expect([...got].sort((left, right) => left - right)).toEqual(table.map(row => row.id));
    }),
  );
});

test('what was read is not asked for for ever', () => {
  const cursor = new EventCursor();
  expect(cursor.from).toBe(-1);
  cursor.take([event(4), event(5)], false, 0);
  expect(cursor.from).toBe(5);
  cursor.take([event(9)], false, 1000);
  expect(cursor.from).toBe(5);
  expect(cursor.take([event(8), event(9)], false, 1500).map(each => each.id)).toEqual([8]);
  expect(cursor.from).toBe(5);
  cursor.take([event(8), event(9)], false, 2000);
  expect(cursor.from).toBe(9);
});

test('a new monitor, whose ids begin again, is noticed', () => {
  const cursor = new EventCursor();
  cursor.take([event(90)], false, 0);
  expect(cursor.isBehind(90)).toBe(false);
  expect(cursor.isBehind(3)).toBe(true);
  cursor.reset();
  expect(cursor.from).toBe(-1);
});
