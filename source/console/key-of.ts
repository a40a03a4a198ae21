import type {KeyEvent} from '../terminal/key-decoder.ts';

/** The name of a key; a paste has none and starts nothing. */
export function keyOf(event: KeyEvent): string {
  return event.kind === 'key' ? event.key : '';
}
