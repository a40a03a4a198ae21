/** One line of the table. Undefined: not measured, or there is no such thing. */
export type Measure = {
  what: string;
  unit: 'ms' | '%' | 'B/s' | 'MB' | '/s' | '';
  /** The most that design allows, in the same unit. */
  budget?: number;
  console?: number;
  watch?: number;
  /** Few words: what exactly, or why a value is missing. */
  note?: string;
};

/** The measures as a Markdown table with a verdict on each budget. */
export function markdown(measures: readonly Measure[]): string {
  const header = ['what', 'budget', 'pgaf', 'pg_autoctl watch', 'pgaf / watch', ''];
  const rows = measures.map(measure => [
    measure.what,
    quantity(measure.budget, measure.unit),
    quantity(measure.console, measure.unit),
    quantity(measure.watch, measure.unit),
    ratio(measure),
    [verdict(measure), measure.note].filter(word => word !== undefined).join('; '),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (isNumeric(column) ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** Whether a measure is within its budget; undefined when it has none or was not taken. */
export function isWithinBudget(measure: Measure): boolean | undefined {
  if (measure.budget === undefined || measure.console === undefined || Number.isNaN(measure.console)) return undefined;
  return measure.console <= measure.budget;
}

function verdict(measure: Measure): string | undefined {
  const within = isWithinBudget(measure);
  return within === undefined ? undefined : within ? 'ok' : 'OVER';
}

function quantity(value: number | undefined, unit: Measure['unit']): string {
  if (value === undefined) return '';
  if (Number.isNaN(value)) return '?';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit === '%' || unit === '/s' || unit === '' ? unit : ` ${unit}`}`;
}

function ratio({console, watch}: Measure): string {
  if (console === undefined || watch === undefined || watch === 0) return '';
  const value = console / watch;
  return Number.isNaN(value) ? '' : `${value.toFixed(2)}x`;
}

function isNumeric(column: number): boolean {
  return column >= 1 && column <= 4;
}

function pad(cell: string, width: number, column: number): string {
  return isNumeric(column) ? cell.padStart(width) : cell.padEnd(width);
}
