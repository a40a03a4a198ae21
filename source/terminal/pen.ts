/** The style that text is painted with, packed as the cells of a grid are. */
export type Pen = {foreground: number; background: number};

/** A colour: PALETTE and an index up to 255, or RGB and 24 bits; 0 is the terminal's own. COLOUR masks it out of a foreground. */
export const PALETTE = 1 << 24;
export const RGB = 1 << 25;
export const COLOUR = 0x3_ff_ff_ff;
export const BOLD = 1 << 26;
export const DIM = 1 << 27;
export const ITALIC = 1 << 28;
export const UNDERLINE = 1 << 29;
export const INVERSE = 1 << 30;
export const STRIKE = 1 << 31;

/** Applies an SGR sequence or skips any other; returns the index after it. */
export function readSequence(pen: Pen, line: string, start: number): number {
  let index = start + 1;
  if (line.charCodeAt(start) === 0x1b) {
    const kind = line.charCodeAt(index);
    if (kind === 0x5d || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f)
      return endOfString(line, index);
    if (kind !== 0x5b) return endOfEscape(line, index);
    index++;
  }
  const parameters = index;
  while (index < line.length && line.charCodeAt(index) >= 0x20 && line.charCodeAt(index) < 0x40) index++;
  const final = line.charCodeAt(index);
  if (final === 0x6d) applySgr(pen, line, parameters, index);
  // Anything but a final byte ends a broken sequence without being part of it.
  return final >= 0x40 && final < 0x7f ? index + 1 : index;
}

function endOfEscape(line: string, from: number): number {
  let index = from;
  while (index < line.length && line.charCodeAt(index) >= 0x20 && line.charCodeAt(index) < 0x30) index++;
  const final = line.charCodeAt(index);
  return final >= 0x30 && final < 0x7f ? index + 1 : index;
}

function endOfString(line: string, from: number): number {
  for (let index = from; index < line.length; index++) {
    const code = line.charCodeAt(index);
    if (code === 0x07 || code === 0x9c) return index + 1;
    if (code === 0x1b) return line.charCodeAt(index + 1) === 0x5c ? index + 2 : index;
  }
  return line.length;
}

function applySgr(pen: Pen, line: string, from: number, to: number): void {
  // Sub-parameters (a colon) and private markers are nothing that Ink or we send; NaN matches no code.
  const codes = line
    .slice(from, to)
    .split(';')
    .map(text => (text === '' ? 0 : Number(text)));
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const kind = codes[index + 1];
      let colour = 0;
      if (kind === 5) {
        colour = PALETTE | ((codes[index + 2] ?? 0) & 0xff);
        index += 2;
      } else if (kind === 2) {
        const [red = 0, green = 0, blue = 0] = codes.slice(index + 2, index + 5);
        colour = RGB | ((red & 0xff) << 16) | ((green & 0xff) << 8) | (blue & 0xff);
        index += 4;
      } else {
        return;
      }
      if (code === 38) pen.foreground = (pen.foreground & ~COLOUR) | colour;
      else pen.background = colour;
    } else {
      applySimpleSgr(pen, code);
    }
  }
}

const attributeOn = new Map([
  [1, BOLD],
  [2, DIM],
  [3, ITALIC],
  [4, UNDERLINE],
  [7, INVERSE],
  [9, STRIKE],
]);
const attributeOff = new Map([
  [22, BOLD | DIM],
  [23, ITALIC],
  [24, UNDERLINE],
  [27, INVERSE],
  [29, STRIKE],
]);

function applySimpleSgr(pen: Pen, code: number): void {
  if (code === 0) {
    pen.foreground = 0;
    pen.background = 0;
  } else if (code >= 30 && code <= 37) pen.foreground = (pen.foreground & ~COLOUR) | PALETTE | (code - 30);
  else if (code >= 90 && code <= 97) pen.foreground = (pen.foreground & ~COLOUR) | PALETTE | (code - 82);
  else if (code === 39) pen.foreground &= ~COLOUR;
  else if (code >= 40 && code <= 47) pen.background = PALETTE | (code - 40);
  else if (code >= 100 && code <= 107) pen.background = PALETTE | (code - 92);
  else if (code === 49) pen.background = 0;
  else pen.foreground = (pen.foreground | (attributeOn.get(code) ?? 0)) & ~(attributeOff.get(code) ?? 0);
}
