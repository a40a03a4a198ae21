import type {Action, Situation} from '../actions/action.ts';
import {type ActionRun, allowed} from '../actions/action-run.ts';
import {type ActionEdges, openAction, runAction} from '../actions/run-action.ts';
import type {KeyEvent} from '../terminal/key-decoder.ts';
import {keyOf} from './key-of.ts';
import type {ConsoleState, ConsoleStore, Notice} from './store.ts';
import {typeInto} from './typing.ts';

/** How a person starts an action, confirms it and leaves its screen. */
export type ActionKeys = {
  /** Opens the action's screen to be confirmed; one that runs is shown instead. */
  start(action: Action): void;
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
  execute: ActionEdges['execute'];
  now(): number;
  isProduction: boolean;
  notify(text: string, tone: Notice['tone']): void;
  show(): void;
  back(): void;
};

/** A key that arrives sooner than this after a dialog opened was meant for what was there before. */
const armMs = 250;

/** Nothing runs but what was shown whole, read, typed and confirmed, by keys and not by a paste. */
export function actionKeys(surroundings: ActionSurroundings): ActionKeys {
  const {store, set, situation, now} = surroundings;
  let isShownWhole: (run: ActionRun) => boolean = () => false;
  let identity = '';

  function start(action: Action): void {
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
    set({action: openAction(action, situation())}, true);
    surroundings.show();
  }

  function confirm(run: ActionRun): void {
    const expected = surroundings.isProduction ? run.plan.confirmation : 'y';
    if (!allowed(run.checks) || run.typed !== expected) return;
    void runAction(run, identity, {
      execute: surroundings.execute,
      situation,
      subscribe: listener =>
        store.subscribe((state, before) =>
          state.snapshot === before.snapshot && state.now === before.now ? undefined : listener(),
        ),
      now,
      onChange: changed => set({action: changed}, true),
    });
  }

  function press(event: KeyEvent): void {
    const key = keyOf(event);
    const run = store.getState().action;
    const armed = run?.phase === 'confirm' && allowed(run.checks);
    if (run === undefined || key === 'escape' || (key === 'q' && !armed)) surroundings.back();
    if (run === undefined || !armed) return;
    if (!isShownWhole(run) || event.kind === 'paste' || now() - run.openedAt < armMs) return;
    if (key === 'enter') confirm(run);
    else if (key !== 'escape') set({action: {...run, typed: typeInto(run.typed, event)}}, true);
  }

  return {
    start,
    press,
    armWhen(predicate) {
      isShownWhole = predicate;
    },
  };
}
