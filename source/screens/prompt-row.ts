import type {PromptState} from '../console/prompt.ts';
import {stripLine} from '../terminal/strip.ts';
import {displayWidth, truncateStart} from '../terminal/width.ts';
import {painted, type Row, rowWidth} from './row.ts';

/** The line that is typed after `:`, its end always in sight, and as many of the words that it could go on with as there is room for. */
export function promptRow({typed, candidates}: PromptState, columns: number): Row {
  const shown = truncateStart(stripLine(typed), columns - 4, '');
  const line: Row = [painted(' :', 'bold'), {text: shown}, painted(' ', 'inverse')];
  let words = '';
  for (const candidate of candidates) {
    const longer = `${words}  ${stripLine(candidate)}`;
    if (rowWidth(line) + displayWidth(longer) + 3 > columns) return [...line, painted(`${words} …`, 'dim')];
    words = longer;
  }
  return [...line, painted(words, 'dim')];
}
