/**
 * Text from outside as one line that is safe to draw: control sequences (CSI, OSC, DCS and their kin) and control characters
 * are gone, tabs are expanded to the next multiple of eight, line ends become blanks, and what turns or hides text
 * (bidirectional overrides, zero-width characters) shows as U+FFFD, as do bytes that are not UTF-8.
 */
export function stripLine(source: string | Uint8Array): string {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  if (printableAscii.test(text)) return text;
  return expandTabs(
    text
      .replace(sequences, '')
      .replace(/\r\n|[\n\r\u2028\u2029]/g, ' ')
      .replace(controls, '')
      .replace(deceiving, '\uFFFD'),
  );
}

const printableAscii = /^[\u0020-\u007E]*$/;

/** Control sequences, complete or cut off at the end of the text. */
const sequences =
  /(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)?|(?:\u001B\[|\u009B)[\u0030-\u003F]*[\u0020-\u002F]*[\u0040-\u007E]?|\u001B[\u0020-\u002F]*[\u0030-\u007E]?/g;

/** C0 but for tab, DEL, C1. */
const controls = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/g;

/** Bidirectional controls, zero-width characters (but the joiners that scripts and emoji need), soft hyphen, tags, lone surrogates. */
const deceiving =
  /[\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]|\p{Surrogate}/gu;

const tabWidth = 8;

function expandTabs(text: string): string {
  if (!text.includes('\t')) return text;
  let line = '';
  for (const part of text.split('\t').map((piece, index, all) => ({piece, last: index === all.length - 1}))) {
    line += part.piece;
    if (!part.last) line += ' '.repeat(tabWidth - (line.length % tabWidth));
  }
  return line;
}
