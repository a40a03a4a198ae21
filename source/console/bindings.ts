import type {Action, ActionKind, Situation} from '../actions/action.ts';
import {actionKinds} from '../actions/registry.ts';
import {readUsage, standsForNode} from '../actions/usage.ts';
import type {ConsoleState, Screen} from './store.ts';

/** A key and what it does, on the screens where it works. Footer, help and dispatch come out of this table. */
export type Binding = {
  id: Command;
  /** Names as in `KeyEvent.key`; the first one is shown. */
  keys: readonly string[];
  /** For the help screen: a short phrase. */
  title: string;
  /** For the footer: one word or two. Empty: not in the footer. */
  short: string;
  screens: readonly Screen['name'][];
  group: 'move' | 'look' | 'change' | 'general';
};

export type Command =
  | 'down'
  | 'up'
  | 'page-down'
  | 'page-up'
  | 'top'
  | 'bottom'
  | 'left'
  | 'right'
  | 'open'
  | 'node'
  | 'logs'
  | 'events'
  | 'bootstrap'
  | 'shell'
  | 'psql'
  | 'autoctl'
  | 'filter'
  | 'filter-nodes'
  | 'all-nodes'
  | 'follow'
  | 'pause'
  | 'wrap'
  | 'help'
  | 'prompt'
  | 'back'
  | 'quit'
  | 'redraw'
  | 'retry'
  | `action:${string}`;

const everywhere: readonly Screen['name'][] = ['cluster', 'node', 'log', 'action', 'events', 'help', 'page'];
const lists: readonly Screen['name'][] = ['cluster', 'node', 'log', 'events', 'help', 'page'];
const withNode: readonly Screen['name'][] = ['cluster', 'node'];

/** The bindings of pgaf itself; `bindingsOf` adds those of a cluster's own actions. */
export const bindings: readonly Binding[] = bindingsWith(actionKinds);

function bindingsWith(kinds: readonly ActionKind[]): readonly Binding[] {
  return [
    {
      id: 'open',
      keys: ['enter'],
      title: 'everything known of the selected node',
      short: 'node',
      screens: ['cluster'],
      group: 'look',
    },
    {
      id: 'node',
      keys: ['d'],
      title: 'the same: describe the selected node',
      short: '',
      screens: ['cluster'],
      group: 'look',
    },
    {
      id: 'logs',
      keys: ['l'],
      title: "the log of the node's container",
      short: 'logs',
      screens: withNode,
      group: 'look',
    },
    {
      id: 'events',
      keys: ['e'],
      title: "the monitor's events",
      short: 'events',
      screens: ['cluster', 'node'],
      group: 'look',
    },
    {
      id: 'bootstrap',
      keys: ['B'],
      title: 'what the hosts have, and what `pgaf bootstrap` would make; nothing is changed',
      short: '',
      screens: ['cluster'],
      group: 'look',
    },
    {
      id: 'filter',
      keys: ['/', '&'],
      title: 'show only lines with a text, /regex/ or !not',
      short: 'filter',
      screens: ['log'],
      group: 'look',
    },
    {
      id: 'filter-nodes',
      keys: ['/', '&'],
      title: 'show only nodes with a text in their name, place, state or trouble, /regex/ or !not',
      short: '',
      screens: ['cluster'],
      group: 'look',
    },
    {id: 'all-nodes', keys: ['escape'], title: 'show all nodes again', short: '', screens: ['cluster'], group: 'look'},
    {id: 'follow', keys: ['f', 'F'], title: 'follow the newest line', short: 'follow', screens: ['log'], group: 'look'},
    {
      id: 'pause',
      keys: ['space', '='],
      title: 'hold what shows, lines are still collected',
      short: 'pause',
      screens: ['log'],
      group: 'look',
    },
    {id: 'wrap', keys: ['w'], title: 'wrap long lines', short: 'wrap', screens: ['log'], group: 'look'},
    ...actionBindings(kinds),
    {
      id: 'shell',
      keys: ['s'],
      title: "a shell in the node's container",
      short: 'shell',
      screens: withNode,
      group: 'look',
    },
    {
      id: 'psql',
      keys: ['p'],
      title: "psql in the node's container, read-only (:psql --write is not)",
      short: 'psql',
      screens: withNode,
      group: 'look',
    },
    {
      id: 'autoctl',
      keys: ['x'],
      title: "a prompt for pg_autoctl in the node's container",
      short: '',
      screens: withNode,
      group: 'look',
    },
    {id: 'down', keys: ['j', 'down', 'ctrl-n'], title: 'down', short: '', screens: lists, group: 'move'},
    {id: 'up', keys: ['k', 'up', 'ctrl-p'], title: 'up', short: '', screens: lists, group: 'move'},
    {
      id: 'page-down',
      keys: ['ctrl-d', 'ctrl-f', 'pagedown'],
      title: 'a page down',
      short: '',
      screens: lists,
      group: 'move',
    },
    {id: 'page-up', keys: ['ctrl-u', 'ctrl-b', 'pageup'], title: 'a page up', short: '', screens: lists, group: 'move'},
    {id: 'top', keys: ['g', 'home'], title: 'to the first', short: '', screens: lists, group: 'move'},
    {id: 'bottom', keys: ['G', 'end'], title: 'to the last, and follow', short: '', screens: lists, group: 'move'},
    {id: 'left', keys: ['left', 'h'], title: 'shift long lines back', short: '', screens: ['log'], group: 'move'},
    {id: 'right', keys: ['right'], title: 'shift long lines', short: '', screens: ['log'], group: 'move'},
    {id: 'help', keys: ['?', 'f1'], title: 'every key', short: 'help', screens: lists, group: 'general'},
    {
      id: 'prompt',
      keys: [':'],
      title: 'type a command; tab completes it, :help lists them',
      short: '',
      screens: lists,
      group: 'general',
    },
    {
      id: 'retry',
      keys: ['r', 'ctrl-r'],
      title: 'connect and read again at once',
      short: 'retry',
      screens: lists,
      group: 'general',
    },
    {id: 'redraw', keys: ['ctrl-l'], title: 'draw the screen again', short: '', screens: everywhere, group: 'general'},
    {
      id: 'back',
      keys: ['escape'],
      title: 'back',
      short: 'back',
      screens: ['node', 'log', 'action', 'events', 'help', 'page'],
      group: 'general',
    },
    {
      id: 'quit',
      keys: ['q'],
      title: 'back; from the first screen: quit (ctrl-c twice quits from anywhere)',
      short: 'quit',
      screens: lists,
      group: 'general',
    },
  ];
}

