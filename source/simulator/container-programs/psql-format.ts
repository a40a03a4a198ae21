import type {DatabaseError, Notice} from '../answer.ts';
import {printed, type SqlType, type Table} from '../sql/table.ts';

/** How psql prints rows. */
export type RowFormat = {tuplesOnly: boolean; unaligned: boolean; expanded: boolean; separator: string};

/** Rows as psql prints them, with the line feed that ends them. */
export function formatTable(table: Table, format: RowFormat): string {
  const rows = table.rows.map(row => table.columns.map(({type}, index) => printed(row[index] ?? null, type) ?? ''));
  if (format.expanded) return expanded(table, rows, format);
  return format.unaligned ? unaligned(table, rows, format) : aligned(table, rows, format);
}

/** An error as psql prints it. */
export function errorText(error: DatabaseError, severity = 'ERROR'): string {
  return lines(`${severity}:  ${error.message}`, error.detail, error.hint);
}

/** A notice or a warning as psql prints it. */
export function noticeText({severity, message, detail, hint}: Notice): string {
  return lines(`${severity}:  ${message}`, detail, hint);
}

function lines(head: string, detail: string | undefined, hint: string | undefined): string {
  const more = [detail === undefined ? '' : `DETAIL:  ${detail}\n`, hint === undefined ? '' : `HINT:  ${hint}\n`];
  return `${head}\n${more.join('')}`;
}

function unaligned(table: Table, rows: readonly string[][], {tuplesOnly, separator}: RowFormat): string {
  const body = rows.map(row => row.join(separator));
  const all = tuplesOnly ? body : [table.columns.map(({name}) => name).join(separator), ...body, count(rows.length)];
  return all.map(line => `${line}\n`).join('');
}

function aligned(table: Table, rows: readonly string[][], {tuplesOnly}: RowFormat): string {
  const widths = table.columns.map(({name}, index) =>
    Math.max(tuplesOnly ? 0 : width(name), ...rows.map(row => width(row[index] ?? ''))),
  );
  const body = rows.map(row => {
    const cells = row.map((cell, index) => {
      const size = widths[index] ?? 0;
      const type = table.columns[index]?.type ?? 'text';
      return rightAligned(type) ? cell.padStart(size) : cell.padEnd(size);
    });
    return ` ${cells.join(' | ').trimEnd()}`;
  });
  if (tuplesOnly) return `${body.map(line => `${line}\n`).join('')}\n`;
  const head = ` ${table.columns.map(({name}, index) => centred(name, widths[index] ?? 0)).join(' | ')} `;
  const rule = widths.map(size => '-'.repeat(size + 2)).join('+');
  return `${[head, rule, ...body, count(rows.length)].join('\n')}\n\n`;
}

function expanded(
  table: Table,
  rows: readonly string[][],
  {tuplesOnly, unaligned: plain, separator}: RowFormat,
): string {
  if (rows.length === 0) return tuplesOnly ? '' : '(0 rows)\n\n';
  const nameWidth = Math.max(...table.columns.map(({name}) => width(name)));
  const valueWidth = Math.max(...rows.flatMap(row => row.map(width)), 0);
  const records = rows.map((row, number) => {
    const title = `-[ RECORD ${number + 1} ]`.padEnd(nameWidth + 1, '-');
    const head = tuplesOnly || plain ? [] : [`${title}+${'-'.repeat(Math.max(0, valueWidth + 1))}`];
    const body = table.columns.map(({name}, index) =>
      plain ? `${name}${separator}${row[index] ?? ''}` : `${name.padEnd(nameWidth)} | ${row[index] ?? ''}`,
    );
    return [...head, ...body].map(line => `${line.trimEnd()}\n`).join('');
  });
  return `${records.join(plain ? '\n' : '')}${plain ? '' : '\n'}`;
}

function rightAligned(type: SqlType): boolean {
  return type === 'int4' || type === 'int8' || type === 'float8';
}

function centred(text: string, size: number): string {
  const left = Math.floor((size - width(text)) / 2);
  return `${' '.repeat(Math.max(0, left))}${text}`.padEnd(size);
}

function width(text: string): number {
  return [...text].length;
}

function count(rows: number): string {
  return rows === 1 ? '(1 row)' : `(${rows} rows)`;
}
