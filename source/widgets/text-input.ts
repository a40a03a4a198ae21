import type {KeyEvent} from '../terminal/key-decoder.ts';
import {stripLine} from '../terminal/strip.ts';
import type {Style} from '../terminal/style.ts';
import {displayWidth} from '../terminal/width.ts';

/** A line that is being typed; `cursor` counts UTF-16 units from its start and never stands inside a character. */
export type TextInput = {readonly text: string; readonly cursor: number};

/** An input that holds a text, with the cursor at its end. */
export function textInput(text = ''): TextInput {
  return {text, cursor: text.length};
}

/** The input after a key or a paste, with the keys of readline; the same object when the key edits nothing. */
export function editText(input: TextInput, event: KeyEvent): TextInput {
  if (event.kind === 'paste') return insert(input, stripLine(event.text).trimEnd());
  const edit = edits.get(event.key);
  if (edit !== undefined) return unlessSame(input, edit(input));
  return event.text === '' ? input : insert(input, event.text);
}

/** The input as a row at most `columns` wide, and the column of the cursor in it. A `mask` is drawn instead of each character. */
export function drawTextInput(
  input: TextInput,
  drawing: {readonly columns: number; readonly style: Style; readonly prompt?: string; readonly mask?: string},
): {row: string; cursorColumn: number} {
  const {columns, style, prompt = '', mask} = drawing;
  const room = Math.max(1, columns - displayWidth(prompt) - 1);
  const characters = split(input.text);
  const before = split(input.text.slice(0, input.cursor)).length;
  const visible = characters.map(character => mask ?? character);
  // Scrolls as little as keeps the cursor in sight, always leaving a cell for it.
  let first = 0;
  while (first < before && displayWidth(visible.slice(first, before).join('')) > room) first++;
  let last = visible.length;
  while (last > before && displayWidth(visible.slice(first, last).join('')) > room) last--;
  return {
    row: style.bold(prompt) + visible.slice(first, last).join(''),
    cursorColumn: displayWidth(prompt) + displayWidth(visible.slice(first, before).join('')),
  };
}

const segmenter = new Intl.Segmenter();

function split(text: string): string[] {
  return Array.from(segmenter.segment(text), ({segment}) => segment);
}

function insert({text, cursor}: TextInput, added: string): TextInput {
  return {text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length};
}

function unlessSame(before: TextInput, after: TextInput): TextInput {
  return before.text === after.text && before.cursor === after.cursor ? before : after;
}

/** Removes what lies between two positions and puts the cursor there. */
function remove({text}: TextInput, from: number, to: number): TextInput {
  return {text: text.slice(0, from) + text.slice(to), cursor: from};
}

function previous({text, cursor}: TextInput): number {
  return cursor - (split(text.slice(0, cursor)).at(-1)?.length ?? 0);
}

function next({text, cursor}: TextInput): number {
  return cursor + (split(text.slice(cursor))[0]?.length ?? 0);
}

function previousWord({text, cursor}: TextInput): number {
  return text.slice(0, cursor).search(/\S+\s*$/) === -1 ? 0 : text.slice(0, cursor).search(/\S+\s*$/);
}

function nextWord({text, cursor}: TextInput): number {
  return cursor + (/^\s*\S*/.exec(text.slice(cursor))?.[0].length ?? 0);
}

function toStart(input: TextInput): TextInput {
  return {text: input.text, cursor: 0};
}

function toEnd(input: TextInput): TextInput {
  return {text: input.text, cursor: input.text.length};
}

const edits = new Map<string, (input: TextInput) => TextInput>([
  ['left', input => ({text: input.text, cursor: previous(input)})],
  ['ctrl-b', input => ({text: input.text, cursor: previous(input)})],
  ['right', input => ({text: input.text, cursor: next(input)})],
  ['ctrl-f', input => ({text: input.text, cursor: next(input)})],
  ['home', toStart],
  ['ctrl-a', toStart],
  ['end', toEnd],
  ['ctrl-e', toEnd],
  ['alt-b', input => ({text: input.text, cursor: previousWord(input)})],
  ['ctrl-left', input => ({text: input.text, cursor: previousWord(input)})],
  ['alt-f', input => ({text: input.text, cursor: nextWord(input)})],
  ['ctrl-right', input => ({text: input.text, cursor: nextWord(input)})],
  ['backspace', input => remove(input, previous(input), input.cursor)],
  ['delete', input => remove(input, input.cursor, next(input))],
  ['ctrl-d', input => remove(input, input.cursor, next(input))],
  ['ctrl-w', input => remove(input, previousWord(input), input.cursor)],
  ['alt-backspace', input => remove(input, previousWord(input), input.cursor)],
  ['ctrl-u', input => remove(input, 0, input.cursor)],
  ['ctrl-k', input => remove(input, input.cursor, input.text.length)],
]);
