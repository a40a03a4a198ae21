/** Anything that is not printable ASCII: what makes a closer look necessary. */
const special = /[^\x20-\x7e]/;

/**
 * Takes terminal control sequences out of a line from outside: nothing that could move a cursor, colour, set a title or reverse the
 * reading direction survives. Tabs become spaces up to the next multiple of eight; other control characters become `·`.
 */
export function sanitizeLine(text: string): string {
  if (!special.test(text)) return text;
  const plain = text.replace(/\r+$/, '').replace(controlSequence, '').replace(invisible, '').replace(control, '·');
  return plain.includes('\t') ? expandTabs(plain) : plain;
}

/**
 * CSI; then OSC, DCS, SOS, PM and APC with their terminator (or to the end of the line: an unfinished one would swallow the screen);
 * then the other escapes (character sets, single characters). In the seven-bit and the eight-bit form.
 */
const controlSequence =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*(?:[@-~]|$)|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$|(?=\x1b))|\x1b[ -/]*[0-~]?/g;

/** Bidirectional overrides and isolates, byte order mark, line and paragraph separators, Unicode tags. */
const invisible = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** C0 without tab, DEL, C1. */
const control = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

function expandTabs(text: string): string {
  let line = '';
  for (const [index, part] of text.split('\t').entries()) {
    if (index > 0) line += ' '.repeat(8 - (line.length % 8));
    line += part;
  }
  return line;
}
