import stringWidth from 'string-width';
import {graphemes} from './graphemes.ts';

/** Columns that a text takes in a terminal. Wide characters count two, combining marks and SGR sequences nothing. */
export function displayWidth(text: string): number {
  return singleWidth.test(text) ? text.length : stringWidth(text);
}

/**
 * Shortens a text to at most `columns`, ending in `ellipsis` when something was cut. SGR sequences are kept, and so is
 * everything after the cut that only closes a style.
 */
export function truncate(text: string, columns: number, ellipsis = '…'): string {
  if (columns <= 0) return '';
  if (plainAscii.test(text)) {
    if (text.length <= columns) return text;
    return displayWidth(ellipsis) > columns
      ? text.slice(0, columns)
      : text.slice(0, columns - displayWidth(ellipsis)) + ellipsis;
  }
  if (displayWidth(text) <= columns) return text;
  const mark = displayWidth(ellipsis) > columns ? '' : ellipsis;
  return cut(text, columns - displayWidth(mark), mark);
}

/** Keeps the end of a text, the way a path or a command line is best shortened. Takes no SGR sequences. */
export function truncateStart(text: string, columns: number, ellipsis = '…'): string {
  if (columns <= 0) return '';
  if (displayWidth(text) <= columns) return text;
  const mark = displayWidth(ellipsis) > columns ? '' : ellipsis;
  const clusters = Array.from(graphemes(text), ({segment}) => segment);
  let room = columns - displayWidth(mark);
  let start = clusters.length;
  while (start > 0) {
    const width = displayWidth(clusters[start - 1] ?? '');
    if (width > room) break;
    room -= width;
    start--;
  }
  return mark + clusters.slice(start).join('');
}

/** Fills with blanks on the right; a text that is wider stays as it is. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Fills with blanks on the left; a text that is wider stays as it is. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}

/** Exactly `columns` wide: cut or filled, the text at the left or at the right. */
export function fitTo(text: string, columns: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  const short = truncate(text, columns, ellipsis);
  return align === 'left' ? padEnd(short, columns) : padStart(short, columns);
}

/** Breaks a text without SGR sequences into rows of at most `columns`, at blanks where there are any. Never returns an empty list. */
export function wrapText(text: string, columns: number): string[] {
  if (columns <= 0 || displayWidth(text) <= columns) return [text];
  const rows: string[] = [];
  let row = '';
  let width = 0;
  for (const word of text.split(/(?<= )/)) {
    const wordWidth = displayWidth(word.trimEnd());
    if (width + wordWidth > columns && row !== '') {
      rows.push(row.trimEnd());
      row = '';
      width = 0;
    }
    for (const piece of wordWidth > columns ? hardRows(word, columns) : [word]) {
      if (row !== '' && width + displayWidth(piece.trimEnd()) > columns) {
        rows.push(row);
        row = '';
        width = 0;
      }
      row += piece;
      width += displayWidth(piece);
    }
  }
  rows.push(row.trimEnd());
  return rows;
}

/** Cuts a text without SGR sequences into rows of at most `columns`, wherever the edge falls: for log lines, where blanks mean something. */
export function hardRows(text: string, columns: number): string[] {
  if (columns <= 0) return [text];
  const rows: string[] = [];
  if (plainAscii.test(text)) {
    for (let start = 0; start < text.length; start += columns) rows.push(text.slice(start, start + columns));
    return rows.length === 0 ? [''] : rows;
  }
  let row = '';
  let width = 0;
  for (const {segment} of graphemes(text)) {
    const segmentWidth = displayWidth(segment);
    if (width + segmentWidth > columns && row !== '') {
      rows.push(row);
      row = '';
      width = 0;
    }
    row += segment;
    width += segmentWidth;
  }
  rows.push(row);
  return rows;
}

const plainAscii = /^[\u0020-\u007E]*$/;
/** ASCII, Latin, punctuation, arrows, box drawing, blocks and the check marks: one column each, never joined. Most texts are no more. */
export const singleWidth =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u2713-\u2718]*$/;
const sgr = /(\u001B\[[\d;:]*m)/;
function cut(text: string, columns: number, mark: string): string {
  let result = '';
  let room = columns;
  let full = false;
  for (const part of text.split(sgr)) {
    if (part.startsWith('\u001B')) {
      if (!full || isClosing(part)) result += part;
      continue;
    }
    if (full) continue;
    for (const {segment} of graphemes(part)) {
      const width = displayWidth(segment);
      if (width > room) {
        full = true;
        result += mark;
        break;
      }
      result += segment;
      room -= width;
    }
  }
  return result;
}

function isClosing(sequence: string): boolean {
  return /^\u001B\[(0|2[2-9]|39|49)?m$/.test(sequence);
}
