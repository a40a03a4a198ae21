import {type Binding, bindingsOf, unavailable} from '../console/bindings.ts';
import type {ConsoleState} from '../console/store.ts';
import {keyLabel} from './footer.ts';
import {blankRow, painted, paragraph, type Row, spread, visibleRows} from './row.ts';

export type HelpView = Pick<ConsoleState, 'snapshot' | 'assessment' | 'now' | 'selectedNode' | 'kinds'>;

const groups: ReadonlyArray<{group: Binding['group']; title: string}> = [
  {group: 'look', title: 'LOOK'},
  {group: 'change', title: 'CHANGE THE CLUSTER'},
  {group: 'move', title: 'MOVE'},
  {group: 'general', title: 'GENERAL'},
];
const keyWidth = 24;

/** What the marks on the screens mean, for who meets one for the first time. */
const legend: ReadonlyArray<readonly [mark: string, meaning: string]> = [
  ['?', 'not known; never a zero'],
  ['~ 12 kB', "lag by the monitor's own numbers: coarser and older than the node's"],
  ['<5 s', 'the node reported to the monitor just now: a healthy one does it once a second'],
  ['14 s!', 'its last report is that old'],
  ['4!', "another timeline than the primary's: it must rewind or be cloned again"],
  ['a → b', 'the node reports state a, the monitor has assigned b'],
  ['ok rw', 'reachable, and proven to take writes'],
  ['sync 2/1', 'synchronous standbys connected / how many a commit waits for'],
  ['underlined', 'changed in the last seconds'],
];

/** Every key in its group, those that do nothing now with the reason; scrolled, at most `height` rows. */
export function helpRows(
  view: HelpView,
  scroll: number,
  columns: number,
  height: number,
): {rows: readonly Row[]; limit: number} {
  const content = [
    ...groups.flatMap(({group, title}) => groupRows(view, group, title, columns)),
    ...legendRows(columns),
  ];
  const {rows, scroll: at, limit} = visibleRows(content, Math.max(0, height - 2), scroll);
  const below = content.length - at - rows.length;
  const title = spread(
    [{text: ' '}, painted('Keys', 'bold')],
    below > 0 ? [painted(`${below} more below `, 'dim')] : [],
    columns,
  );
  return {rows: [title, blankRow, ...rows].slice(0, height), limit};
}

function groupRows(view: HelpView, group: Binding['group'], title: string, columns: number): readonly Row[] {
  const members = bindingsOf(view.kinds).filter(binding => binding.group === group);
  if (members.length === 0) return [];
  return [[painted(` ${title}`, 'dim')], ...members.flatMap(binding => bindingRows(view, binding, columns)), blankRow];
}

function bindingRows(view: HelpView, binding: Binding, columns: number): readonly Row[] {
  const reason = unavailable(binding, view);
  const keys = binding.keys.map(keyLabel).join(' ');
  const where = whereText(binding);
  const words = `${binding.title}${where}${reason === undefined ? '' : ` (not now: ${reason})`}`;
  return paragraph(words, columns - keyWidth - 3).map((text, index): Row => {
    const key = `   ${(index === 0 ? keys : '').padEnd(keyWidth)}`;
    return reason === undefined ? [painted(key, 'bold'), {text}] : [painted(key + text, 'dim')];
  });
}

/** A key that works on one screen only says so. */
function whereText(binding: Binding): string {
  return binding.screens.length === 1 && binding.screens[0] !== 'cluster' ? `, in the ${binding.screens[0]}` : '';
}

function legendRows(columns: number): readonly Row[] {
  return [
    [painted(' MARKS', 'dim')],
    ...legend.flatMap(([mark, meaning]) =>
      paragraph(meaning, columns - keyWidth - 3).map(
        (text, index): Row => [painted(`   ${(index === 0 ? mark : '').padEnd(keyWidth)}`, 'bold'), {text}],
      ),
    ),
  ];
}
