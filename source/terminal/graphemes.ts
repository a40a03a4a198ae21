let segmenter: Intl.Segmenter | undefined;

/** The characters of a text as a reader counts them (UAX 29), each with its index. Its tables are loaded when the first text needs them. */
export function graphemes(text: string): Iterable<{segment: string; index: number}> {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}
