import fc from 'fast-check';
import {afterEach, describe, expect, it, test, vi} from 'vitest';
import {confirmationOf} from '../../source/actions/action-run.ts';
import {actionKinds} from '../../source/actions/registry.ts';
import {bindings} from '../../source/console/bindings.ts';
import {shownNodes} from '../../source/console/node-filter.ts';
import {monitorNode, withNodes} from '../snapshots/snapshot.ts';
import {stage} from './stage.ts';

const stages: ReturnType<typeof stage>[] = [];
function open(...options: Parameters<typeof stage>) {
  const opened = stage(...options);
  stages.push(opened);
  return opened;
}
afterEach(async () => {
  for (const each of stages.splice(0)) await each.running.close();
});

const command = {
  host: 'vm3',
  argv: ['docker', 'exec', 'pg_monitor', 'pg_autoctl', 'perform', 'switchover', '--formation', 'default'],
};

describe('moving about', () => {
  it('selects nodes with j and k, and stops at the ends', () => {
    const cluster = open();
    cluster.press('j', 'j', 'j');
    expect(cluster.state().selectedNode).toBe('pg_node3');
    cluster.press('k');
    expect(cluster.state().selectedNode).toBe('pg_node2');
    cluster.press('g');
    expect(cluster.state().selectedNode).toBe('pg_node1');
  });

  it('goes in with enter and comes back with escape', () => {
    const cluster = open();
    cluster.press('j', 'enter');
    expect(cluster.state().screens).toEqual([{name: 'cluster'}, {name: 'node', node: 'pg_node2', scroll: 0}]);
    cluster.press('escape', 'escape');
    expect(cluster.screen()).toBe('cluster');
  });

  it('shows only the nodes that fit what is typed after /, and all again with escape', () => {
    const cluster = open();
    const shown = () => shownNodes(cluster.state()).map(node => node.name);
    cluster.press('/', ...'node3');
    expect(shown()).toEqual(['pg_node3']);
    expect(cluster.state().selectedNode).toBe('pg_node3');
    cluster.press('enter', 'k');
    expect(cluster.state().selectedNode).toBe('pg_node3');
    cluster.press('escape');
    expect(shown()).toHaveLength(3);
    expect(cluster.state().selectedNode).toBe('pg_node3');
    cluster.press('/', ...'!/node3$', 'down', 'enter', 'enter');
    expect(cluster.state().screens.at(-1)).toMatchObject({name: 'node', node: 'pg_node2'});
  });

  it('keeps the selected node in sight when it does not fit the filter any more', () => {
    const cluster = open();
    cluster.press('j', '/', ...'secondary', 'enter');
    const moved = {reportedState: 'catchingup', assignedState: 'catchingup'} as const;
    cluster.see(withNodes([monitorNode(1), monitorNode(2, moved), monitorNode(3)]));
    expect(cluster.state().selectedNode).toBe('pg_node2');
    expect(shownNodes(cluster.state()).map(node => node.name)).toEqual(['pg_node2', 'pg_node3']);
  });

  it('hides nothing while the text is no valid expression yet', () => {
    const cluster = open();
    cluster.press('/', ...'/(');
    expect(shownNodes(cluster.state())).toHaveLength(3);
  });

  it('q comes back, and quits only from the first screen', async () => {
    const cluster = open();
    let left = false;
    void cluster.running.left.then(() => {
      left = true;
    });
    cluster.press('?', 'q');
    await Promise.resolve();
    expect(left).toBe(false);
    cluster.press('q');
    await cluster.running.left;
  });

  it('ctrl-c quits only when it comes twice', async () => {
    const cluster = open();
    cluster.press('ctrl-c');
    expect(cluster.state().quitAskedAt).toBeDefined();
    cluster.press('j');
    expect(cluster.state().quitAskedAt).toBeUndefined();
    cluster.press('ctrl-c', 'ctrl-c');
    await cluster.running.left;
  });
});

