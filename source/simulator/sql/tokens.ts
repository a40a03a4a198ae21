/** A piece of SQL. Words are lower case unless they were quoted; the text of a string is what it stands for. */
export type Token = {kind: 'word' | 'string' | 'number' | 'parameter' | 'symbol'; text: string};

const pattern =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|(?<string>[eE]?'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<word>[A-Za-z_][A-Za-z0-9_$]*)|(?<number>\d+(?:\.\d+)?)|(?<parameter>\$\d+)|(?<symbol>::|=>|:=|<=|>=|<>|!=|->>|->|\|\||[\s\S])/y;

/** Cuts a text into tokens; blanks and comments are left out. A quote that does not end is a symbol of its own. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(new RegExp(pattern, 'gy'))].flatMap(({groups = {}}): Token[] => {
    const {string, quoted, word, number, parameter, symbol} = groups;
    if (string !== undefined)
      return [{kind: 'string', text: string.replace(/^e/i, '').slice(1, -1).replaceAll("''", "'")}];
    if (quoted !== undefined) return [{kind: 'word', text: quoted.slice(1, -1).replaceAll('""', '"')}];
    if (word !== undefined) return [{kind: 'word', text: word.toLowerCase()}];
    if (number !== undefined) return [{kind: 'number', text: number}];
    if (parameter !== undefined) return [{kind: 'parameter', text: parameter.slice(1)}];
    return symbol === undefined ? [] : [{kind: 'symbol', text: symbol}];
  });
}

/** The statements of a text that end with a semicolon, without it, and what is left after the last one. */
export function splitStatements(text: string): {statements: string[]; rest: string} {
  const statements: string[] = [];
  let begin = 0;
  for (const match of text.matchAll(new RegExp(pattern, 'gy'))) {
    if (match.groups?.symbol !== ';') continue;
    statements.push(text.slice(begin, match.index).trim());
    begin = match.index + 1;
  }
  return {statements, rest: text.slice(begin)};
}

/** Whether a text ends within a quote. */
export function insideQuote(text: string): boolean {
  return tokensOf(text).some(token => token.kind === 'symbol' && (token.text === "'" || token.text === '"'));
}

/** One statement for comparison: its blanks made single. */
export function normalized(text: string): string {
  return text.trim().replace(/;\s*$/, '').replaceAll(/\s+/g, ' ').trim();
}
