import {openAction} from '../../source/actions/action-run.ts';
import {actionKinds} from '../../source/actions/registry.ts';
import {addLag} from '../../source/console/lag-history.ts';
import type {ConsoleState, LagPoint, Screen} from '../../source/console/store.ts';
import {drawFrame, type FrameSize} from '../../source/screens/frame.ts';
import type {Random} from '../../source/simulator/random.ts';
import {displayWidth} from '../../source/terminal/width.ts';
import {requestOf} from '../actions/request-of.ts';
import {appearance} from '../screens/fixtures/frame-text.ts';
import {logOf} from '../screens/fixtures/log-lines.ts';
import {consoleState, logPaneState} from '../screens/fixtures/states.ts';
import type {Look} from './troubled-life.ts';

const usual: readonly FrameSize[] = [
  {columns: 80, rows: 24},
  {columns: 120, rows: 35},
  {columns: 60, rows: 16},
];

/** A console that looks on: `see` every look, `misfits` draws every screen and says which rows do not fit the window. */
export function createDrawer(random: Random) {
  let lagHistory: ReadonlyMap<string, readonly LagPoint[]> = new Map();
  return {
    see({assessment, at}: Look): void {
      lagHistory = addLag(lagHistory, assessment.nodes, at);
    },
    kept: () => [...lagHistory.values()].reduce((points, each) => points + each.length, 0),
    misfits(look: Look): readonly string[] {
      const size = {columns: 1 + Math.floor(random.next() * 90), rows: 1 + Math.floor(random.next() * 30)};
      return screensOf(look).flatMap(screen => {
        const state = stateOf(look, screen, lagHistory, random);
        return [...usual, size].flatMap(each => misfits(state, look, each));
      });
    },
  };
}

function screensOf({assessment, lately}: Look): readonly Screen[] {
  const nodes = assessment.nodes.map(({name}): Screen => ({name: 'node', node: name, scroll: 0}));
  return [
    {name: 'cluster'},
    ...nodes,
    {name: 'events', scroll: 0},
    {name: 'help', scroll: 0},
    {name: 'log'},
    {name: 'action'},
    {name: 'page', title: 'lately', lines: lately, scroll: 0},
  ];
}

function stateOf(
  {snapshot, assessment, at}: Look,
  screen: Screen,
  lagHistory: ReadonlyMap<string, readonly LagPoint[]>,
  random: Random,
): ConsoleState {
  const situation = {snapshot, assessment, now: at, docker: new Map()};
  const selected = choose(random, assessment.nodes);
  const kind = choose(random, actionKinds);
  return consoleState(snapshot, assessment, {
    now: at,
    screens: [screen],
    lagHistory,
    selectedNode: selected?.name,
    logPane: logPaneState(),
    action:
      screen.name === 'action' && kind !== undefined
        ? openAction(kind.of(requestOf(kind, selected?.name ?? 'pg_node1')), situation)
        : undefined,
  });
}

function choose<T>(random: Random, list: readonly T[]): T | undefined {
  return list[Math.floor(random.next() * list.length)];
}

function misfits(state: ConsoleState, {world}: Look, size: FrameSize): readonly string[] {
  const texts = world.lines('vm1', 'pg_node1').map(line => line.text);
  const frame = drawFrame(state, logOf(texts.length === 0 ? {} : {texts}), size, appearance());
  const rows = [...frame.header, ...frame.body, ...frame.footer, ...frame.panes.flatMap(pane => pane.lines)];
  const height = frame.header.length + frame.body.length + frame.footer.length;
  const where = `${state.screens.at(-1)?.name} at ${size.columns}x${size.rows}`;
  const wide = rows.filter(row => displayWidth(row) > size.columns).map(row => `${where}: too wide: ${row}`);
  return height > size.rows ? [`${where}: ${height} rows`, ...wide] : wide;
}
