import {stripLine} from './strip.ts';
import type {Style, Tone} from './style.ts';
import {displayWidth, truncate} from './width.ts';

/** A piece of text and how it is to look, as data; may hold text from outside, which is made safe when it is drawn. */
export type Span = {readonly text: string; readonly tone?: Tone | readonly Tone[]};

/** What can stand in a row: plain text, one span, or several side by side. */
export type Spans = string | Span | readonly Span[];

/** Draws spans exactly `columns` wide: cut with an ellipsis or filled with blanks, at the left or the right. */
export function drawSpans(
  spans: Spans,
  columns: number,
  style: Style,
  options: {align?: 'left' | 'right'; ellipsis?: string} = {},
): string {
  const pieces = asList(spans).map(span => ({...span, text: stripLine(span.text)}));
  const total = pieces.reduce((sum, {text}) => sum + displayWidth(text), 0);
  const filling = ' '.repeat(Math.max(0, columns - total));
  let room = columns;
  let drawn = '';
  for (const [index, piece] of pieces.entries()) {
    if (room <= 0) break;
    // The mark of what is cut belongs to the piece that no longer fits with all that follows.
    const rest = pieces.slice(index + 1).reduce((sum, {text}) => sum + displayWidth(text), 0);
    const width = displayWidth(piece.text);
    const fits = width + rest <= room || width < room;
    const text = fits ? piece.text : truncate(`${piece.text}${rest > 0 ? '  ' : ''}`, room, options.ellipsis);
    drawn += paint(text, piece.tone, style);
    room -= displayWidth(text);
  }
  return options.align === 'right' ? filling + drawn : drawn + filling;
}

/** Draws spans as wide as they are. */
export function drawSpansWhole(spans: Spans, style: Style): string {
  return asList(spans)
    .map(span => paint(stripLine(span.text), span.tone, style))
    .join('');
}

/** Columns that spans take when nothing is cut. */
export function spansWidth(spans: Spans): number {
  return asList(spans).reduce((sum, {text}) => sum + displayWidth(stripLine(text)), 0);
}

function asList(spans: Spans): readonly Span[] {
  if (typeof spans === 'string') return [{text: spans}];
  return 'text' in spans ? [spans] : spans;
}

function paint(text: string, tone: Span['tone'], style: Style): string {
  if (tone === undefined) return text;
  const tones = typeof tone === 'string' ? [tone] : tone;
  return tones.reduce((painted, name) => style[name](painted), text);
}
