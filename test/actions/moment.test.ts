import {expect, it} from 'vitest';
import {momentOf} from '../../source/actions/moment.ts';

const now = new Date(2026, 0, 15, 3, 12, 47).getTime();
const local = (day: number, hours: number, minutes: number) => new Date(2026, 0, day, hours, minutes).getTime();

it.each<[string, number | undefined]>([
  ['90m', now - 90 * 60_000],
  ['2h', now - 2 * 3_600_000],
  ['45s', now - 45_000],
  ['1d', now - 86_400_000],
  ['03:00', local(15, 3, 0)],
  ['3:05', local(15, 3, 5)],
  ['22:30', local(14, 22, 30)],
  ['2026-01-15T03:00', local(15, 3, 0)],
  ['2026-01-14T02:00:00Z', Date.UTC(2026, 0, 14, 2)],
  ['yesterday', undefined],
  ['25:00', undefined],
  ['2', undefined],
  ['2026-13-41', undefined],
  ['', undefined],
])('%s', (text, moment) => {
  expect(momentOf(text, now)).toBe(moment);
});
