import type {StoreApi} from 'zustand';
import {createStore} from 'zustand/vanilla';
import type {RunningConsole} from '../console/console.ts';
import type {Terminal} from '../terminal/terminal.ts';
import {actionFits} from './action-screen.ts';
import {type Appearance, localDay, localTimeOfDay} from './appearance.ts';
import {paceDrawing} from './draw-pace.ts';
import {drawFrame, type Frame, type FrameSize, type Pane} from './frame.ts';
import type {Drawn} from './ink-window.tsx';

/** What the screens need of the console and of the terminal. */
export type ScreensOptions = {
  console: Pick<RunningConsole, 'store' | 'logPane' | 'armWhen' | 'resize' | 'onDraw' | 'onRedraw'>;
  terminal: Pick<Terminal, 'screen' | 'style' | 'capabilities'>;
};

/**
 * Draws the console on the terminal until `stop`. The store is turned into rows only when something is to be drawn; Ink lays out the
 * rows that changed, and the log's lines are painted past it. Nothing is committed or written when no row is different.
 */
export function startScreens({console, terminal}: ScreensOptions): {stop(): void} {
  const {screen} = terminal;
  const appearance: Appearance = {
    style: terminal.style,
    unicode: terminal.capabilities.unicode,
    timeOfDay: localTimeOfDay,
    day: localDay,
  };
  const drawn = createStore<Drawn>(() => ({
    columns: screen.columns,
    rows: screen.rows,
    header: [],
    body: [],
    footer: [],
  }));
  const panes = new Map<string, string>();

  const refresh = refreshPane(screen);

  const draw = (urgent: boolean) => {
    const size = {columns: screen.columns, rows: screen.rows};
    const frame = drawFrame(console.store.getState(), console.logPane(), size, appearance);
    if (!urgent && panes.size === 0 && frame.panes.length === 0) refresh.show(frame, size);
    else {
      showRows(drawn, frame, size);
      refresh.hide();
    }
    showPanes(screen, panes, frame);
    holdScroll(console.store, frame);
  };
  const pace = paceDrawing(draw, () => ({busy: screen.busy, flooding: topScreen(console.store) === 'log'}));
  const resize = () => {
    console.resize(screen.columns, screen.rows);
    pace.soon();
  };

  console.armWhen(run => {
    return actionFits(screen.columns, screen.rows, run, console.store.getState().snapshot.cluster);
  });
  const window = openLater(drawn, screen);
  resize();
  draw(true);
  screen.flush();
  screen.stdout.on('resize', resize);
  const undraw = console.onDraw(urgency => pace[urgency]());
  const unredraw = console.onRedraw(() => screen.repaint());

  return {
    stop() {
      undraw();
      unredraw();
      screen.stdout.off('resize', resize);
      pace.stop();
      window.close();
      for (const id of panes.keys()) screen.removePane(id);
      refresh.hide();
    },
  };
}

/**
 * What a quiet second changes is a clock and a few ages. Those rows are painted over Ink's, which lays out again when a person or the
 * monitor asks for something: a third of what an idle console takes of a core was Ink drawing all of it once a second.
 */
function refreshPane(screen: Terminal['screen']): {show(frame: Frame, size: FrameSize): void; hide(): void} {
  let shown = false;
  return {
    show({header, body, footer}, {columns, rows}) {
      shown = true;
      screen.setPane('refresh', {left: 0, top: 0, columns, rows}, [...header, ...body, ...footer]);
    },
    hide() {
      if (shown) screen.removePane('refresh');
      shown = false;
    },
  };
}

/**
 * Ink's start costs more than the first frame may take, and comes at the time at which the hosts' first answers do: until it is there, the
 * same rows are painted directly.
 */
function openLater(drawn: StoreApi<Drawn>, screen: Terminal['screen']): {close(): void} {
  let close = () => {};
  let closed = false;
  const paint = ({columns, rows, header, body, footer}: Drawn) =>
    screen.setPane('window', {left: 0, top: 0, columns, rows}, [...header, ...body, ...footer]);
  const unpaint = drawn.subscribe(paint);
  const open = async () => {
    const {openWindow} = await import('./ink-window.tsx');
    if (closed) return;
    close = openWindow(drawn, screen.stdout).close;
    unpaint();
    screen.removePane('window');
  };
  const timer = setTimeout(() => void open(), inkAfterMs);
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      unpaint();
      screen.removePane('window');
      close();
    },
  };
}

/** By then the table is there on most networks. */
const inkAfterMs = 1000;

function showRows(drawn: StoreApi<Drawn>, frame: Frame, size: FrameSize): void {
  const before = drawn.getState();
  const after = {
    ...size,
    header: kept(before.header, frame.header),
    body: kept(before.body, frame.body),
    footer: kept(before.footer, frame.footer),
  };
  const same =
    before.columns === after.columns &&
    before.rows === after.rows &&
    before.header === after.header &&
    before.body === after.body &&
    before.footer === after.footer;
  if (!same) drawn.setState(after);
}

function kept(before: readonly string[], after: readonly string[]): readonly string[] {
  return before.length === after.length && before.every((row, index) => row === after[index]) ? before : after;
}

/** Paints the panes that changed; those that lie above the log are always made anew when it comes. */
function showPanes(screen: Terminal['screen'], shown: Map<string, string>, frame: Frame): void {
  for (const id of shown.keys()) {
    if (frame.panes.some(pane => pane.id === id)) continue;
    shown.delete(id);
    screen.removePane(id);
  }
  for (const {id, rectangle, lines} of frame.panes) {
    const content = JSON.stringify([rectangle, lines]);
    if (shown.get(id) === content) continue;
    if (!shown.has(id)) {
      for (const above of panesAbove(id)) {
        if (!shown.delete(above)) continue;
        screen.removePane(above);
      }
    }
    shown.set(id, content);
    screen.setPane(id, rectangle, lines);
  }
}

function panesAbove(id: Pane['id']): readonly Pane['id'][] {
  return id === 'log' ? ['palette', 'question'] : id === 'palette' ? ['question'] : [];
}

/** A key scrolls by so much; only what was drawn knows where the end is. */
function holdScroll(store: RunningConsole['store'], frame: Frame): void {
  const {screens} = store.getState();
  const top = screens.at(-1);
  if (frame.scrollLimit === undefined || top === undefined || !('scroll' in top) || top.scroll <= frame.scrollLimit)
    return;
  store.setState({screens: [...screens.slice(0, -1), {...top, scroll: frame.scrollLimit}]});
}

function topScreen(store: RunningConsole['store']): string | undefined {
  return store.getState().screens.at(-1)?.name;
}
