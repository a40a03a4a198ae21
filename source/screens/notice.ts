import type {Notice} from '../console/store.ts';
import type {Tone} from '../terminal/style.ts';
import {painted, type Row} from './row.ts';

const noticeTones: Readonly<Record<Notice['tone'], readonly Tone[]>> = {
  info: [],
  warning: ['warning'],
  danger: ['danger', 'bold'],
};

/** The row above the footer: asks for the second ctrl-c, or shows a notice; undefined when there is neither. */
export function noticeRow(notice: Notice | undefined, quitAskedAt: number | undefined): Row | undefined {
  if (quitAskedAt !== undefined) return [painted(' ctrl-c again quits; any other key stays', 'bold', 'warning')];
  if (notice === undefined) return undefined;
  return [painted(` ${notice.text}`, ...noticeTones[notice.tone])];
}
