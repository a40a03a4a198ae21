/** One command of a line: its words, where its streams go, and what joins it to the next. */
export type ShellCommand = {
  /** The words with the variables as they are when the command runs. */
  words(variable: Variable): string[];
  /** Output and errors that are thrown away, and errors that go where the output goes. */
  discard: readonly ('stdout' | 'stderr')[];
  merge: boolean;
  next: ';' | '&&' | '||' | '|';
};

/** The value of a variable; `?` is the last status. */
export type Variable = (name: string) => string | undefined;

/** Parses a line of sh as far as the embedded cluster goes: quotes, variables, `;`, `&&`, `||`, `|`, and redirections to /dev/null. */
export function parseShell(line: string): ShellCommand[] | {mistake: string} {
  const commands: ShellCommand[] = [];
  let current = newCommand();
  let word: Piece[] | undefined;
  const endWord = () => {
    if (word !== undefined) current.pieces.push(word);
    word = undefined;
  };
  const endCommand = (next: ShellCommand['next']) => {
    endWord();
    const {pieces, discard, merge} = current;
    if (pieces.length > 0)
      commands.push({words: variable => pieces.map(each => joined(each, variable)), discard, merge, next});
    current = newCommand();
  };

  let rest = line;
  while (rest !== '') {
    const redirection = word === undefined ? /^(2?)>\s*(\/dev\/null|&1)(?=[\s;|&]|$)/.exec(rest) : null;
    if (redirection !== null) {
      const [all, two, target] = redirection;
      if (target === '&1') current.merge = true;
      else current.discard.push(two === '2' ? 'stderr' : 'stdout');
      rest = rest.slice(all.length);
      continue;
    }
    const operator = /^(&&|\|\||[;|\n])/.exec(rest)?.[1];
    if (operator !== undefined) {
      endCommand(operator === '&&' || operator === '||' || operator === '|' ? operator : ';');
      rest = rest.slice(operator.length);
      continue;
    }
    if (/^\s/.test(rest)) {
      endWord();
      rest = rest.slice(1);
      continue;
    }
    if (word === undefined && rest.startsWith('#')) {
      rest = rest.replace(/^[^\n]*/, '');
      continue;
    }
    const piece = nextPiece(rest);
    if (typeof piece === 'string') return {mistake: piece};
    word = [...(word ?? []), piece];
    rest = rest.slice(piece.length);
  }
  endCommand(';');
  return commands;
}

/** A part of a word; `expands`: variables in it stand for their values. */
type Piece = {text: string; expands: boolean; length: number};

function joined(pieces: readonly Piece[], variable: Variable): string {
  return pieces.map(({text, expands}) => (expands ? expand(text, variable) : text)).join('');
}

function newCommand() {
  const pieces: Piece[][] = [];
  const discard: ('stdout' | 'stderr')[] = [];
  return {pieces, discard, merge: false};
}

function nextPiece(rest: string): Piece | string {
  if (rest.startsWith("'")) {
    const end = rest.indexOf("'", 1);
    return end < 0 ? 'Unterminated quoted string' : {text: rest.slice(1, end), expands: false, length: end + 1};
  }
  if (rest.startsWith('"')) {
    const quoted = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
    if (quoted === null) return 'Unterminated quoted string';
    return {text: quoted[1] ?? '', expands: true, length: quoted[0].length};
  }
  if (rest.startsWith('\\')) return {text: rest.slice(1, 2), expands: false, length: 2};
  if (/^(\$\(|`|[()<>&])/.test(rest)) return `Syntax error: "${rest[0] ?? ''}" unexpected`;
  const plain = /^(?:\$\{[^}]*\}|\$[\w?]+|[^\s'"\\;|&()<>`$]+|\$)/.exec(rest)?.[0] ?? rest.slice(0, 1);
  return {text: plain, expands: true, length: plain.length};
}

function expand(text: string, variable: Variable): string {
  return text.replaceAll(
    /\\(["\\$`])|\$\{(\w+)(?::-([^}]*))?\}|\$(\w+|\?)/g,
    (_all, escaped?: string, braced?: string, standard?: string, bare?: string) => {
      if (escaped !== undefined) return escaped;
      const value = variable(braced ?? bare ?? '') ?? '';
      return value === '' ? (standard ?? '') : value;
    },
  );
}
