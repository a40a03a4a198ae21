import {graphemes} from '../terminal/graphemes.ts';
import {type Marks, marksFor} from '../terminal/marks.ts';
import {displayWidth} from '../terminal/width.ts';

/** The text in ASCII, exactly as wide: marks become their stand-ins, anything else a question mark for each column it takes. */
export function toAscii(text: string): string {
  if (printableAscii.test(text)) return text;
  return Array.from(graphemes(text), ({segment}) => asciiOf(segment)).join('');
}

const printableAscii = /^[\x20-\x7e]*$/;

/** The marks of the terminal layer, and the punctuation that sentences use. */
const replacements: ReadonlyMap<string, string> = new Map([
  ...charactersOf(marksFor(true)).map((mark, index): [string, string] => [
    mark,
    charactersOf(marksFor(false))[index] ?? '?',
  ]),
  ['–', '-'],
  ['×', 'x'],
  ['’', "'"],
  ['“', '"'],
  ['”', '"'],
]);

function charactersOf(marks: Marks): readonly string[] {
  return Object.values(marks).flat();
}

function asciiOf(segment: string): string {
  if (printableAscii.test(segment)) return segment;
  return replacements.get(segment) ?? '?'.repeat(displayWidth(segment));
}
