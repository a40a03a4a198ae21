import type {Screen} from '../console/store.ts';
import {stripLine} from '../terminal/strip.ts';
import {displayWidth} from '../terminal/width.ts';
import {blankRow, painted, paragraph, type Row, spread, visibleRows} from './row.ts';

/** A page of plain text under its title; scrolled, at most `height` rows. */
export function pageRows(
  {title, lines, scroll}: Screen & {name: 'page'},
  columns: number,
  height: number,
): {rows: readonly Row[]; limit: number} {
  const content = lines.flatMap((line): readonly Row[] => {
    const plain = stripLine(line);
    if (displayWidth(plain) + 2 <= columns) return [[{text: ` ${plain}`}]];
    const before = ` ${cells(plain, columns)}`;
    const text = paragraph(plain.slice(before.length - 1).trim(), columns - 2 - displayWidth(before));
    const under = ' '.repeat(displayWidth(before));
    return text.map((part, index): Row => [{text: `${index === 0 ? before : under}${part}`}]);
  });
  const {rows, scroll: at, limit} = visibleRows(content, Math.max(0, height - 2), scroll);
  const below = content.length - at - rows.length;
  const head = spread(
    [{text: ' '}, painted(stripLine(title), 'bold')],
    below > 0 ? [painted(`${below} more below `, 'dim')] : [],
    columns,
  );
  return {rows: [head, blankRow, ...rows].slice(0, height), limit};
}

/** What stands in columns before the last one of a line, which is a text that may take several rows. */
function cells(line: string, columns: number): string {
  const all = /^ *(?:\S+ {2,})*/.exec(line)?.[0] ?? '';
  return displayWidth(all) * 2 <= columns ? all : (/^ */.exec(line)?.[0] ?? '');
}
