import {bad, good, type Outcome} from '../cluster/problem.ts';

/** The words of a line as a shell would cut it, without anything that a shell would replace: spaces part them, quotes and \ keep them. */
export function commandWords(line: string): Outcome<string[]> {
  const words: string[] = [];
  let word: string | undefined;
  for (const [piece, single, double, escaped, space] of line.matchAll(pieces)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (piece === "'" || piece === '"' || piece === '\\') {
      return bad('configuration', piece === '\\' ? 'a \\ at the end has nothing to keep' : `a ${piece} is not closed`);
    } else {
      word = (word ?? '') + (single ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? escaped ?? piece);
    }
  }
  if (word !== undefined) words.push(word);
  return good(words);
}

const pieces = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|(\s+)|[\s\S]/g;
