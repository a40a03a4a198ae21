import type {ActionKind, Situation} from '../actions/action.ts';
import type {ActionRun} from '../actions/action-run.ts';
import {type Operator, operatorName} from '../actions/operator.ts';
import {actionKinds} from '../actions/registry.ts';
import {assess} from '../cluster/assess.ts';
import type {EdgeClock} from '../cluster/back-off.ts';
import type {ClusterTime} from '../cluster/cluster-time.ts';
import type {Outcome} from '../cluster/problem.ts';
import {current} from '../cluster/sample.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import type {RecordSession} from '../session/session-record.ts';
import type {KeyEvent} from '../terminal/key-decoder.ts';
import {accessCommands} from './access-commands.ts';
import {actionCommands} from './action-commands.ts';
import {actionKeys} from './action-keys.ts';
import {actionOf, type Binding, bindingFor, bindingsOf, type Command, situationOf} from './bindings.ts';
import type {LookAtHosts} from './bootstrap-page.ts';
import {bootstrapSurvey} from './bootstrap-survey.ts';
import {collect} from './collect.ts';
import {containerSessions, type Loan} from './container-sessions.ts';
import {executeStep} from './execute-step.ts';
import {keyOf} from './key-of.ts';
import {leaving} from './leaving.ts';
import {logKeys} from './log-keys.ts';
import type {LogPane} from './log-pane.ts';
import {movement} from './movement.ts';
import {shownNodes} from './node-filter.ts';
import {nodeFilterKeys} from './node-filter-keys.ts';
import {observing} from './observing.ts';
import type {PromptAnswer, PromptCommand} from './prompt.ts';
import {ownCommands} from './prompt-commands.ts';
import {promptLine} from './prompt-line.ts';
import {askThroughStore} from './question.ts';
import {type ConsoleState, type ConsoleStore, createConsoleStore, type Notice, type Screen} from './store.ts';
import {typeInto} from './typing.ts';
import {uriCommand} from './uri-command.ts';

/** The console while it runs: what the screens read, and the keys that they pass on. */
export type RunningConsole = {
  store: ConsoleStore;
  /** The lines of the open log, for the one who paints them. */
  logPane(): LogPane | undefined;
  press(event: KeyEvent): void;
  /** Told by whoever draws: whether all that has to be read before confirming shows. Until then nothing can be confirmed. */
  armWhen(isShownWhole: (run: ActionRun) => boolean): void;
  /** The window's size, told by whoever draws. */
  resize(columns: number, rows: number): void;
  onDraw(listener: (urgency: Urgency) => void): () => void;
  onRedraw(listener: () => void): () => void;
  /** Says something at the bottom of the screen. */
  notify(text: string, tone: Notice['tone']): void;
  /** Shows a page of text, as an answer of the prompt. */
  showPage(page: {title: string; lines: readonly string[]}): void;
  /** Resolves when the person asked to leave. */
  left: Promise<void>;
  close(): Promise<void>;
};

/** When something should be drawn: at once, because a person pressed a key; soon, because something happened; or at the next calm moment. */
export type Urgency = 'key' | 'soon' | 'calm';

export type ConsoleEnvironment = EdgeClock & {
  /** Nothing can be changed, and the person cannot lift that. */
  readOnly: boolean;
  /** The actions that can be started; pgaf's own when not given. */
  kinds?: readonly ActionKind[];
  /** Puts a text into the clipboard of the person's terminal. */
  copy?(text: string): void;
  /** What a bootstrap would find and make; loaded when somebody asks. */
  bootstrap?: LookAtHosts;
  /** The time of an embedded cluster. */
  time?: () => ClusterTime | undefined;
  operator: Operator;
  /** Writes runs of actions down. */
  record(run: ActionRun): Outcome<void>;
  /** Writes sessions in containers down. */
  recordSession: RecordSession;
  /** Commands of the prompt beside the console's own. */
  commands?: readonly PromptCommand[];
  /** Hands the terminal to programs in containers; without it there are none. */
  loan?: Loan;
};

