import {bad, errorText} from '../cluster/problem.ts';
import type {KeyEvent} from '../terminal/key-decoder.ts';
import {keyOf} from './key-of.ts';
import {lineOf, paletteFor} from './palette.ts';
import {completeLine, type PromptAnswer, type PromptCommand, type PromptState, readLine} from './prompt.ts';
import {typeInto} from './typing.ts';

/** The prompt behind `:` while a console runs. */
export type PromptLine = {
  open(): void;
  /** Takes a key when the prompt is open; false when it is not. */
  press(event: KeyEvent): boolean;
};

export type PromptSurroundings = {
  state(): PromptState | undefined;
  show(state: PromptState | undefined): void;
  /** The node that stands in for one that is left out. */
  selected(): string | undefined;
  /** What can be typed now. */
  commands(): readonly PromptCommand[];
  answered(answer: PromptAnswer): void;
};

const mostRemembered = 100;

/** Makes it; up brings back earlier lines, down chooses from the list of what the line may become. */
export function promptLine({state, show, selected, commands, answered}: PromptSurroundings): PromptLine {
  const history: string[] = [];
  let at = 0;

  function run(line: string): void {
    show(undefined);
    if (line.trim() === '') return;
    if (history.at(-1) !== line) history.push(line);
    if (history.length > mostRemembered) history.shift();
    const read = readLine(line, commands());
    if (!read.ok) {
      answered(read);
      return;
    }
    const {command, words, text} = read.value;
    void Promise.resolve(command.run(words, text)).then(answered, error =>
      answered(bad('internal', `:${command.name}: ${errorText(error)}`)),
    );
  }

  function type(typed: string, candidates: readonly string[] = []): void {
    show({typed, candidates, entries: paletteFor(typed, commands()), chosen: undefined});
  }

  function up(before: PromptState): void {
    const {chosen} = before;
    if (chosen === undefined) {
      at = Math.max(0, at - 1);
      type(history[at] ?? before.typed);
    } else show({...before, chosen: chosen === 0 ? undefined : chosen - 1});
  }

  function down(before: PromptState): void {
    if (before.chosen === undefined && at < history.length) {
      at += 1;
      type(history[at] ?? '');
    } else if (before.entries.length > 0)
      show({...before, chosen: Math.min(before.entries.length - 1, (before.chosen ?? -1) + 1)});
  }

  function enter(before: PromptState): void {
    const entry = before.chosen === undefined ? undefined : before.entries[before.chosen];
    if (entry === undefined) {
      run(before.typed);
      return;
    }
    const {line, whole} = lineOf(entry, selected());
    if (whole) run(line);
    else type(line);
  }

  function complete(before: PromptState): void {
    const entry = before.chosen === undefined ? undefined : before.entries[before.chosen];
    if (entry !== undefined) {
      type(lineOf(entry, selected()).line);
      return;
    }
    const {typed, candidates} = completeLine(before.typed, commands());
    type(typed, candidates);
  }

  return {
    open() {
      at = history.length;
      type('');
    },
    press(event) {
      const before = state();
      if (before === undefined) return false;
      const key = keyOf(event);
      if (key === 'escape' || key === 'ctrl-c' || (key === 'backspace' && before.typed === '')) show(undefined);
      else if (key === 'enter') enter(before);
      else if (key === 'tab') complete(before);
      else if (key === 'up' || key === 'ctrl-p') up(before);
      else if (key === 'down' || key === 'ctrl-n') down(before);
      else type(typeInto(before.typed, event));
      return true;
    },
  };
}
