import {describe, expect, it} from 'vitest';
import {containerRestart} from '../../source/actions/container-restart.ts';
import {actionKinds} from '../../source/actions/registry.ts';
import {setPriority} from '../../source/actions/set-priority.ts';
import {type ConsoleState, createConsoleStore} from '../../source/console/store.ts';
import type {FrameSize} from '../../source/screens/frame.ts';
import {at} from '../snapshots/snapshot.ts';
import {frameText, type Look, styledText} from './fixtures/frame-text.ts';
import {logOf} from './fixtures/log-lines.ts';
import {
  changing,
  connecting,
  consoleState,
  degraded,
  healthy,
  lagHistory,
  levels,
  logPaneState,
  manyGroups,
  manyNodes,
  monitorLost,
  nothingKnown,
  opened,
  partlyDown,
  running,
  seenWithEvents,
  strangeNames,
  withSilentNode,
} from './fixtures/states.ts';

const small = {columns: 80, rows: 24};
const medium = {columns: 120, rows: 35};
const large = {columns: 200, rows: 50};

const history = lagHistory('pg_node2', 'pg_node3');
const calm = consoleState(seenWithEvents, healthy, {lagHistory: history});
const troubled = consoleState(partlyDown, degraded, {lagHistory: history, selectedNode: 'pg_node3'});
const twelve = manyNodes(12);
const groups = manyGroups(100);
const grouped = consoleState(groups.seen, groups.assessment, {selectedNode: 'pg_node14'});
const crowded = consoleState(twelve.seen, twelve.assessment, {selectedNode: 'pg_node9'});

function on(
  state: ConsoleState,
  screen: ConsoleState['screens'][number],
  more: Partial<ConsoleState> = {},
): ConsoleState {
  return {...state, screens: [{name: 'cluster'}, screen], ...more};
}

const readOnly = consoleState({...seenWithEvents, cluster: {...seenWithEvents.cluster, readOnly: true}}, healthy, {
  lagHistory: history,
});
const ended = {...running(seenWithEvents), phase: 'ended' as const, endedAt: at + 800};

const frames: ReadonlyArray<readonly [name: string, state: ConsoleState, size: FrameSize, look?: Look]> = [
  ['cluster-healthy', calm, small],
  ['cluster-healthy', calm, medium],
  ['cluster-healthy', calm, large],
  ['cluster-degraded', troubled, small],
  ['cluster-degraded', troubled, medium],
  ['cluster-degraded', troubled, large],
  ['cluster-degraded', troubled, {columns: 60, rows: 15}],
  ['cluster-degraded', troubled, {columns: 38, rows: 6}],
  ['cluster-degraded-ascii', troubled, small, {unicode: false}],
  ['cluster-read-only', readOnly, small],
  ['cluster-groups', grouped, small],
  ['cluster-groups', grouped, {columns: 120, rows: 35}],
  ['cluster-filtered', {...grouped, nodeFilter: {text: '/demoted|vm7$/', editing: false}}, small],
  ['cluster-filtering', {...grouped, nodeFilter: {text: 'vm1', editing: true}}, small],
  ['cluster-twelve-nodes', crowded, small],
  ['cluster-twelve-nodes', crowded, {columns: 100, rows: 16}],
  ['cluster-connecting', consoleState(connecting, nothingKnown), small],
  ['cluster-monitor-lost', consoleState(monitorLost.seen, monitorLost.assessment), small],
  ['cluster-changing', consoleState(seenWithEvents, changing), small],
  ['cluster-changing', consoleState(seenWithEvents, changing), medium],
  ['cluster-strange-names', consoleState(strangeNames.seen, strangeNames.assessment), small],
  ['cluster-strange-names', consoleState(strangeNames.seen, strangeNames.assessment), medium],
  ['cluster-quit-asked', {...calm, quitAskedAt: at}, small],
  ['cluster-notice', {...calm, notice: {text: 'Switchover is not possible: read-only', tone: 'warning', at}}, small],
  ['node-primary', on(calm, {name: 'node', node: 'pg_node1', scroll: 0}), small],
  ['node-primary', on(calm, {name: 'node', node: 'pg_node1', scroll: 0}), medium],
  ['node-unreachable', on(troubled, {name: 'node', node: 'pg_node3', scroll: 0}), small],
  ['node-unreachable-end', on(troubled, {name: 'node', node: 'pg_node3', scroll: 200}), small],
  ['events', on(calm, {name: 'events', scroll: 0}), small],
  ['help', on(readOnly, {name: 'help', scroll: 0}), small],
  ['help', on(calm, {name: 'help', scroll: 0}), medium],
  ['log', on(calm, {name: 'log'}, {logPane: logPaneState()}), small, {log: logOf()}],
  [
    'log-filter-wrapped',
    on(
      calm,
      {name: 'log'},
      {logPane: logPaneState({filter: 'connect', editingFilter: true, matching: 7, dropped: 1200, wrap: true})},
    ),
    small,
    {log: logOf({wrap: true, match: 'connect'})},
  ],
  [
    'log-shifted-disconnected',
    on(
      calm,
      {name: 'log'},
      {
        logPane: logPaneState({
          following: false,
          paused: true,
          connection: 'vm2: connection lost, next attempt in 3 s',
        }),
      },
    ),
    small,
    {log: logOf({column: 24})},
  ],
  ['action-confirm', on(calm, {name: 'action'}, {action: opened(seenWithEvents, {typed: 'pg_no'})}), small],
  ['action-confirm', on(calm, {name: 'action'}, {action: opened(seenWithEvents)}), medium],
  ['action-confirm', on(calm, {name: 'action'}, {action: opened(seenWithEvents)}), {columns: 60, rows: 16}],
  ['action-just-opened', on(calm, {name: 'action'}, {action: opened(seenWithEvents, {armed: false})}), small],
  ['action-too-small', on(calm, {name: 'action'}, {action: opened(seenWithEvents)}), {columns: 58, rows: 14}],
  [
    'action-setting',
    on(calm, {name: 'action'}, {action: opened(seenWithEvents, {}, setPriority.of({node: 'pg_node2', value: '90'}))}),
    small,
  ],
  [
    'action-restart-primary',
    on(calm, {name: 'action'}, {action: opened(seenWithEvents, {}, containerRestart.of({node: 'pg_node1'}))}),
    medium,
  ],
  ['action-refused', on(troubled, {name: 'action'}, {action: opened(withSilentNode)}), small],
  [
    'action-running',
    on(consoleState(seenWithEvents, changing), {name: 'action'}, {action: running(seenWithEvents)}),
    small,
  ],
  [
    'action-running',
    on(consoleState(seenWithEvents, changing), {name: 'action'}, {action: running(seenWithEvents)}),
    medium,
  ],
  [
    'action-done',
    on(
      calm,
      {name: 'action'},
      {action: {...ended, outcome: {kind: 'done', message: 'pg_node2 is the primary on the monitor, timeline 6'}}},
    ),
    small,
  ],
  [
    'action-unknown',
    on(
      calm,
      {name: 'action'},
      {
        action: {
          ...ended,
          outcome: {
            kind: 'unknown',
            message: 'longer than its budget: it may still be under way; waiting for pg_node3: secondary -> report_lsn',
          },
        },
      },
    ),
    small,
  ],
  [
    'question-host-key',
    {
      ...troubled,
      question: {
        title: 'Unknown host key',
        lines: [
          'vm3 shows a ssh-ed25519 key that is not known:',
          'SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
          'It will be added to /home/oncall/.ssh/known_hosts.',
        ],
        kind: 'choice',
        typed: 'ye',
        answer: () => undefined,
      },
    },
    small,
  ],
];

