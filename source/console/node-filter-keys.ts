import type {KeyEvent} from '../terminal/key-decoder.ts';
import {keyOf} from './key-of.ts';
import {fittingNodes} from './node-filter.ts';
import type {ConsoleState, ConsoleStore} from './store.ts';
import {typeInto} from './typing.ts';

/** How a person types which nodes the table shows. */
export type NodeFilterKeys = {
  /** Begins to type, or goes on with what was typed before. */
  edit(): void;
  /** Takes a key while it is typed; false when it is not. */
  press(event: KeyEvent): boolean;
};

export type NodeFilterSurroundings = {
  store: ConsoleStore;
  set(more: Partial<ConsoleState>, urgent: boolean): void;
  move(by: number): void;
};

export function nodeFilterKeys({store, set, move}: NodeFilterSurroundings): NodeFilterKeys {
  function filter(text: string): void {
    const {assessment, selectedNode} = store.getState();
    const fitting = fittingNodes(assessment.nodes, text);
    const selected = fitting.some(node => node.name === selectedNode)
      ? selectedNode
      : (fitting[0]?.name ?? selectedNode);
    set({nodeFilter: {text, editing: true}, selectedNode: selected}, true);
  }

  return {
    edit: () => filter(store.getState().nodeFilter?.text ?? ''),
    press(event) {
      const {nodeFilter} = store.getState();
      if (nodeFilter?.editing !== true) return false;
      const key = keyOf(event);
      if (key === 'escape') set({nodeFilter: undefined}, true);
      else if (key === 'enter')
        set({nodeFilter: nodeFilter.text === '' ? undefined : {...nodeFilter, editing: false}}, true);
      else if (key === 'down' || key === 'ctrl-n') move(1);
      else if (key === 'up' || key === 'ctrl-p') move(-1);
      else filter(typeInto(nodeFilter.text, event));
      return true;
    },
  };
}
