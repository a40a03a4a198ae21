/** How a sparkline is drawn: newest value at the right, one character each. */
export type SparklineDrawing = {
  readonly width: number;
  /** Characters from lowest to highest (Marks.levels). */
  readonly levels: readonly string[];
  /** The value of the highest level; the largest value shown, unless that is smaller. Keeps noise from looking like peaks. */
  readonly ceiling?: number;
};

/** Values as a row of bars, exactly `width` wide. What is not known (null) is blank, never a low bar; zero is the lowest bar. */
export function sparkline(values: ReadonlyArray<number | null>, drawing: SparklineDrawing): string {
  const {width, levels, ceiling = 0} = drawing;
  const shown = width <= 0 ? [] : values.slice(-width);
  const highest = shown.reduce<number>((most, value) => Math.max(most, value ?? 0), ceiling);
  return shown
    .map(value => bar(value, highest, levels))
    .join('')
    .padStart(Math.max(0, width));
}

function bar(value: number | null, highest: number, levels: readonly string[]): string {
  if (value === null || !Number.isFinite(value)) return ' ';
  if (value <= 0 || highest <= 0) return levels[0] ?? ' ';
  // Whatever is more than zero stands out from zero, however small.
  const level = Math.ceil((value / highest) * (levels.length - 1));
  return levels[Math.min(levels.length - 1, level)] ?? ' ';
}
