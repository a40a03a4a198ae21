/** One thing that is wrong in a configuration file: where, and a sentence saying what was found and what was expected. */
export type Mistake = {line: number; column: number; sentence: string};

/** `pgaf.yaml:7:9: unknown key …`, the form that editors and terminals make clickable. */
export function mistakeLine(file: string, mistake: Mistake): string {
  return `${file}:${mistake.line}:${mistake.column}: ${mistake.sentence}`;
}

export function byPosition(a: Mistake, b: Mistake): number {
  return a.line - b.line || a.column - b.column;
}

/** Whether a key of this name would hold a secret, which must not stand in the file and is never repeated in an error. */
export function namesSecret(key: string): boolean {
  return /pass(word|phrase|wd)?$|^pg_?pass|secret|token|private_?key/i.test(key);
}

/** A value of the file as an error shows it: short, in quotes when text, without control characters, on one line. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return `\`${String(value)}\``;
  const printable = value.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return `\`${printable.length > 40 ? `${printable.slice(0, 39)}…` : printable}\``;
}
