/** How the last column is printed: on the right like the others, on the left with a rule of that length, or filled up to its longest text. */
export type LastColumn = 'right' | {rule: number} | 'filled';

/** A table as pg_autoctl prints it; columns have a width at least. */
export function columnsText(
  head: readonly (readonly [title: string, width: number])[],
  rows: readonly string[][],
  last: LastColumn = 'right',
): string {
  const final = head.length - 1;
  const widths = head.map(([title, least], index) =>
    Math.max(least, title.length, ...rows.map(row => (row[index] ?? '').length)),
  );
  const cellText = (cell: string, index: number) => {
    if (index < final || last === 'right') return cell.padStart(widths[index] ?? 0);
    return last === 'filled' ? cell.padEnd(widths[index] ?? 0) : cell;
  };
  const line = (cells: readonly string[]) => `${cells.map(cellText).join(' | ')}\n`;
  const rule = widths.map((width, index) =>
    '-'.repeat(index === final && typeof last === 'object' ? last.rule : width),
  );
  return [line(head.map(([title]) => title)), `${rule.join('-+-')}\n`, ...rows.map(line), '\n'].join('');
}
