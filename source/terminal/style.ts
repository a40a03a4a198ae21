/** How many colours the terminal may be sent: none, its own sixteen, or the palette of 256. */
export type Colours = 0 | 16 | 256;

/**
 * Meaning to SGR. Every function wraps text and closes only what it opened, so `inverse(danger('x') + ' y')` nests.
 * Use these instead of Ink's colour properties: they alone know about NO_COLOR.
 */
export type Style = {
  /** Writes or data are in danger. */
  readonly danger: Paint;
  /** Redundancy is reduced, or something is changing. */
  readonly warning: Paint;
  /** Only for the verdict. */
  readonly ok: Paint;
  /** Old or unimportant. */
  readonly dim: Paint;
  /** The primary, the selection, headings. */
  readonly bold: Paint;
  readonly underline: Paint;
  /** The selected row, the mark of production. */
  readonly inverse: Paint;
  readonly plain: Paint;
};

export type Paint = (text: string) => string;

/** A name of a style, for data that says how it is to look: a cell of a table, the tone of a notice. */
export type Tone = keyof Style;

/** Style for a number of colours. Without colours the attributes stay (NO_COLOR asks for no colour, not for no bold), unless `attributes` is false. */
export function createStyle(colours: Colours, attributes = true): Style {
  const colour = (open: string) => (colours === 0 ? unchanged : wrap(open, '39'));
  const attribute = (open: string, close: string) => (attributes ? wrap(open, close) : unchanged);
  return {
    // The terminal's own palette, because only that fits both its light and its dark theme.
    danger: colour('31'),
    warning: colour('33'),
    ok: colour('32'),
    dim: attribute('2', '22'),
    bold: attribute('1', '22'),
    underline: attribute('4', '24'),
    inverse: attribute('7', '27'),
    plain: unchanged,
  };
}

function unchanged(text: string): string {
  return text;
}

function wrap(open: string, close: string): Paint {
  const before = `\u001B[${open}m`;
  const after = `\u001B[${close}m`;
  // An inner style with the same closing code would end this one too: open again after it.
  return text => (text === '' ? '' : before + text.replaceAll(after, after + before) + after);
}
