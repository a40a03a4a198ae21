import type {Situation} from '../actions/action.ts';
import {assess} from '../cluster/assess.ts';
import {createSchedule} from '../terminal/schedule.ts';
import {noteChanges} from './changes.ts';
import {type Collector, isSettled} from './collect.ts';
import {addLag} from './lag-history.ts';
import {quitAgainMs} from './leaving.ts';
import type {ConsoleState, ConsoleStore} from './store.ts';

export type Observed = {
  collector: Collector;
  store: ConsoleStore;
  set(more: Partial<ConsoleState>, urgent: boolean): void;
  situation(): Situation;
  now(): number;
};

const calmMs = 500;
const noticeMs = 6000;

/** Brings what the watchers see into the store: what is urgent at once, the rest calmly, and once a second what only time changes. */
export function observing({collector, store, set, situation, now}: Observed): {
  observe(urgent: boolean): void;
  stop(): void;
} {
  function observe(urgent: boolean): void {
    const at = now();
    const snapshot = collector.snapshot();
    const before = store.getState();
    const assessment = assess(snapshot, at);
    const changes = noteChanges(before.changes, before.assessment, assessment, at);
    const moved = before.assessment.verdict.level !== assessment.verdict.level;
    // The first table is wanted whole as soon as it can be.
    const starting = !isSettled(before.snapshot);
    const selectedNode = stillThere(before.selectedNode, assessment.nodes);
    set({snapshot, assessment, now: at, changes, selectedNode}, urgent || moved || starting);
    const run = store.getState().action;
    // What a person reads before confirming is as fresh as the table behind it.
    if (run?.phase === 'confirm') set({action: {...run, checks: run.action.preflight(situation())}}, false);
  }

  // Ages, countdowns and the clock move once a second, on the second.
  let clock: NodeJS.Timeout;
  function tick(): void {
    observe(false);
    const state = store.getState();
    const notice = state.notice !== undefined && state.now - state.notice.at > noticeMs ? undefined : state.notice;
    const lagHistory = addLag(state.lagHistory, state.assessment.nodes, state.now);
    const quitAskedAt =
      state.quitAskedAt !== undefined && state.now - state.quitAskedAt > quitAgainMs ? undefined : state.quitAskedAt;
    set({lagHistory, notice, quitAskedAt}, false);
    clock = setTimeout(tick, 1000 - (now() % 1000));
  }
  clock = setTimeout(tick, 1000 - (now() % 1000));
  // The nodes' samples come one by one; nothing but an action under way needs each by itself.
  const calmly = createSchedule(() => observe(false), {intervalMs: calmMs});
  // A look at many nodes takes its time, and keys are not to wait behind a queue of such looks.
  const promptly = createSchedule(
    () => {
      const urgent = isUrgent;
      isUrgent = false;
      observe(urgent);
    },
    {intervalMs: 0, rest: 3},
  );
  let isUrgent = false;
  const unsubscribe = collector.subscribe(urgent => {
    const {snapshot, action} = store.getState();
    const inAction = action !== undefined && action.phase !== 'ended';
    isUrgent ||= urgent;
    if (urgent || inAction || !isSettled(snapshot)) promptly.request();
    else calmly.request();
  });

  return {
    observe,
    stop() {
      clearTimeout(clock);
      unsubscribe();
      calmly.stop();
      promptly.stop();
    },
  };
}

function stillThere(selected: string | undefined, nodes: readonly {name: string}[]): string | undefined {
  return nodes.some(node => node.name === selected) ? selected : nodes[0]?.name;
}
