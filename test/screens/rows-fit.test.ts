import fc from 'fast-check';
import {expect, it} from 'vitest';
import type {ActionRun} from '../../source/actions/action-run.ts';
import type {Assessment, Finding, NodeAssessment} from '../../source/cluster/assessment.ts';
import {parseLsn} from '../../source/cluster/lsn.ts';
import {replicationStates} from '../../source/cluster/replication-state.ts';
import type {ClusterEvent} from '../../source/cluster/snapshot.ts';
import type {ConsoleState, Screen} from '../../source/console/store.ts';
import {actionFits} from '../../source/screens/action-screen.ts';
import {drawFrame} from '../../source/screens/frame.ts';
import {displayWidth} from '../../source/terminal/width.ts';
import {at, snapshot} from '../snapshots/snapshot.ts';
import {appearance, frameText} from './fixtures/frame-text.ts';
import {logOf} from './fixtures/log-lines.ts';
import {
  connecting,
  consoleState,
  event,
  healthy,
  lagHistory,
  logPaneState,
  node,
  opened,
  partlyDown,
  running,
  seenWithEvents,
  verdict,
} from './fixtures/states.ts';

/** Text as it comes from outside: words, wide characters, and everything that could move a terminal's cursor. */
const text = fc.oneof(
  fc.string({maxLength: 60}),
  fc.string({unit: 'grapheme', maxLength: 30}),
  fc
    .array(
      fc.constantFrom(
        '\u001B[2J',
        '\u001B]0;title\u0007',
        '\u009B31m',
        '\r\n',
        '\t',
        '\u202E',
        'データ',
        '👩‍👩‍👧',
        'a',
      ),
      {maxLength: 8},
    )
    .map(parts => parts.join('')),
);
const number = fc.option(fc.oneof(fc.integer({min: -5, max: 2_000_000_000}), fc.double({noNaN: false})), {nil: null});
const state = fc.option(fc.constantFrom(...replicationStates), {nil: null});

const nodes: fc.Arbitrary<readonly NodeAssessment[]> = fc
  .uniqueArray(
    fc.record({
      name: text,
      host: fc.option(fc.constantFrom('vm1', 'vm2', 'vm9'), {nil: null}),
      reportedState: state,
      assignedState: state,
      statesCurrent: fc.boolean(),
      writable: fc.option(fc.boolean(), {nil: null}),
      timeline: fc.option(fc.integer({min: 0, max: 99_999}), {nil: null}),
      lsn: fc.constantFrom(null, parseLsn('FFFFFFFF/FFFFFFFF') ?? null),
      lagBytes: number,
      lagSeconds: number,
      lagSource: fc.constantFrom('node', 'monitor', null),
      reportAgeSeconds: number,
      containerState: fc.option(text, {nil: null}),
      address: fc.option(text, {nil: null}),
      syncState: fc.option(text, {nil: null}),
      error: fc.option(
        fc.record({kind: fc.constantFrom('timeout', 'docker-permission', 'host-key-changed'), message: text}),
        {nil: null},
      ),
    }),
    {maxLength: 15, selector: each => each.name},
  )
  .map(each => each.map((more, index) => node(index + 1, more)));

const findings: fc.Arbitrary<readonly Finding[]> = fc.array(
  fc.record({
    code: fc.constantFrom('R07', 'H01'),
    severity: fc.constantFrom('critical', 'warning', 'info'),
    node: fc.constant(null),
    title: text,
    evidence: fc.array(text, {maxLength: 3}),
    remedy: text,
  }),
  {maxLength: 9},
);

const assessments: fc.Arbitrary<Assessment> = fc.record({
  verdict: fc
    .record({
      level: fc.constantFrom('healthy', 'degraded', 'changing', 'blocked', 'down', 'unknown'),
      summary: fc.oneof(text, fc.string({maxLength: 300})),
      primary: fc.option(text, {nil: null}),
      toleratesFailures: fc.constantFrom(null, 0, 1, 7),
    })
    .map(verdict),
  nodes,
  findings,
});

const events: fc.Arbitrary<readonly ClusterEvent[]> = fc.array(
  fc.tuple(text, text, fc.nat(100_000)).map(([nodeName, description, seconds]) => ({
    ...event(1, 1, 'primary', 'draining', seconds, description),
    nodeName,
  })),
  {maxLength: 40},
);

const screens: fc.Arbitrary<Screen> = fc.oneof(
  fc.constant<Screen>({name: 'cluster'}),
  fc.record({
    name: fc.constant('node' as const),
    node: fc.constantFrom('pg_node1', 'pg_node3', 'gone'),
    scroll: fc.nat(90),
  }),
  fc.record({name: fc.constant('events' as const), scroll: fc.nat(90)}),
  fc.record({name: fc.constant('help' as const), scroll: fc.nat(90)}),
  fc.constant<Screen>({name: 'log'}),
  fc.constant<Screen>({name: 'action'}),
  fc.record({
    name: fc.constant('page' as const),
    title: text,
    lines: fc.array(text, {maxLength: 20}),
    scroll: fc.nat(90),
  }),
);

/** Short, so that a failure can be read. */
const shortHistory = new Map([...lagHistory('pg_node2', 'pg_node3')].map(([name, points]) => [name, points.slice(-3)]));

const runs: readonly (ActionRun | undefined)[] = [undefined, opened(seenWithEvents), running(seenWithEvents)];

