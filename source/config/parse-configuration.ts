import {isCollection, isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument} from 'yaml';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {type ConfigurationFile, configurationSchema} from './configuration-schema.ts';
import {duplicateMistakes} from './duplicate-mistakes.ts';
import {byPosition, type Mistake, mistakeLine} from './mistake.ts';
import {schemaMistakes} from './schema-mistakes.ts';

/** A valid configuration file, and where each of its values stands (for errors that are found later). */
export type ParsedConfiguration = {
  content: ConfigurationFile;
  position(path: readonly PropertyKey[]): {line: number; column: number};
};

/**
 * Reads the text of a configuration file. All mistakes are reported at once, in the order of the file: the first one is the problem's
 * message, all of them are its detail, each as `file:line:column: sentence`.
 */
export function parseConfiguration(text: string, file: string): Outcome<ParsedConfiguration> {
  const lines = new LineCounter();
  const document = parseDocument(text, {lineCounter: lines, prettyErrors: false});
  const at = (offset: number) => {
    const {line, col} = lines.linePos(offset);
    return {line: Math.max(1, line), column: Math.max(1, col)};
  };
  if (document.errors.length > 0) {
    return invalid(
      file,
      document.errors.map(error => ({
        ...at(error.pos[0]),
        sentence: `not valid YAML: ${yamlSentence(error.code, error.message)}`,
      })),
    );
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return bad('configuration', `${file} is empty`, {
      remedy: 'run `pgaf config init`, or start from config/cluster.example.yaml',
    });
  }
  const position = (path: readonly PropertyKey[], key?: string) => at(offsetOf(document.contents, path, key));
  const plain = plainValue(() => document.toJS());
  if (!plain.ok) return invalid(file, [{line: 1, column: 1, sentence: plain.problem.message}]);
  const parsed = configurationSchema.safeParse(plain.value, {jitless: true});
  if (!parsed.success) {
    const found = schemaMistakes(parsed.error.issues, plain.value);
    return invalid(
      file,
      found.map(({path, key, sentence}) => ({...position(path, key), sentence})),
    );
  }
  const duplicates = duplicateMistakes(parsed.data);
  if (duplicates.length > 0) {
    return invalid(
      file,
      duplicates.map(({path, sentence}) => ({...position(path), sentence: sentence(other => position(other).line)})),
    );
  }
  return good({content: parsed.data, position});
}

function invalid(file: string, found: Mistake[]): Outcome<never> {
  const mistakes = [...new Set(found.toSorted(byPosition).map(mistake => mistakeLine(file, mistake)))];
  const [first = `${file} is not valid`, ...others] = mistakes;
  const more =
    others.length === 0 ? '' : ` (and ${others.length} more ${others.length === 1 ? 'mistake' : 'mistakes'})`;
  return bad('configuration', `${first}${more}`, {
    remedy: 'correct the file, then run `pgaf config check`',
    ...(others.length === 0 ? {} : {detail: mistakes.join('\n')}),
  });
}

/** toJS throws where aliases multiply without bound. */
function plainValue(read: () => unknown): Outcome<unknown> {
  try {
    return good(read());
  } catch {
    return bad('configuration', 'not valid YAML: its aliases (`*name`) refer to too much or to nothing');
  }
}

/** The library's own words are for people who write parsers. Quotes from the file are left out: it could be a secret. */
function yamlSentence(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab; expected spaces for indentation';
    case 'DUPLICATE_KEY':
      return 'the same key twice; expected it once';
    case 'BAD_INDENT':
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'this line does not fit the ones around it; check its indentation, and quote values that contain `: `';
    case 'MISSING_CHAR':
      return `${(message.split('\n')[0] ?? '').toLowerCase()}: something is not closed, or a \`:\` or \`,\` is missing before this point`;
    case 'MULTIPLE_DOCS':
      return 'a second document (`---`); expected one';
    default:
      return message.split('\n')[0] ?? message;
  }
}

/** Where a value (or, with `key`, that key of it) stands; for what is not there, its nearest container. */
function offsetOf(root: ParsedNode | null, path: readonly PropertyKey[], key?: string): number {
  let node: unknown = root;
  let offset = offsetOfNode(root) ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(item => isKey(item.key, part));
      if (pair === undefined) return offset;
      // A scalar is shown at itself, a mapping or list at its key: that is the line a person looks for.
      offset = (isScalar(pair.value) ? offsetOfNode(pair.value) : undefined) ?? offsetOfNode(pair.key) ?? offset;
      node = pair.value;
    } else if (isCollection(node)) {
      node = node.get(part, true);
      offset = offsetOfNode(node) ?? offset;
    } else {
      return offset;
    }
  }
  if (key === undefined || !isMap(node)) return offset;
  return offsetOfNode(node.items.find(item => isKey(item.key, key))?.key) ?? offset;
}

function isKey(node: unknown, name: PropertyKey): boolean {
  return isScalar(node) && String(node.value) === String(name);
}

function offsetOfNode(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