/** Starts the watchers and the store. `open` makes the watchers; tests pass their own. */
export function startConsole(
  cluster: ClusterConfiguration,
  environment: ConsoleEnvironment,
  open = collect,
): RunningConsole {
  const drawListeners = new Set<(urgency: Urgency) => void>();
  const redrawListeners = new Set<() => void>();
  const left = Promise.withResolvers<void>();
  const docker = new Map(cluster.hosts.map(host => [host.name, host.docker]));
  let windowRows = 24;
  let pressing = false;

  const ask = askThroughStore(question => set({question}, true));
  const collector = open(cluster, {...environment, ask});
  const first = collector.snapshot();
  const kinds = environment.kinds ?? actionKinds;
  const store = createConsoleStore(first, assess(first, environment.now()), environment.now(), kinds);

  function set(more: Partial<ConsoleState>, urgent: boolean): void {
    store.setState(more);
    const urgency = pressing ? 'key' : urgent ? 'soon' : 'calm';
    for (const listener of drawListeners) listener(urgency);
  }

  const {observe, stop} = observing({
    ...{collector, store, set},
    situation: () => situation(),
    now: environment.now,
  });

  const prompt = promptLine({
    state: () => store.getState().prompt,
    show: state => set({prompt: state}, true),
    selected,
    commands: promptCommands,
    answered,
  });

  function promptCommands(): readonly PromptCommand[] {
    const own = ownCommands({
      screen: screen().name,
      bindings: bindingsOf(kinds),
      run: runBinding,
      leave: leaves.leave,
      showPage,
      all: promptCommands,
    });
    const ofActions = actionCommands({kinds, situation, selected, start: actions.start});
    return [
      ...own,
      ...ofActions,
      ...sessions.commands,
      ...accessCommands(access),
      uriCommand(uri),
      ...(environment.commands ?? []),
    ];
  }

  function answered(answer: PromptAnswer): void {
    if (!answer.ok) {
      const {message, remedy} = answer.problem;
      notify(remedy === undefined ? message : `${message}: ${remedy}`, 'warning');
      return;
    }
    const {text = '', page} = answer.value;
    if (page !== undefined) showPage(page);
    if (text !== '') notify(text, 'info');
  }

  function showPage(page: {title: string; lines: readonly string[]}): void {
    const next: Screen = {name: 'page', ...page, scroll: 0};
    if (screen().name === 'page') replace(next);
    else show(next);
  }

  const access = {
    isReadOnly: () => store.getState().snapshot.cluster.readOnly,
    canBeLifted: () => !environment.readOnly,
    set(readOnly: boolean) {
      collector.setReadOnly(readOnly);
      observe(true);
    },
  };
  const uri = {
    formation: cluster.formation,
    situation: () => situation(),
    host: (name: string) => collector.host(name),
    ...(environment.copy === undefined ? {} : {copy: environment.copy}),
  };
  const situation = (): Situation => situationOf(store.getState(), docker);
  const screen = (): Screen => store.getState().screens.at(-1) ?? {name: 'cluster'};
  const show = (next: Screen) => set({screens: [...store.getState().screens, next]}, true);
  const replace = (next: Screen) => set({screens: [...store.getState().screens.slice(0, -1), next]}, true);
  const notify = (text: string, tone: Notice['tone']) => set({notice: {text, tone, at: environment.now()}}, true);

  const actions = actionKeys({
    store,
    set,
    situation,
    refresh: () => observe(false),
    edges: {
      execute: (step, onLine) => executeStep(collector.host(step.host), step, onLine),
      lock: () => collector.lock(operatorName(environment.operator)),
      record: run => environment.record(run),
    },
    now: environment.now,
    notify,
    copy: text => environment.copy?.(text),
    show: () => show({name: 'action'}),
    back: () => back(),
  });
  const sessions = containerSessions({
    cluster,
    loan: environment.loan,
    store,
    selected,
    host: name => collector.host(name),
    notify,
    record: environment.recordSession,
    now: environment.now,
  });
  const survey = bootstrapSurvey({
    look: environment.bootstrap,
    surroundings: () => ({
      host: name => collector.host(name),
      monitor: current(store.getState().snapshot.monitor),
      hosts: store.getState().snapshot.hosts,
      now: environment.now,
    }),
    cluster,
    isFirstScreen: () => screen().name === 'cluster',
    notify: text => notify(text, 'info'),
    showPage,
    answered,
  });
  const logs = logKeys({
    ...{store, set, selected, docker, notify},
    host: name => collector.host(name),
    clock: environment,
    show: () => show({name: 'log'}),
  });
  const {move, page} = movement({
    screen,
    replace,
    nodes: () => shownNodes(store.getState()).map(node => node.name),
    events: () => store.getState().snapshot.events.length,
    selected: () => selected(),
    select: node => set({selectedNode: node}, true),
    pane: logs.pane,
    windowRows: () => windowRows,
  });

  const nodeFilter = nodeFilterKeys({store, set, move});
  const leaves = leaving({store, set, now: environment.now, left: () => left.resolve()});

  function back(): void {
    const {screens} = store.getState();
    if (screens.length > 1)
      set({screens: screens.slice(0, -1), ...(screen().name === 'log' ? logs.close() : {})}, true);
  }

  function quit(): void {
    if (store.getState().screens.length > 1) back();
    else leaves.leave();
  }

  function selected(): string | undefined {
    const top = screen();
    return top.name === 'node' ? top.node : (store.getState().selectedNode ?? shownNodes(store.getState())[0]?.name);
  }

  function pressInQuestion(event: KeyEvent): boolean {
    const key = keyOf(event);
    const {question} = store.getState();
    if (question === undefined) return false;
    if (key === 'escape') question.answer(undefined);
    else if (key === 'enter') question.answer(question.typed);
    else set({question: {...question, typed: typeInto(question.typed, event)}}, true);
    return true;
  }

  function press(event: KeyEvent): void {
    pressing = true;
    try {
      answerKey(event);
    } finally {
      pressing = false;
    }
  }

  function answerKey(event: KeyEvent): void {
    const key = keyOf(event);
    if (store.getState().question === undefined && prompt.press(event)) return;
    if (key === 'ctrl-c') {
      leaves.interrupt();
      return;
    }
    if (store.getState().quitAskedAt !== undefined) set({quitAskedAt: undefined}, true);
    if (pressInQuestion(event) || (screen().name === 'log' && logs.press(event))) return;
    if (screen().name === 'cluster' && nodeFilter.press(event)) return;
    // A person is looking: whoever waits for a back-off tries again now.
    collector.retryNow(false);
    if (screen().name === 'action' && key !== 'ctrl-l') {
      actions.press(event);
      return;
    }
    const binding = bindingFor(key, screen().name, kinds);
    if (binding !== undefined) runBinding(binding);
  }

  function runBinding(binding: Binding): void {
    const action = actionOf(binding, kinds, selected(), situation());
    if (action === undefined) handlers[binding.id]?.();
    else actions.start(action);
  }

  const handlers: {[command in Command]?: () => void} = {
    open: describe,
    node: describe,
    logs: logs.open,
    events: () => show({name: 'events', scroll: 0}),
    bootstrap: () => void survey.show(),
    shell: () => sessions.open({kind: 'shell'}),
    psql: () => sessions.open({kind: 'psql', write: false, words: []}),
    autoctl: () => sessions.open({kind: 'autoctl', words: []}),
    help: () => (screen().name === 'help' ? back() : show({name: 'help', scroll: 0})),
    back() {
      if (screen().name === 'log' && store.getState().logPane?.filter) logs.pane()?.setFilter('');
      else back();
    },
    quit,
    prompt: prompt.open,
    retry() {
      collector.retryNow(true);
      collector.refresh();
      logs.pane()?.retryNow();
      notify('connecting and reading again', 'info');
    },
    redraw() {
      for (const listener of redrawListeners) listener();
    },
    filter: () => logs.pane()?.editFilter(true),
    'filter-nodes': nodeFilter.edit,
    'all-nodes': () => set({nodeFilter: undefined}, true),
    follow: () => logs.pane()?.follow(),
    pause: () => logs.pane()?.togglePause(),
    wrap: () => logs.pane()?.toggleWrap(),
    left: () => logs.pane()?.shift(-8),
    right: () => logs.pane()?.shift(8),
    down: () => move(1),
    up: () => move(-1),
    'page-down': () => move(page()),
    'page-up': () => move(-page()),
    top: () => move(Number.NEGATIVE_INFINITY),
    bottom: () => move(Number.POSITIVE_INFINITY),
  };

  function describe(): void {
    const node = selected();
    if (node !== undefined) show({name: 'node', node, scroll: 0});
  }

  return {
    store,
    logPane: logs.pane,
    press,
    armWhen: actions.armWhen,
    resize(_columns, rows) {
      windowRows = rows;
    },
    onDraw(listener) {
      drawListeners.add(listener);
      return () => drawListeners.delete(listener);
    },
    onRedraw(listener) {
      redrawListeners.add(listener);
      return () => redrawListeners.delete(listener);
    },
    notify,
    showPage,
    left: left.promise,
    async close() {
      stop();
      logs.pane()?.close();
      await collector.close();
    },
  };
}