describe('frames', () => {
  for (const [name, state, size, look] of frames) {
    it(`${name} at ${size.columns}x${size.rows}`, async () => {
      await expect(frameText(state, size, look)).toMatchFileSnapshot(`frames/${name}-${size.columns}x${size.rows}.txt`);
    });
  }
});

describe('styles', () => {
  const styled: ReadonlyArray<readonly [name: string, state: ConsoleState]> = [
    ['cluster-healthy', calm],
    ['cluster-degraded', {...troubled, changes: new Map([['pg_node3.assignedState', at]])}],
    ['cluster-monitor-lost', consoleState(monitorLost.seen, monitorLost.assessment)],
    ['action-refused', on(troubled, {name: 'action'}, {action: opened(withSilentNode)})],
  ];
  for (const [name, state] of styled) {
    it(`${name} in colour`, async () => {
      await expect(styledText(state, small)).toMatchFileSnapshot(`frames/${name}-colour.txt`);
    });
  }

  it('without colour only attributes remain', () => {
    const text = styledText(troubled, small, {colours: 0, attributes: true});
    expect(text).not.toMatch(/<(danger|warning|ok)>/);
    expect(text).toContain('<bold>');
  });
});

describe('every level of the verdict', () => {
  for (const [level, assessment] of Object.entries(levels)) {
    it(`${level} is a word, at every size`, () => {
      const state = consoleState(seenWithEvents, assessment);
      for (const size of [small, medium, large, {columns: 60, rows: 15}, {columns: 30, rows: 5}]) {
        expect(frameText(state, size)).toContain(level.toUpperCase());
      }
    });
  }

  it('only healthy is green, only blocked and down are red', () => {
    const colours = Object.entries(levels).map(([level, assessment]) => {
      const text = styledText(consoleState(seenWithEvents, assessment), small);
      return [level, /<(ok|warning|danger)><bold>[A-Z]+/.exec(text)?.[1]];
    });
    expect(Object.fromEntries(colours)).toEqual({
      healthy: 'ok',
      degraded: 'warning',
      changing: 'warning',
      blocked: 'danger',
      down: 'danger',
      unknown: 'warning',
    });
  });
});

it('the first frame of a store says that it connects', () => {
  const state = createConsoleStore(connecting, nothingKnown, at, actionKinds).getState();
  const text = frameText(state, small);
  expect(text.match(/connecting/g)).toHaveLength(4);
  expect(text).not.toMatch(/\b0 B\b/);
});

it('an action on an embedded cluster, whose time runs ten times as fast, is timed by that', () => {
  const time = {at: at - 1000, clock: at + 50_000, pace: 10, steadySince: at - 1000};
  const run = {...running(seenWithEvents), startedAt: at + 50_000};
  const state = on(consoleState({...seenWithEvents, time}, changing), {name: 'action'}, {action: run});
  const [header, screen] = frameText(state, medium).split('running').slice(1);
  expect(header).toMatch(/^ 10\.0 s/);
  expect(screen).toMatch(/^ 10\.0 s/);
  expect(frameText(state, medium)).toContain('no writes for 1.1 s so far, give or take 10 s');
});
