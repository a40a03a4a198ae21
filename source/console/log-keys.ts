import type {EdgeClock} from '../cluster/back-off.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import type {KeyEvent} from '../terminal/key-decoder.ts';
import {keyOf} from './key-of.ts';
import {LogPane} from './log-pane.ts';
import type {ConsoleState, ConsoleStore, Notice} from './store.ts';
import {typeInto} from './typing.ts';

/** The log pane as a person opens, filters and leaves it. */
export type LogKeys = {
  pane(): LogPane | undefined;
  /** Follows the container of the selected node. */
  open(): void;
  /** Takes a key while the filter is typed; false when it is not. */
  press(event: KeyEvent): boolean;
  /** What the state is without it. */
  close(): Partial<ConsoleState>;
};

export type LogSurroundings = {
  store: ConsoleStore;
  set(more: Partial<ConsoleState>, urgent: boolean): void;
  selected(): string | undefined;
  host(name: string): HostConnection | undefined;
  docker: ReadonlyMap<string, readonly string[]>;
  clock: EdgeClock;
  notify(text: string, tone: Notice['tone']): void;
  show(): void;
};

export function logKeys({store, set, selected, host, docker, clock, notify, show}: LogSurroundings): LogKeys {
  let pane: LogPane | undefined;

  function open(): void {
    const node = store.getState().assessment.nodes.find(each => each.name === selected());
    const connection = node?.host === null || node === undefined ? undefined : host(node.host);
    if (node === undefined || node.container === null || connection === undefined) {
      notify(
        `no container of ${node?.name ?? 'this node'} is in the configuration, so its log can not be read`,
        'warning',
      );
      return;
    }
    pane?.close();
    const opened = new LogPane(
      {
        node: node.name,
        host: connection,
        docker: docker.get(connection.name) ?? ['docker'],
        container: node.container,
        clock,
      },
      urgent => {
        if (pane === opened) set({logPane: opened.state()}, urgent);
      },
    );
    pane = opened;
    set({logPane: opened.state()}, true);
    show();
  }

  function press(event: KeyEvent): boolean {
    const key = keyOf(event);
    const state = store.getState().logPane;
    if (pane === undefined || state?.editingFilter !== true) return false;
    if (key === 'enter') pane.editFilter(false);
    else if (key === 'escape') {
      pane.setFilter('');
      pane.editFilter(false);
    } else pane.setFilter(typeInto(state.filter, event));
    return true;
  }

  return {
    pane: () => pane,
    open,
    press,
    close() {
      pane?.close();
      pane = undefined;
      return {logPane: undefined};
    },
  };
}
