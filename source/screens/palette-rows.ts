import type {PromptState} from '../console/prompt.ts';
import {stripLine} from '../terminal/strip.ts';
import {displayWidth} from '../terminal/width.ts';
import {cell, painted, type Row} from './row.ts';

const mostRows = 10;
/** Wider usages get their help on what is left of the row. */
const widestUsage = 44;

/** What the line of the prompt may become, in the rows above it: the chosen one in sight, those that do nothing now with the reason. */
export function paletteRows({entries, chosen}: PromptState, columns: number, height: number): readonly Row[] {
  const shown = Math.min(mostRows, height, entries.length);
  const first = Math.max(0, Math.min((chosen ?? 0) - shown + 1, entries.length - shown));
  const visible = entries.slice(first, first + shown);
  const width = Math.min(widestUsage, Math.max(0, ...visible.map(entry => displayWidth(stripLine(entry.usage)))));
  return visible.map((entry, index): Row => {
    const words = entry.unavailable === undefined ? entry.help : `not now: ${entry.unavailable}`;
    const text = cell(` :${cell(entry.usage, width)}  ${words}`, columns);
    if (first + index === chosen) return [painted(text, 'inverse')];
    return entry.unavailable === undefined ? [{text}] : [painted(text, 'dim')];
  });
}