const known = new WeakMap<readonly ActionKind[], readonly Binding[]>([[actionKinds, bindings]]);

/** Every binding where these kinds of actions can be started. */
export function bindingsOf(kinds: readonly ActionKind[]): readonly Binding[] {
  const before = known.get(kinds);
  if (before !== undefined) return before;
  const made = bindingsWith(kinds);
  known.set(kinds, made);
  return made;
}

/** The binding of a key on a screen. */
export function bindingFor(
  key: string,
  screen: Screen['name'],
  kinds: readonly ActionKind[] = actionKinds,
): Binding | undefined {
  return bindingsOf(kinds).find(binding => binding.screens.includes(screen) && binding.keys.includes(key));
}

/** The action that a binding starts for the selected node; of several that share the key the one that can be started now. */
export function actionOf(
  binding: Binding,
  kinds: readonly ActionKind[],
  selectedNode: string | undefined,
  situation: Situation,
): Action | undefined {
  const possible = kindsBehind(binding, kinds).map(kind => {
    const request = onSelected(kind, selectedNode);
    return kind.of(kind.byKey?.(situation, request) ?? request);
  });
  return possible.find(action => action.available(situation).available) ?? possible[0];
}

/** Why a binding does nothing now; undefined when it works. */
export function unavailable(
  binding: Binding,
  state: Pick<ConsoleState, 'snapshot' | 'assessment' | 'now' | 'selectedNode' | 'kinds'>,
): string | undefined {
  if (binding.id === 'shell' && state.snapshot.cluster.readOnly) return 'the cluster is read-only here';
  const situation = situationOf(state, new Map());
  const available = actionOf(binding, state.kinds, state.selectedNode, situation)?.available(situation);
  return available === undefined || available.available ? undefined : available.reason;
}

export function situationOf(
  state: Pick<ConsoleState, 'snapshot' | 'assessment' | 'now'>,
  docker: ReadonlyMap<string, readonly string[]>,
): Situation {
  return {snapshot: state.snapshot, assessment: state.assessment, now: state.now, docker};
}

/** The request of a kind for the node that is selected, when it is about a node. */
export function onSelected(kind: ActionKind, selectedNode: string | undefined): {node?: string} {
  const needsNode = readUsage(kind.usage).parts.some(
    part => part.part === 'placeholder' && standsForNode(part.placeholder),
  );
  return needsNode && selectedNode !== undefined ? {node: selectedNode} : {};
}

function kindsBehind(binding: Binding, kinds: readonly ActionKind[]): readonly ActionKind[] {
  return kinds.filter(kind => kind.key !== undefined && binding.id === `action:${kind.key}`);
}

/** One binding a key: kinds that share it stand in its title one after the other. */
function actionBindings(all: readonly ActionKind[]): readonly Binding[] {
  const keys = [...new Set(all.map(kind => kind.key))].filter(key => key !== undefined);
  return keys.map((key): Binding => {
    const kinds = all.filter(kind => kind.key === key);
    return {
      id: `action:${key}`,
      keys: [key],
      title: kinds.map(kind => `${kind.title}: ${kind.help}`).join('; '),
      short: (kinds[0]?.title ?? '').toLowerCase(),
      screens: ['cluster', 'node'],
      group: 'change',
    };
  });
}