describe('a switchover by key', () => {
  it('runs after y and enter', async () => {
    const cluster = open({environment: 'staging'});
    cluster.press('S');
    expect(cluster.screen()).toBe('action');
    cluster.press('y', 'enter');
    await cluster.executes(1);
    expect(cluster.executed).toEqual([command]);
    expect(cluster.recorded).toMatchObject([{phase: 'running', action: {kind: {id: 'switchover'}}}]);
  });

  it('in production runs after the name of the primary, and not after y', async () => {
    const cluster = open({environment: 'production'});
    cluster.press('S', 'y', 'enter');
    expect(cluster.executed).toEqual([]);
    cluster.press('backspace', ...'pg_node1', 'enter');
    await cluster.executes(1);
    expect(cluster.executed).toEqual([command]);
  });

  it.each<[string, (cluster: ReturnType<typeof stage>) => void]>([
    ['enter alone', cluster => cluster.press('S', 'enter')],
    ['the key that started it', cluster => cluster.press('S', 'S', 'S', 'enter')],
    ['escape', cluster => cluster.press('S', 'y', 'escape', 'enter')],
    [
      'a pasted confirmation',
      cluster => {
        cluster.press('S');
        cluster.paste('y\n');
        cluster.press('enter');
      },
    ],
    [
      'keys that were queued before the dialog showed',
      cluster => {
        cluster.pressAtOnce('S');
        cluster.pressAtOnce('y');
        cluster.pressAtOnce('enter');
      },
    ],
    [
      'a window too small to show what is confirmed',
      cluster => {
        cluster.running.armWhen(() => false);
        cluster.press('S', 'y', 'enter');
      },
    ],
  ])('is not started by %s', (_, act) => {
    const cluster = open();
    act(cluster);
    expect(cluster.executed).toEqual([]);
  });

  it('says when what is typed counts, which is not at once', async () => {
    const cluster = open();
    cluster.pressAtOnce('S');
    cluster.pressAtOnce('y');
    expect(cluster.state().action).toMatchObject({typed: '', armed: false});
    await vi.waitFor(() => expect(cluster.state().action?.armed).toBe(true), {interval: 10});
    cluster.pressAtOnce('y');
    expect(cluster.state().action?.typed).toBe('y');
  });

  it('is refused with its reason, whatever is typed, when a check failed', () => {
    const cluster = open({
      snapshot: withNodes([monitorNode(1), monitorNode(2), monitorNode(3, {reportAgeSeconds: 12})]),
    });
    cluster.press('S', 'y', 'enter');
    expect(cluster.executed).toEqual([]);
    expect(cluster.state().action?.checks[0]).toMatchObject({result: 'fail', id: 'quorum-pg_node3'});
  });

  it('is refused at the last moment when the primary changed after the dialog opened', () => {
    const cluster = open();
    cluster.press('S', 'y');
    cluster.see(
      withNodes([
        monitorNode(1, {reportedState: 'secondary', assignedState: 'secondary'}),
        monitorNode(2, {reportedState: 'primary', assignedState: 'primary'}),
        monitorNode(3),
      ]),
    );
    cluster.press('enter');
    expect(cluster.executed).toEqual([]);
    expect(cluster.state().action?.outcome?.kind).toBe('refused');
  });

  it('says why not when the console is read-only', () => {
    const cluster = open({readOnly: true});
    cluster.press('S');
    expect(cluster.screen()).toBe('cluster');
    expect(cluster.state().notice?.text).toContain('read-only');
  });

  it('goes on, and shows again with its key, when its screen was left', async () => {
    const cluster = open();
    cluster.press('S', 'y', 'enter', 'escape');
    await cluster.executes(1);
    expect(cluster.screen()).toBe('cluster');
    expect(cluster.state().action?.phase).toBe('running');
    cluster.press('S');
    expect(cluster.screen()).toBe('action');
    expect(cluster.executed).toHaveLength(1);
  });

  it('is not known, and another can be started, when it is watched no more', async () => {
    const cluster = open();
    cluster.press('S', 'y', 'enter');
    await cluster.executes(1);
    cluster.press('w');
    await vi.waitFor(() => expect(cluster.state().action?.outcome?.kind).toBe('unknown'), {interval: 1});
    expect(cluster.recorded.map(run => run.phase)).toEqual(['running', 'ended']);
    cluster.press('escape', 'S');
    expect(cluster.state().action).toMatchObject({phase: 'confirm', typed: ''});
    await cluster.says('pg_autoctl goes on');
  });
});

test('the commands of an action that runs go to the clipboard as a person would paste them', async () => {
  const cluster = open();
  cluster.press('S', 'y', 'enter');
  await cluster.executes(1);
  cluster.press('y');
  expect(cluster.copied).toEqual([
    "ssh vm3 'docker exec pg_monitor pg_autoctl perform switchover --formation default'",
  ]);
});

describe('keys pressed at random', () => {
  const keys = [
    ...new Set([...bindings.flatMap(binding => binding.keys), 'y', 'n', 'Y', 'x', 'c', 'u', 'tab', 'backspace']),
  ].filter(key => key !== 'ctrl-c');
  const lines = actionKinds.flatMap(({usage}) => {
    const line = usage
      .replaceAll(/\s*\[[^\]]*\]/g, '')
      .replaceAll(/NODE|NAME/g, 'pg_node2')
      .replaceAll(/\bN\b/g, '1');
    return [line.replaceAll(/(\w+)\|\w+/g, '$1'), `force ${line}`.replaceAll(/(\w+)\|\w+/g, '$1')];
  });
  const words = ['y', 'pg_node1', 'pg_node2', 'orders/pg_node2'];
  const pressed = fc.oneof(
    {arbitrary: fc.constantFrom(...keys).map(key => [key]), weight: 8},
    {arbitrary: fc.constantFrom(...lines).map(line => [':', ...line, 'enter']), weight: 2},
    {arbitrary: fc.constantFrom(...words).map(word => [...word, 'enter']), weight: 1},
    // Often enough for some to be confirmed.
    {
      arbitrary: fc
        .tuple(fc.constantFrom(...lines), fc.constantFrom(...words))
        .map(([line, word]) => [':', ...line, 'enter', ...word, 'enter']),
      weight: 1,
    },
  );

  it('never start an action whose confirmation was not typed since its dialog opened', () => {
    let steps = 0;
    let started = 0;
    fc.assert(
      fc.property(fc.array(pressed, {minLength: 40, maxLength: 60}), many => {
        const cluster = stage();
        for (const key of many.flat()) {
          const before = cluster.state().action;
          const screen = cluster.screen();
          cluster.press(key);
          steps += 1;
          const run = cluster.state().action;
          if (run === before || run?.startedAt === undefined || run.startedAt === before?.startedAt) continue;
          started += 1;
          const expected = before === undefined ? '' : confirmationOf(before, cluster.state().snapshot.cluster);
          expect([screen, before?.phase, before?.typed, key]).toEqual(['action', 'confirm', expected, 'enter']);
          expect(expected).not.toBe('');
        }
        void cluster.running.close();
      }),
      {numRuns: 150},
    );
    expect(steps).toBeGreaterThan(10_000);
    expect(started).toBeGreaterThan(0);
  });
});
