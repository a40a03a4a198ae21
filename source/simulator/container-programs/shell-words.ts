/** One command of a line: its words, where its streams go, and what joins it to the next. */
export type ShellCommand = {
  /** The words with the variables as they are when the command runs. */
  words(variable: Variable): string[];
  /** Files that its streams come from and go to, in order. */
  redirections(variable: Variable): Redirection[];
  /** Errors go where the output goes, or the output where errors go. */
  merge: 'stderr' | 'stdout' | undefined;
  next: ';' | '&&' | '||' | '|';
};

export type Redirection = {stream: 'stdin' | 'stdout' | 'stderr'; path: string; append: boolean};

/** The value of a variable; `?` is the last status, `@` all parameters with a NUL between two. */
export type Variable = (name: string) => string | undefined;

/** Parses a line of sh as far as the embedded cluster goes: quotes, variables, `;`, `&&`, `||`, `|`, and redirections. */
export function parseShell(line: string): ShellCommand[] | {mistake: string} {
  const commands: ShellCommand[] = [];
  let current = newCommand();
  let word: Piece[] | undefined;
  /** A stream whose file is the next word. */
  let pending: Omit<Redirection, 'path'> | undefined;
  const endWord = () => {
    if (word !== undefined && pending !== undefined) current.files.push({...pending, path: word});
    else if (word !== undefined) current.pieces.push(word);
    if (word !== undefined) pending = undefined;
    word = undefined;
  };
  const endCommand = (next: ShellCommand['next']) => {
    endWord();
    const {pieces, files, merge} = current;
    if (pieces.length > 0 || files.length > 0) {
      commands.push({
        words: variable => pieces.flatMap(each => wordsOf(each, variable)),
        redirections: variable => files.map(each => ({...each, path: joined(each.path, variable)})),
        merge,
        next,
      });
    }
    current = newCommand();
  };

  let rest = line;
  while (rest !== '') {
    const redirection = word === undefined ? /^([012]?)(>>|>|<(?![<(]))\s*(&[12](?=[\s;|&]|$))?/.exec(rest) : null;
    if (redirection !== null) {
      const [all, digit, sign = '', target] = redirection;
      if (pending !== undefined) return {mistake: `Syntax error: "${sign}" unexpected`};
      if (target !== undefined) current.merge = target === '&1' ? 'stderr' : 'stdout';
      else {
        const stream = sign === '<' ? 'stdin' : digit === '2' ? 'stderr' : 'stdout';
        pending = {stream, append: sign === '>>'};
      }
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
  endWord();
  if (pending !== undefined) return {mistake: 'Syntax error: newline unexpected'};
  endCommand(';');
  return commands;
}

/** A part of a word; `expands`: variables in it stand for their values. */
type Piece = {text: string; expands: boolean; length: number};

/** One word, but for the parameters: each of them is one. */
function wordsOf(pieces: readonly Piece[], variable: Variable): string[] {
  const [first, ...others] = pieces;
  if (others.length > 0 || first === undefined || !first.expands || first.text !== '$@')
    return [joined(pieces, variable)];
  const all = variable('@') ?? '';
  return all === '' ? [] : all.split('\u0000');
}

function joined(pieces: readonly Piece[], variable: Variable): string {
  return pieces.map(({text, expands}) => (expands ? expand(text, variable) : text)).join('');
}

/** A command while its words are read. */
type Draft = {
  pieces: Piece[][];
  files: (Omit<Redirection, 'path'> & {path: Piece[]})[];
  merge: ShellCommand['merge'];
};

function newCommand(): Draft {
  return {pieces: [], files: [], merge: undefined};
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
  const plain = /^(?:\$\{[^}]*\}|\$(?:\w+|[?@#*])|[^\s'"\\;|&()<>`$]+|\$)/.exec(rest)?.[0] ?? rest.slice(0, 1);
  return {text: plain, expands: true, length: plain.length};
}

function expand(text: string, variable: Variable): string {
  return text.replaceAll(
    /\\(["\\$`])|\$\{(\w+)(?::-([^}]*))?\}|\$(\w+|[?@#*])/g,
    (_all, escaped?: string, braced?: string, standard?: string, bare?: string) => {
      if (escaped !== undefined) return escaped;
      const value = (variable(braced ?? bare ?? '') ?? '').replaceAll('\u0000', ' ');
      return value === '' ? (standard ?? '') : value;
    },
  );
}
