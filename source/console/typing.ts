import type {KeyEvent} from '../terminal/key-decoder.ts';
import {keyOf} from './key-of.ts';

/** The text of a one-line field after a key or a paste: text is added, backspace, ctrl-w and ctrl-u take away. */
export function typeInto(text: string, event: KeyEvent): string {
  const key = keyOf(event);
  if (key === 'backspace' || key === 'ctrl-h') return [...text].slice(0, -1).join('');
  if (key === 'ctrl-u') return '';
  if (key === 'ctrl-w') return text.replace(/\S*\s*$/u, '');
  // One line: what is pasted ends at its first line break.
  return text + event.text.replace(/[\r\n].*$/su, '').replace(/\p{Cc}/gu, '');
}
