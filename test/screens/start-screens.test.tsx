import {afterEach, expect, it, vi} from 'vitest';
import {actionKinds} from '../../source/actions/registry.ts';
import type {Urgency} from '../../source/console/console.ts';
import type {Question} from '../../source/console/question.ts';
import {type ConsoleState, createConsoleStore} from '../../source/console/store.ts';
import {startScreens} from '../../source/screens/start-screens.ts';
import {Screen} from '../../source/terminal/screen.ts';
import type {Sink} from '../../source/terminal/sink.ts';
import {createStyle} from '../../source/terminal/style.ts';
import {at} from '../snapshots/snapshot.ts';
import {Emulator} from '../terminal/emulator.ts';
import {degraded, healthy, partlyDown, seenWithEvents} from './fixtures/states.ts';

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
  stop = undefined;
});

/** The screens on an emulated terminal; `show` waits for a text to stand on it. */
function start(more: Partial<ConsoleState> = {}, size = {columns: 80, rows: 24}) {
  const emulator = new Emulator(size.columns, size.rows);
  const written: string[] = [];
  const sink: Sink = {
    busy: false,
    bytes: 0,
    drainMs: 0,
    write: frame => written.push(String(frame)),
    onDrain: () => () => undefined,
    onGone: () => undefined,
    finish: () => true,
    close: () => undefined,
  };
  const screen = new Screen({sink, ...size});
  const store = createConsoleStore(seenWithEvents, healthy, at, actionKinds);
  store.setState(more);
  const draws = new Set<(urgency: Urgency) => void>();
  const redraws = new Set<() => void>();
  const resized: {columns: number; rows: number}[] = [];
  screen.enter();
  const screens = startScreens({
    console: {
      store,
      logPane: () => undefined,
      armWhen: () => undefined,
      resize: (columns, rows) => resized.push({columns, rows}),
      onDraw(listener) {
        draws.add(listener);
        return () => draws.delete(listener);
      },
      onRedraw(listener) {
        redraws.add(listener);
        return () => redraws.delete(listener);
      },
    },
    terminal: {screen, style: createStyle(16), capabilities: {unicode: true, colours: 16, attributes: true}},
  });
  stop = () => {
    screens.stop();
    emulator.dispose();
  };
  let bytes = 0;
  const look = async () => {
    const data = written.splice(0).join('');
    bytes += data.length;
    await emulator.write(data);
    return emulator.text().join('\n');
  };
  return {
    store,
    screen,
    emulator,
    resized,
    look,
    bytes: () => bytes,
    draw: (urgent: boolean) => {
      for (const listener of draws) listener(urgent ? 'soon' : 'calm');
    },
    redraw: () => {
      for (const listener of redraws) listener();
    },
    listeners: () => draws.size + redraws.size,
    shows: (text: string) => vi.waitFor(async () => expect(await look()).toContain(text), {timeout: 5000}),
  };
}

it('draws the state that is there when it starts', async () => {
  const {shows, resized} = start();
  await shows('pg_node1 takes writes');
  await shows('enter node');
  expect(resized).toEqual([{columns: 80, rows: 24}]);
});

it('draws a change when it is told of one, and nothing when no row is different', async () => {
  const {store, draw, shows, look, bytes} = start();
  await shows('HEALTHY');
  store.setState({snapshot: partlyDown, assessment: degraded});
  draw(true);
  await shows('DEGRADED');
  const before = bytes();
  store.setState({snapshot: {...partlyDown}});
  draw(true);
  store.setState({notice: {text: 'after it', tone: 'info', at}});
  draw(true);
  await shows('after it');
  await look();
  // One row and the way to it, not a frame.
  expect(bytes() - before).toBeLessThan(300);
});

it('shows what a quiet second changed, and what a person asked for after it', async () => {
  const {store, draw, shows, look} = start();
  await shows('HEALTHY');
  store.setState({snapshot: partlyDown, assessment: degraded});
  draw(false);
  await shows('DEGRADED');
  store.setState({screens: [{name: 'cluster'}, {name: 'help', scroll: 0}]});
  draw(true);
  await shows('LOOK');
  expect(await look()).not.toContain('ROLE → ASSIGNED');
  store.setState({screens: [{name: 'cluster'}], question: passwordQuestion});
  draw(false);
  await shows('of oncall on vm2');
  store.setState({question: undefined});
  draw(false);
  await vi.waitFor(async () => expect(await look()).not.toContain('of oncall on vm2'), {timeout: 5000});
  expect(await look()).toContain('ROLE → ASSIGNED');
});

const passwordQuestion: Question = {
  title: 'Password',
  lines: ['of oncall on vm2'],
  kind: 'secret',
  typed: 'hunter2',
  answer: () => undefined,
};

it('a question lies above everything and leaves when it is answered', async () => {
  const {store, draw, shows} = start();
  store.setState({question: passwordQuestion});
  draw(true);
  await shows('of oncall on vm2');
  store.setState({question: undefined});
  draw(true);
  await shows('ROLE → ASSIGNED');
});

it('never shows what is typed as a secret', async () => {
  const {store, draw, shows, look} = start();
  store.setState({question: passwordQuestion});
  draw(true);
  await shows('(typing)');
  expect(await look()).not.toContain('hunter2');
});

it('follows the size of the window', async () => {
  const {screen, emulator, shows, resized} = start();
  await shows('ROLE');
  emulator.resize(120, 35);
  screen.resize(120, 35);
  await shows('QUORUM');
  expect(resized.at(-1)).toEqual({columns: 120, rows: 35});
});

it('keeps the scroll where there is something to see', async () => {
  const {store, draw, shows} = start({screens: [{name: 'cluster'}, {name: 'help', scroll: 9999}]});
  draw(true);
  await shows('MARKS');
  const top = store.getState().screens.at(-1);
  expect(top !== undefined && 'scroll' in top ? top.scroll : undefined).toBeLessThan(200);
});

it('stops listening when it is stopped', async () => {
  const {listeners, shows} = start();
  await shows('HEALTHY');
  expect(listeners()).toBe(2);
  stop?.();
  stop = undefined;
  expect(listeners()).toBe(0);
});

it('when Ink takes over from the first painting, nothing is written, and Ink draws what comes later', async () => {
  const {screen, store, draw, shows, look, bytes} = start();
  await shows('pg_node1 takes writes');
  const before = bytes();
  const removed = vi.spyOn(screen, 'removePane');
  await vi.waitFor(() => expect(removed).toHaveBeenCalledWith('window'), {timeout: 5000});
  await look();
  expect(bytes()).toBe(before);
  store.setState({snapshot: partlyDown, assessment: degraded});
  draw(true);
  await shows('DEGRADED');
});
