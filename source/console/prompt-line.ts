import {bad, errorText} from '../cluster/problem.ts';
import type {KeyEvent} from '../terminal/key-decoder.ts';
import {keyOf} from './key-of.ts';
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
  /** What can be typed now. */
  commands(): readonly PromptCommand[];
  answered(answer: PromptAnswer): void;
};

const mostRemembered = 100;

/** Makes it; up and down bring back earlier lines. */
export function promptLine({state, show, commands, answered}: PromptSurroundings): PromptLine {
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
    const {command, words} = read.value;
    void Promise.resolve(command.run(words)).then(answered, error =>
      answered(bad('internal', `:${command.name}: ${errorText(error)}`)),
    );
  }

  function recall(by: number): void {
    at = Math.max(0, Math.min(history.length, at + by));
    show({typed: history[at] ?? '', candidates: []});
  }

  return {
    open() {
      at = history.length;
      show({typed: '', candidates: []});
    },
    press(event) {
      const before = state();
      if (before === undefined) return false;
      const key = keyOf(event);
      if (key === 'escape' || key === 'ctrl-c' || (key === 'backspace' && before.typed === '')) show(undefined);
      else if (key === 'enter') run(before.typed);
      else if (key === 'tab') show(completeLine(before.typed, commands()));
      else if (key === 'up' || key === 'ctrl-p') recall(-1);
      else if (key === 'down' || key === 'ctrl-n') recall(1);
      else show({typed: typeInto(before.typed, event), candidates: []});
      return true;
    },
  };
}
