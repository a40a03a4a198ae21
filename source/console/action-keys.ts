import type {Action, Situation} from '../actions/action.ts';
import {type ActionRun, confirmationOf, mayRun, openAction} from '../actions/action-run.ts';
import {actionKind} from '../actions/registry.ts';
import {type ActionEdges, runAction} from '../actions/run-action.ts';
import {shownCommand} from '../ssh/quote.ts';
import type {KeyEvent} from '../terminal/key-decoder.ts';
import {keyOf} from './key-of.ts';
import type {ConsoleState, ConsoleStore, Notice} from './store.ts';
import {typeInto} from './typing.ts';

/** How a person starts an action, confirms it and leaves its screen. */
export type ActionKeys = {
  /** Opens the action's screen to be confirmed; one that runs is shown instead. `forced`: failed checks may be gone past. */
  start(action: Action, forced?: boolean): void;
  /** A key on the action's screen. */
  press(event: KeyEvent): void;
  armWhen(isShownWhole: (run: ActionRun) => boolean): void;
};

export type ActionSurroundings = {
  store: ConsoleStore;
  set(more: Partial<ConsoleState>, urgent: boolean): void;
  situation(): Situation;
  /** Judges anew what is known, so that the checks are of this moment. */
  refresh(): void;
  edges: Pick<ActionEdges, 'execute' | 'lock' | 'record'>;
  now(): number;
  notify(text: string, tone: Notice['tone']): void;
  /** Puts a text into the clipboard of the person's terminal. */
  copy(text: string): void;
  show(): void;
  back(): void;
};

/** A key that arrives sooner than this after a dialog opened was meant for what was there before. */
const armMs = 250;
/** What cannot be taken back is not confirmed in haste. */
const destructiveArmMs = 3000;

/** Nothing runs but what was shown whole, read, typed and confirmed, by keys and not by a paste. */
export function actionKeys(surroundings: ActionSurroundings): ActionKeys {
  const {store, set, situation, now} = surroundings;
  let isShownWhole: (run: ActionRun) => boolean = () => false;
  let identity = '';
  let stop = new AbortController();
  let leave = new AbortController();

  function start(action: Action, forced = false): void {
    const running = store.getState().action;
    if (running?.phase === 'running') {
      surroundings.show();
      return;
    }
    const available = action.available(situation());
    if (!available.available) {
      surroundings.notify(`${action.title} is not possible: ${available.reason}`, 'warning');
      return;
    }
    surroundings.refresh();
    identity = action.identity(situation());
    const run = openAction(action, situation(), forced);
    set({action: run}, true);
    surroundings.show();
    // The screen says when, so that nobody types in vain.
    setTimeout(() => arm(run), leastMs(run)).unref();
  }

  function arm(opened: ActionRun): void {
    const run = store.getState().action;
    if (run?.phase === 'confirm' && run.action === opened.action && run.openedAt === opened.openedAt)
      set({action: {...run, armed: true}}, true);
  }

  function confirm(run: ActionRun): void {
    if (!mayRun(run) || run.typed !== confirmationOf(run, store.getState().snapshot.cluster)) return;
    stop = new AbortController();
    leave = new AbortController();
    const edges: ActionEdges = {
      ...surroundings.edges,
      situation,
      subscribe: listener =>
        store.subscribe((state, before) =>
          state.snapshot === before.snapshot && state.now === before.now ? undefined : listener(),
        ),
      now,
      onChange: changed => set({action: changed}, true),
    };
    void runAction(run, identity, edges, {stop: stop.signal, leave: leave.signal});
  }

  function press(event: KeyEvent): void {
    const key = keyOf(event);
    const run = store.getState().action;
    const asking = run?.phase === 'confirm' && mayRun(run);
    if (run === undefined || key === 'escape' || (key === 'q' && !asking)) {
      surroundings.back();
      return;
    }
    if (asking) typeConfirmation(run, event);
    else if (key === 'c' && canStop(run)) stop.abort();
    // Who sees that it does not end by itself needs another action to help it, and one is watched at a time.
    else if (key === 'w' && run.phase === 'running') leave.abort();
    else if (key === 'u') takeBack(run);
    else if (key === 'y') copyCommands(run);
  }

  function typeConfirmation(run: ActionRun, event: KeyEvent): void {
    const isRead = run.armed || now() - run.openedAt >= leastMs(run);
    if (!isShownWhole(run) || event.kind === 'paste' || !isRead) return;
    if (keyOf(event) === 'enter') confirm(run);
    else set({action: {...run, typed: typeInto(run.typed, event)}}, true);
  }

  function copyCommands(run: ActionRun): void {
    surroundings.copy(run.steps.map(commandOf).join('\n'));
    surroundings.notify("the commands were handed to your terminal's clipboard", 'info');
  }

  function takeBack(run: ActionRun): void {
    const undo = run.phase === 'ended' ? undoOf(run) : undefined;
    if (undo === undefined) return;
    surroundings.back();
    start(undo);
  }

  return {
    start,
    press,
    armWhen(predicate) {
      isShownWhole = predicate;
    },
  };
}

function leastMs(run: ActionRun): number {
  return run.action.tier === 'destructive' ? destructiveArmMs : armMs;
}

/** A step as a person would paste it on this machine. */
function commandOf({host, argv}: {host: string; argv: readonly string[]}): string {
  return shownCommand(['ssh', host, shownCommand(argv)]);
}

/** True when a run has further steps that can be left undone. */
export function canStop(run: ActionRun): boolean {
  return run.phase === 'running' && !run.stopping && run.steps.some(step => step.state === 'waiting');
}

/** What takes a run that is done back, when there is such an action. */
export function undoOf({outcome, undo}: ActionRun): Action | undefined {
  if (outcome?.kind !== 'done') return undefined;
  return undo === undefined ? undefined : actionKind(undo.kind)?.of(undo.request);
}