const states: fc.Arbitrary<ConsoleState> = fc
  .record({
    assessment: fc.oneof(assessments, fc.constant(healthy)),
    seen: fc.constantFrom(partlyDown, connecting, seenWithEvents, snapshot()),
    events,
    screen: screens,
    action: fc.constantFrom(...runs),
    notice: fc.option(
      fc.record({text, tone: fc.constantFrom('info' as const, 'danger' as const), at: fc.constant(at)}),
      {nil: undefined},
    ),
    question: fc.option(
      fc.record({
        title: text,
        lines: fc.array(text, {maxLength: 5}),
        kind: fc.constantFrom('secret' as const, 'choice' as const),
        typed: text,
        answer: fc.constant(() => undefined),
      }),
      {nil: undefined},
    ),
    prompt: fc.option(
      fc.record({
        typed: text,
        candidates: fc.array(text, {maxLength: 8}),
        entries: fc.array(fc.record({usage: text, help: text}), {maxLength: 30}),
        chosen: fc.option(fc.nat(29), {nil: undefined}),
      }),
      {nil: undefined},
    ),
    filter: text,
    cluster: text,
  })
  .map(({assessment, seen, screen, cluster, filter, events: happened, ...more}) =>
    consoleState(
      {...seen, events: happened, cluster: {name: cluster, environment: cluster, formation: 'default', readOnly: true}},
      assessment,
      {
        ...more,
        screens: [screen],
        lagHistory: shortHistory,
        logPane: logPaneState({filter, editingFilter: true, connection: filter, wrap: true}),
      },
    ),
  );

const sizes = fc.record({columns: fc.integer({min: 1, max: 210}), rows: fc.integer({min: 1, max: 60})});

it('no row is wider than the window, there are never more rows, and nothing but our own styles reaches the terminal', () => {
  fc.assert(
    fc.property(
      states,
      sizes,
      fc.boolean(),
      fc.boolean(),
      fc.array(text, {minLength: 1, maxLength: 4}),
      (shown, size, unicode, wrap, texts) => {
        const frame = drawFrame(
          shown,
          logOf({wrap, texts, column: 3}),
          size,
          appearance({colours: 16, attributes: true, unicode}),
        );
        const rows = [...frame.header, ...frame.body, ...frame.footer];
        expect(rows.length).toBeLessThanOrEqual(size.rows);
        for (const pane of frame.panes) {
          expect(pane.rectangle.top + pane.rectangle.rows).toBeLessThanOrEqual(size.rows);
          expect(pane.lines.length).toBeLessThanOrEqual(pane.rectangle.rows);
        }
        for (const row of [...rows, ...frame.panes.flatMap(pane => pane.lines)]) {
          expect(displayWidth(row)).toBeLessThanOrEqual(size.columns);
          const bare = row.replaceAll(/\u001B\[(?:1|2|4|7|22|24|27|31|32|33|39)m/g, '');
          expect(bare).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
          if (!unicode) expect(bare).toMatch(/^[\u0020-\u007e]*$/);
        }
      },
    ),
    {numRuns: 300},
  );
});

it('every node of three shows at 80x24, and so does the worst finding, whatever else there is to say', () => {
  fc.assert(
    fc.property(findings, events, (found, happened) => {
      const worst: Finding = {
        code: 'R99',
        severity: 'critical',
        node: null,
        title: 'the worst of all',
        evidence: [],
        remedy: 'act',
      };
      const shown = consoleState({...seenWithEvents, events: happened}, {...healthy, findings: [worst, ...found]});
      const frame = frameText(shown, {columns: 80, rows: 24});
      for (const part of ['pg_node1', 'pg_node2', 'pg_node3', 'the worst of all']) expect(frame).toContain(part);
    }),
    {numRuns: 60},
  );
});

it('an unknown number is a question mark, never a zero', () => {
  const unknown = {
    timeline: null,
    lsn: null,
    lagBytes: null,
    lagSeconds: null,
    reportAgeSeconds: null,
    candidatePriority: null,
    id: null,
  };
  const shown = consoleState(seenWithEvents, {...healthy, nodes: [node(1), node(2, unknown)]});
  const row = frameText(shown, {columns: 200, rows: 30})
    .split('\n')
    .find(line => line.includes('pg_node2'));
  expect(row?.replace('pg_node2', '').replaceAll(/10\.0\.0\.\d+:\d+|vm2|24 h/g, '')).not.toMatch(/\d/);
});

it('what has to be read before confirming is on the screen wherever it can be confirmed', () => {
  fc.assert(
    fc.property(
      sizes,
      fc.array(
        text.filter(words => words.trim() !== ''),
        {minLength: 1, maxLength: 6},
      ),
      (size, argv) => {
        const run = opened(seenWithEvents);
        const step = {host: 'vm3', argv: ['docker', 'exec', ...argv.map(word => word.replaceAll(/[^\w]/g, 'x'))]};
        const shown = {...run, plan: {...run.plan, steps: [step]}};
        const frame = frameText(
          consoleState(seenWithEvents, healthy, {screens: [{name: 'action'}], action: shown}),
          size,
        );
        const together = frame.replaceAll(/[\s|]+/g, '');
        if (actionFits(size.columns, size.rows, shown, seenWithEvents.cluster)) {
          expect(together).toContain(step.argv.join(''));
          expect(together).toContain('Typepg_node1andpressenter');
        } else {
          expect(together).not.toContain('pressentertostart');
        }
      },
    ),
    {numRuns: 200},
  );
});
