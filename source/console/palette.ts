import type {PaletteEntry, PromptCommand} from './prompt.ts';

/** The forms of the commands that a line may be on its way to, the likeliest first; every one while nothing is typed. */
export function paletteFor(typed: string, commands: readonly PromptCommand[]): readonly PaletteEntry[] {
  const entries = commands.flatMap(entriesOf);
  const words = typed
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  if (words.length === 0) return entries;
  const ranked = entries.map((entry, index) => ({entry, index, rank: rankOf(entry, words)}));
  return ranked
    .filter(({rank}) => rank !== undefined)
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.index - b.index)
    .map(({entry}) => entry);
}

/** What an entry puts on the line, `node` in the place of the target; `whole` when nothing is left to be typed. */
export function lineOf({usage}: PaletteEntry, node: string | undefined): {line: string; whole: boolean} {
  const line: string[] = [];
  for (const part of usage.replaceAll(/\s*\[[^\]]*\]/g, '').split(' ')) {
    if (part === 'NODE' || part === 'NAME') {
      if (node === undefined) return {line: `${line.join(' ')} `, whole: false};
      line.push(node);
    } else if (isPlaceholder(part)) return {line: `${line.join(' ')} `, whole: false};
    else line.push(part);
  }
  return {line: line.join(' '), whole: true};
}

function entriesOf({name, parameters, help, usages, unavailable}: PromptCommand): readonly PaletteEntry[] {
  if (usages !== undefined) return usages;
  return [{usage: `${name} ${parameters}`.trim(), help, ...(unavailable === undefined ? {} : {unavailable})}];
}

/** 0: the line is the beginning of it; 1: every word is in it or in its help; 2: the letters are in it, in this order. */
function rankOf({usage, help}: PaletteEntry, words: readonly string[]): number | undefined {
  const parts = usage.replaceAll(/[[\]]/g, '').split(' ');
  if (words.every((word, index) => isOnTheWay(parts[index], word, index === words.length - 1))) return 0;
  const text = `${usage} ${help}`.toLowerCase();
  if (words.every(word => text.includes(word))) return 1;
  return isSubsequence(words.join(''), usage.toLowerCase()) ? 2 : undefined;
}

function isOnTheWay(part: string | undefined, word: string, isLast: boolean): boolean {
  if (part === undefined) return false;
  if (isPlaceholder(part) && !part.includes('|')) return true;
  const choices = part.toLowerCase().split('|');
  return isLast ? choices.some(choice => choice.startsWith(word)) : choices.includes(word);
}

/** `NODE`, `WORDS...`, or one of several words. */
function isPlaceholder(part: string): boolean {
  return /^[A-Z]+(\.\.\.)?(\|[A-Z]+)*$/.test(part) || part.includes('|');
}

function isSubsequence(letters: string, text: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
