import {parseTemplate} from '../go-template.ts';

/** Columns of a table of docker: the head, and the field. */
export type Columns<R> = readonly (readonly [head: string, field: keyof R & string])[];

/** Rows as docker prints them: its own table, JSON, a template, or a table of a template. */
export function formatted<R extends Record<string, unknown>>(
  rows: readonly R[],
  format: string | undefined,
  columns: Columns<R>,
): string {
  if (format === undefined || format === 'table') {
    return aligned([
      columns.map(([head]) => head),
      ...rows.map(row => columns.map(([, field]) => String(row[field] ?? ''))),
    ]);
  }
  const isTable = format.startsWith('table ');
  const source = (isTable ? format.slice(6) : format).replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  const template = parseTemplate(source === 'json' ? '{{json .}}' : source);
  const lines = rows.map(row => template(row));
  if (!isTable) return lines.map(line => `${line}\n`).join('');
  const head = source.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (_all, name: string) => {
    return (
      columns.find(([, field]) => field === name)?.[0] ?? name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toUpperCase()
    );
  });
  return aligned([head, ...lines].map(line => line.split('\t')));
}

/** Columns three spaces apart and ten wide at least, as docker sets them. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(7, ...rows.map(cells => (cells[column] ?? '').length)),
  );
  return rows
    .map(cells => {
      const last = cells.length - 1;
      return `${cells.map((cell, column) => (column === last ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join('')}\n`;
    })
    .join('');
}

/** A duration as docker words it. */
export function ago(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(minutes / 60);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}
