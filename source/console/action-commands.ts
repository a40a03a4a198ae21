import type {Action, ActionKind, Situation} from '../actions/action.ts';
import {targetNames, withTarget} from '../actions/target.ts';
import {readRequest, readUsage, wordsThatFollow} from '../actions/usage.ts';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {onSelected} from './bindings.ts';
import type {PaletteEntry, PromptCommand} from './prompt.ts';

export type ActionCommandSurroundings = {
  kinds: readonly ActionKind[];
  situation(): Situation;
  selected(): string | undefined;
  start(action: Action, forced: boolean): void;
};

/** Every action as words of the prompt, and `force` before any of them to go past a failed check. */
export function actionCommands(surroundings: ActionCommandSurroundings): readonly PromptCommand[] {
  const {kinds} = surroundings;
  const names = [...new Set(kinds.map(firstWord))];
  return [
    ...names.map(name => actionCommand(name, surroundings)),
    {
      name: 'force',
      parameters: 'ACTION...',
      help: 'an action past its failed checks; it asks for the name, and is written down as forced',
      complete: before =>
        before.length === 0 ? names : wordsThatFollow(before, kinds, targetNames(surroundings.situation())),
      run: words => start(words, surroundings, true),
    },
  ];
}

function actionCommand(name: string, surroundings: ActionCommandSurroundings): PromptCommand {
  const kinds = surroundings.kinds.filter(kind => firstWord(kind) === name);
  return {
    name,
    parameters: '[WORDS...]',
    usages: kinds.map(kind => entryOf(kind, surroundings)),
    help: kinds.map(kind => kind.help).join('; '),
    complete: before => wordsThatFollow([name, ...before], kinds, targetNames(surroundings.situation())),
    run: words => start([name, ...words], surroundings, false),
  };
}

/** With the reason when it can not be started for the selected node. */
function entryOf(kind: ActionKind, {situation, selected}: ActionCommandSurroundings): PaletteEntry {
  const available = kind.of(onSelected(kind, selected())).available(situation());
  const {usage, help} = kind;
  return {usage, help, ...(available.available ? {} : {unavailable: available.reason})};
}

function start(
  words: readonly string[],
  {kinds, situation, selected, start: open}: ActionCommandSurroundings,
  forced: boolean,
): Outcome<Record<string, never>> {
  const read = readAction(words, kinds, situation(), selected());
  if (!read.ok) return read;
  const available = read.value.available(situation());
  if (!available.available) return bad('configuration', `${read.value.title} is not possible: ${available.reason}`);
  open(read.value, forced);
  return good({});
}

/** The action that words mean now; a node that is left out is the selected one. */
export function readAction(
  words: readonly string[],
  kinds: readonly ActionKind[],
  situation: Situation,
  selected: string | undefined,
): Outcome<Action> {
  const options = new Map<string, string | true>();
  const plain: string[] = [];
  for (const [index, word] of words.entries()) {
    const option = /^--([^=]+)(?:=(.*))?$/.exec(word);
    if (option?.[1] !== undefined) options.set(option[1], option[2] ?? true);
    else if (takesValue(words[index - 1], kinds)) options.set((words[index - 1] ?? '').slice(2), word);
    else plain.push(word);
  }
  const read = readRequest(plain, options, kinds, selected);
  if (!read.ok) return read;
  const request = withTarget(situation, read.value.kind, read.value.request);
  return request.ok ? good(read.value.kind.of(request.value)) : request;
}

/** Whether an option takes the word after it. */
function takesValue(option: string | undefined, kinds: readonly ActionKind[]): boolean {
  if (option === undefined || !option.startsWith('--') || option.includes('=')) return false;
  return kinds.some(kind =>
    readUsage(kind.usage).options.some(each => `--${each.name}` === option && each.takes !== undefined),
  );
}

function firstWord(kind: ActionKind): string {
  return kind.usage.split(' ')[0] ?? '';
}
