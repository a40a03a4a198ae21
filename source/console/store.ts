import {createStore, type StoreApi} from 'zustand/vanilla';
import type {ActionKind} from '../actions/action.ts';
import type {ActionRun} from '../actions/action-run.ts';
import type {Assessment} from '../cluster/assessment.ts';
import type {Snapshot} from '../cluster/snapshot.ts';
import type {NodeFilter} from './node-filter.ts';
import type {PromptState} from './prompt.ts';
import type {Question} from './question.ts';

/** Everything a screen draws. Replaced, never mutated; the log pane's lines are the one exception (see log-pane.ts). */
export type ConsoleState = {
  snapshot: Snapshot;
  assessment: Assessment;
  /** This machine's clock in ms when the assessment was made; moves once a second at least. */
  now: number;
  /** Newest last, one sample a second, by node name. */
  lagHistory: ReadonlyMap<string, readonly LagPoint[]>;
  /** Names of nodes and fields that changed lately, with the time of the change: `pg_node1.reportedState`. */
  changes: ReadonlyMap<string, number>;
  /** The way from the first screen to the one that shows; never empty. */
  screens: readonly Screen[];
  selectedNode: string | undefined;
  /** Only nodes that fit are in the table; undefined: all are. */
  nodeFilter: NodeFilter | undefined;
  /** Asked by the SSH edge: shown above everything until it is answered. */
  question: Question | undefined;
  /** The line that is typed after `:`; undefined when none is. */
  prompt: PromptState | undefined;
  /** A short word at the bottom, gone after some seconds; one about a change stays until a key is pressed. */
  notice: Notice | undefined;
  /** The action that is being confirmed, runs, or has ended. */
  action: ActionRun | undefined;
  logPane: LogPaneState | undefined;
  /** The actions that can be started here; never changes. */
  kinds: readonly ActionKind[];
  /** Set when ctrl-c was pressed once. */
  quitAskedAt: number | undefined;
};

export type Screen =
  | {name: 'cluster'}
  | {name: 'node'; node: string; scroll: number}
  | {name: 'log'}
  | {name: 'action'}
  | {name: 'events'; scroll: number}
  | {name: 'help'; scroll: number}
  /** A page of plain text, as the prompt answers with. */
  | {name: 'page'; title: string; lines: readonly string[]; scroll: number};

export type LagPoint = {at: number; bytes: number | null};

export type Notice = {text: string; tone: 'info' | 'warning' | 'danger'; at: number};

/** What the log screen shows around the lines; `version` moves whenever the lines to draw have changed. */
export type LogPaneState = {
  node: string;
  host: string;
  container: string;
  following: boolean;
  wrap: boolean;
  paused: boolean;
  filter: string;
  editingFilter: boolean;
  /** Lines in the buffer, lines that match the filter, lines seen since the start and dropped from the buffer. */
  lines: number;
  matching: number;
  seen: number;
  dropped: number;
  connection: string | undefined;
  version: number;
};

export type ConsoleStore = StoreApi<ConsoleState>;

export function createConsoleStore(
  snapshot: Snapshot,
  assessment: Assessment,
  now: number,
  kinds: readonly ActionKind[],
): ConsoleStore {
  return createStore<ConsoleState>(() => ({
    snapshot,
    assessment,
    now,
    lagHistory: new Map(),
    changes: new Map(),
    screens: [{name: 'cluster'}],
    selectedNode: undefined,
    nodeFilter: undefined,
    question: undefined,
    prompt: undefined,
    notice: undefined,
    action: undefined,
    logPane: undefined,
    kinds,
    quitAskedAt: undefined,
  }));
}
