import {bad, good, type Outcome} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';

/** A word that can be typed after `:`. The prompt, its completion and its help come out of a table of these. */
export type PromptCommand = {
  name: string;
  /** Other words for the same. */
  aliases?: readonly string[];
  /** What follows it: `NAME`, `NAME [SECONDS]`, `WORDS...`; in brackets what may be left out. Empty: nothing. */
  parameters: string;
  /** A short phrase. */
  help: string;
  /** Its forms, where there are several: a line of the help and of the list above the prompt each. */
  usages?: readonly PaletteEntry[];
  /** Why it does nothing now. */
  unavailable?: string;
  /** What the word after these may be. */
  complete?(before: readonly string[]): readonly string[];
  /** `text` is what follows the name, as it was typed. */
  run(words: readonly string[], text: string): PromptAnswer | Promise<PromptAnswer>;
};

/** A line for the bottom of the screen, or a page; neither when what was done shows by itself. */
export type PromptAnswer = Outcome<{text?: string; page?: {title: string; lines: readonly string[]}}>;

/** A form of a command as the list above the prompt shows it. */
export type PaletteEntry = {usage: string; help: string; unavailable?: string};

/** The line that is being typed, the words that it could go on with, and the commands that it may become. */
export type PromptState = {
  typed: string;
  candidates: readonly string[];
  entries: readonly PaletteEntry[];
  /** The entry that enter takes instead of the line; undefined: none was chosen. */
  chosen: number | undefined;
};

/** The command that a line means, with its words; the problem names the closest command, or says what is missing. */
export function readLine(
  line: string,
  commands: readonly PromptCommand[],
): Outcome<{command: PromptCommand; words: readonly string[]; text: string}> {
  const [name = '', ...words] = splitWords(line);
  const command = commandNamed(name, commands);
  if (command === undefined) {
    const close = closestWord(
      name,
      commands.map(each => each.name),
    );
    const meant = close === undefined ? ':help lists the words' : `did you mean :${close}?`;
    return bad('configuration', `there is no :${name}`, {remedy: meant});
  }
  const parameters = splitWords(command.parameters);
  const needed = parameters.filter(parameter => !parameter.startsWith('[')).length;
  const most = parameters.at(-1)?.includes('...') === true ? Number.POSITIVE_INFINITY : parameters.length;
  if (words.length < needed || words.length > most) {
    const usage = `:${command.name} ${command.parameters}`.trim();
    return bad('configuration', most === 0 ? `:${command.name} takes nothing more` : `it is ${usage}`);
  }
  return good({command, words, text: line.trimStart().slice(name.length).trim()});
}

/** What tab makes of a line: as much as is certain is added, a space after a whole word; the candidates when there are several. */
export function completeLine(
  line: string,
  commands: readonly PromptCommand[],
): Pick<PromptState, 'typed' | 'candidates'> {
  const words = splitWords(line);
  const last = /\s$/.test(line) || line === '' ? '' : (words.pop() ?? '');
  const fitting = wordsAfter(words, commands).filter(word => word.startsWith(last));
  const start = line.slice(0, line.length - last.length);
  const [only, ...others] = fitting;
  if (only === undefined) return {typed: line, candidates: []};
  if (others.length === 0) return {typed: `${start}${only} `, candidates: []};
  return {typed: start + commonStart(fitting), candidates: fitting};
}

function wordsAfter(words: readonly string[], commands: readonly PromptCommand[]): readonly string[] {
  const [name, ...before] = words;
  if (name === undefined) return commands.map(command => command.name);
  return commandNamed(name, commands)?.complete?.(before) ?? [];
}

function commandNamed(name: string, commands: readonly PromptCommand[]): PromptCommand | undefined {
  return commands.find(each => each.name === name || each.aliases?.includes(name) === true);
}

function splitWords(line: string): string[] {
  return line.split(/\s+/).filter(word => word !== '');
}

function commonStart(words: readonly string[]): string {
  let start = words[0] ?? '';
  for (const word of words) while (!word.startsWith(start)) start = start.slice(0, -1);
  return start;
}
