import {Box, render} from 'ink';
import {memo} from 'react';
import {type StoreApi, useStore} from 'zustand';
import {createStore} from 'zustand/vanilla';
import type {RunningConsole} from '../console/console.ts';
import type {Terminal} from '../terminal/terminal.ts';
import {Rows} from '../widgets/rows.tsx';
import {actionFits} from './action-screen.ts';
import {type Appearance, localDay, localTimeOfDay} from './appearance.ts';
import {paceDrawing} from './draw-pace.ts';
import {drawFrame, type Frame, type FrameSize} from './frame.ts';

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

  const draw = () => {
    const size = {columns: screen.columns, rows: screen.rows};
    const frame = drawFrame(console.store.getState(), console.logPane(), size, appearance);
    showRows(drawn, frame, size);
    showPanes(screen, panes, frame);
    holdScroll(console.store, frame);
  };
  const pace = paceDrawing(draw, () => ({busy: screen.busy, flooding: topScreen(console.store) === 'log'}));
  const resize = () => {
    console.resize(screen.columns, screen.rows);
    pace.soon();
  };

  console.armWhen(run => {
    const isProduction = console.store.getState().snapshot.cluster.environment === 'production';
    return actionFits(screen.columns, screen.rows, run, isProduction);
  });
  resize();
  draw();
  const app = render(<Window drawn={drawn} />, {
    stdout: screen.stdout,
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  screen.stdout.on('resize', resize);
  const undraw = console.onDraw(urgent => (urgent ? pace.soon() : pace.calmly()));
  const unredraw = console.onRedraw(() => screen.repaint());

  return {
    stop() {
      undraw();
      unredraw();
      screen.stdout.off('resize', resize);
      pace.stop();
      app.unmount();
      for (const id of panes.keys()) screen.removePane(id);
    },
  };
}

/** What Ink shows now. A part keeps its identity as long as none of its rows changes. */
type Drawn = FrameSize & Pick<Frame, 'header' | 'body' | 'footer'>;

function Window({drawn}: {drawn: StoreApi<Drawn>}) {
  const columns = useStore(drawn, state => state.columns);
  const rows = useStore(drawn, state => state.rows);
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Part drawn={drawn} name="header" />
      <Part drawn={drawn} name="body" />
      <Part drawn={drawn} name="footer" />
    </Box>
  );
}

const Part = memo(({drawn, name}: {drawn: StoreApi<Drawn>; name: 'header' | 'body' | 'footer'}) => {
  const rows = useStore(drawn, state => state[name]);
  return rows.length === 0 ? null : <Rows rows={rows} />;
});

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

/** Paints the panes that changed; the one of the question is always made anew above that of the log. */
function showPanes(screen: Terminal['screen'], shown: Map<string, string>, frame: Frame): void {
  for (const id of shown.keys()) {
    if (frame.panes.some(pane => pane.id === id)) continue;
    shown.delete(id);
    screen.removePane(id);
  }
  for (const {id, rectangle, lines} of frame.panes) {
    const content = JSON.stringify([rectangle, lines]);
    if (shown.get(id) === content) continue;
    const hidden = id === 'log' && shown.has('question') && !shown.has('log');
    if (hidden) screen.removePane('question');
    shown.set(id, content);
    screen.setPane(id, rectangle, lines);
    if (hidden) shown.delete('question');
  }
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
