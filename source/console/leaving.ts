import type {ConsoleState, ConsoleStore} from './store.ts';

/** How a person leaves the console. */
export type Leaving = {
  /** Asks first while an action runs. */
  leave(): void;
  /** ctrl-c: the second within a moment leaves, whatever runs. */
  interrupt(): void;
};

export type LeavingSurroundings = {
  store: ConsoleStore;
  set(more: Partial<ConsoleState>, urgent: boolean): void;
  now(): number;
  left(): void;
};

/** A second ctrl-c within this time is meant. */
export const quitAgainMs = 2000;

export function leaving({store, set, now, left}: LeavingSurroundings): Leaving {
  return {
    leave() {
      const {action} = store.getState();
      if (action?.phase !== 'running') {
        left();
        return;
      }
      const answer = (typed: string | undefined) => {
        set({question: undefined}, true);
        if (typed?.trim().toLowerCase() === 'yes') left();
      };
      // It goes on without this console, but nobody would tell how it ends.
      const lines = [
        `${action.action.title} is running. What was started goes on without this console;`,
        'its next steps do not, and nobody tells how it ends.',
      ];
      set({question: {title: 'Quit?', lines, kind: 'choice', typed: '', answer}}, true);
    },
    interrupt() {
      const {quitAskedAt} = store.getState();
      const moment = now();
      if (quitAskedAt !== undefined && moment - quitAskedAt <= quitAgainMs) left();
      else set({quitAskedAt: moment}, true);
    },
  };
}
