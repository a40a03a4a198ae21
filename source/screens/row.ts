import type {Span} from '../terminal/span.ts';
import {stripLine} from '../terminal/strip.ts';
import type {Tone} from '../terminal/style.ts';
import {displayWidth, fitTo, truncate, wrapText} from '../terminal/width.ts';
import type {Appearance} from './appearance.ts';
import {toAscii} from './ascii.ts';

/** One row of a screen, as data: it becomes a string in `rowText` and nowhere else, so that nothing from outside reaches the terminal raw. */
export type Row = readonly Span[];

export function painted(text: string, ...tone: readonly Tone[]): Span {
  return {text, tone};
}

/** The same span with one more meaning. */
export function also(span: Span, ...tones: readonly Tone[]): Span {
  const before = span.tone === undefined ? [] : typeof span.tone === 'string' ? [span.tone] : span.tone;
  return {text: span.text, tone: [...before, ...tones]};
}

/** The row as a string of at most `columns`: cleaned, cut with an ellipsis, coloured. */
export function rowText(row: Row, columns: number, appearance: Appearance): string {
  const clean = row.map(span => ({...span, text: stripLine(span.text)}));
  const shown = appearance.unicode ? clean : clean.map(span => ({...span, text: toAscii(span.text)}));
  return cutRow(shown, columns, appearance.unicode ? '…' : '~')
    .map(span => paint(span, appearance))
    .join('');
}

/** Columns that a row takes when nothing is cut. */
export function rowWidth(row: Row): number {
  return row.reduce((sum, span) => sum + displayWidth(stripLine(span.text)), 0);
}

function paint({text, tone}: Span, {style}: Appearance): string {
  if (tone === undefined) return text;
  const tones = typeof tone === 'string' ? [tone] : tone;
  return tones.reduce((painted, name) => style[name](painted), text);
}

/** A text in exactly `columns`, cleaned before it is measured. */
export function cell(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  return fitTo(stripLine(text), columns, align);
}

/** Two rows in one: `left` from the left edge, `right` up to the right one. When both do not fit, `left` is cut. */
export function spread(left: Row, right: Row, columns: number): Row {
  const rightWidth = rowWidth(right);
  const room = Math.max(0, columns - rightWidth - (right.length === 0 ? 0 : 1));
  const kept = cutRow(left, room);
  return [...kept, {text: ' '.repeat(Math.max(0, columns - rowWidth(kept) - rightWidth))}, ...right];
}

/** The first `columns` of a row, ending in an ellipsis when something was cut. */
export function cutRow(row: Row, columns: number, ellipsis = '…'): Row {
  if (rowWidth(row) <= columns) return row;
  const kept: Span[] = [];
  let room = columns;
  for (const span of row) {
    if (room <= 0) break;
    const clean = stripLine(span.text);
    const fits = displayWidth(clean) < room;
    // The blank makes a text that would just fit give way to the ellipsis: something follows it.
    const text = fits ? clean : truncate(`${clean} `, room, ellipsis);
    kept.push({...span, text});
    room -= displayWidth(text);
    if (!fits) break;
  }
  return kept;
}

/** Cleaned text in lines of at most `columns`, each after the same indentation; at most `limit` lines, the last one cut. */
export function paragraph(
  text: string,
  columns: number,
  indent = '',
  limit = Number.POSITIVE_INFINITY,
): readonly string[] {
  const width = Math.max(1, columns - displayWidth(indent));
  const lines = wrapText(stripLine(text), width);
  if (lines.length <= limit) return lines.map(line => indent + line);
  const kept = lines.slice(0, Math.max(0, limit - 1));
  const rest = lines.slice(Math.max(0, limit - 1)).join(' ');
  return limit <= 0 ? [] : [...kept, truncate(rest, width)].map(line => indent + line);
}

/** The part of a list that a window of `height` rows shows, scrolled down by `scroll` or as far as there is something. */
export function visibleRows(
  rows: readonly Row[],
  height: number,
  scroll: number,
): {rows: readonly Row[]; scroll: number; limit: number} {
  const limit = Math.max(0, rows.length - height);
  const at = Math.max(0, Math.min(scroll, limit));
  return {rows: rows.slice(at, at + height), scroll: at, limit};
}

export const blankRow: Row = [];
