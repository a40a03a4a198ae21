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
    const indent = /^ */.exec(plain)?.[0] ?? '';
    if (displayWidth(plain) + 2 <= columns) return [[{text: ` ${plain}`}]];
    return paragraph(plain.trim(), columns - 2, ` ${indent}`).map((text): Row => [{text}]);
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
