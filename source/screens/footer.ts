import {canStop, undoOf} from '../console/action-keys.ts';
import {bindingsOf, unavailable} from '../console/bindings.ts';
import type {ConsoleState, Screen} from '../console/store.ts';
import {type KeyHint, keyBar} from '../widgets/key-bar.ts';
import type {Appearance} from './appearance.ts';

/** What the footer reads of the console's state. */
export type FooterView = Pick<
  ConsoleState,
  | 'snapshot'
  | 'assessment'
  | 'now'
  | 'selectedNode'
  | 'screens'
  | 'question'
  | 'prompt'
  | 'action'
  | 'logPane'
  | 'nodeFilter'
  | 'kinds'
>;

/** The last row, ready to draw: the keys that work here, the most important first; what does not fit is in the help. */
export function footerText(view: FooterView, columns: number, appearance: Appearance): string {
  const screen: Screen = view.screens.at(-1) ?? {name: 'cluster'};
  const hints = typingHints(view, screen) ?? screenHints(view, screen);
  return columns < 2 ? '' : ` ${keyBar(hints, columns - 1, appearance.style)}`;
}

/** A key as it stands in the footer and the help. */
export function keyLabel(key: string): string {
  return keyLabels[key] ?? key;
}

const keyLabels: Readonly<Record<string, string>> = {
  escape: 'esc',
  pagedown: 'pgdn',
  pageup: 'pgup',
  f1: 'F1',
};

/** While something is typed, letters are letters: only these keys do something. */
function typingHints(view: FooterView, screen: Screen): readonly KeyHint[] | undefined {
  if (view.question !== undefined) {
    return [hint('enter', 'answer'), hint('esc', 'do not answer'), hint('ctrl-c ctrl-c', 'quit')];
  }
  if (view.prompt !== undefined) {
    return [
      hint('enter', 'run'),
      hint('tab', 'complete'),
      hint('down', 'choose'),
      hint('up', 'earlier lines'),
      hint('esc', 'leave'),
    ];
  }
  if (screen.name === 'cluster' && view.nodeFilter?.editing === true) {
    return [hint('enter', 'keep the filter'), hint('down up', 'select'), hint('esc', 'all nodes')];
  }
  if (screen.name === 'log' && view.logPane?.editingFilter === true) {
    return [hint('enter', 'keep the filter'), hint('esc', 'no filter'), hint('ctrl-u', 'empty it')];
  }
  if (screen.name !== 'action') return undefined;
  if (view.action?.phase === 'confirm') return [hint('esc', 'cancel: nothing was started')];
  return actionHints(view);
}

function actionHints({action}: FooterView): readonly KeyHint[] {
  if (action === undefined) return [hint('esc', 'back')];
  if (action.phase === 'running') {
    const stop = canStop(action) ? [hint('c', 'stop before its next step')] : [];
    return [
      hint('esc', 'leave it running'),
      ...stop,
      hint('w', 'watch it no more: another can be started'),
      hint('y', 'copy the command'),
    ];
  }
  const undo = undoOf(action);
  return [
    hint('esc', 'back'),
    ...(undo === undefined ? [] : [hint('u', `take it back: ${undo.title}`)]),
    hint('y', 'copy the command'),
  ];
}

function screenHints(view: FooterView, screen: Screen): readonly KeyHint[] {
  return (
    bindingsOf(view.kinds)
      .filter(binding => binding.short !== '' && binding.screens.includes(screen.name))
      // On the way back q and esc are the same key.
      .filter(binding => binding.id !== 'quit' || screen.name === 'cluster')
      .map(binding => ({
        key: keyLabel(binding.keys[0] ?? ''),
        label: binding.short,
        disabled: unavailable(binding, view) !== undefined,
        keep: binding.id === 'help',
      }))
  );
}

function hint(key: string, label: string): KeyHint {
  return {key, label};
}
