/** A table as pg_autoctl prints it: columns on the right, except a last one without a width. */
export function columnsText(
  head: readonly (readonly [title: string, width: number])[],
  rows: readonly string[][],
): string {
  const widths = head.map(([title, least], index) =>
    least === 0 ? 0 : Math.max(least, title.length, ...rows.map(row => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join(' | ')}\n`;
  const last = Math.max(0, ...rows.map(row => (row.at(-1) ?? '').length), (head.at(-1)?.[0] ?? '').length);
  const rule = widths.map((width, index) => '-'.repeat(index === widths.length - 1 && width === 0 ? last : width));
  return [line(head.map(([title]) => title)), `${rule.join('-+-')}\n`, ...rows.map(line), '\n'].join('');
}
