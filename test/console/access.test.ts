import {afterEach, describe, expect, test} from 'vitest';
import {kindsOfCluster, wordsOfThePrompt} from '../../source/commands/cluster-kinds.ts';
import {commandList, fixedWords} from '../../source/commands/command-list.ts';
import {bindings} from '../../source/console/bindings.ts';
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

describe('a read-only console', () => {
  test(':readonly keeps every action from being started, :write lets them again', () => {
    const cluster = open();
    cluster.press(':', ...'readonly', 'enter', 'S');
    expect(cluster.screen()).toBe('cluster');
    expect(cluster.state().snapshot.cluster.readOnly).toBe(true);
    cluster.press(':', ...'write', 'enter', 'S');
    expect(cluster.screen()).toBe('action');
  });

  test('stays so when it was started with --read-only', async () => {
    const cluster = open({readOnly: true});
    cluster.press(':', ...'write', 'enter');
    await expect.poll(() => cluster.state().notice?.text).toContain('--read-only');
    expect(cluster.state().snapshot.cluster.readOnly).toBe(true);
  });
});

describe('quitting while an action runs', () => {
  test('asks first, and stays unless the answer is yes', async () => {
    const cluster = open();
    let left = false;
    void cluster.running.left.then(() => {
      left = true;
    });
    cluster.press('S', ...(cluster.state().snapshot.cluster.environment === 'production' ? 'pg_node1' : 'y'), 'enter');
    await cluster.executes(1);
    cluster.press('escape', 'q');
    expect(cluster.state().question?.lines.join(' ')).toContain('Switchover is running');
    cluster.press('n', 'o', 'enter');
    expect(cluster.state().question).toBeUndefined();
    await Promise.resolve();
    expect(left).toBe(false);
    cluster.press('q', 'y', 'e', 's', 'enter');
    await cluster.running.left;
  });
});

describe('what an action of a team may be called', () => {
  test('no word of the prompt', () => {
    const cluster = open();
    cluster.press(':');
    const words = (cluster.state().prompt?.entries ?? []).map(entry => entry.usage.split(' ')[0] ?? '');
    const others = new Set<string>([...wordsOfThePrompt, ...bindings.map(binding => binding.id)]);
    const kinds = kindsOfCluster({actions: []});
    const ofActions = kinds.ok ? kinds.value.map(kind => kind.usage.split(' ')[0] ?? '') : [];
    expect(words.filter(word => !others.has(word) && !ofActions.includes(word))).toEqual([]);
  });

  test.each(commandList.flatMap(({usage}) => fixedWords(usage)[0] ?? []))(
    'not %s, which is a command of pgaf',
    name => {
      const custom = {name, help: '', tier: 'read' as const, argv: ['true']};
      const kinds = kindsOfCluster({actions: [custom]});
      expect(kinds).toMatchObject({
        ok: false,
        problem: {message: expect.stringContaining('pgaf has that word already')},
      });
    },
  );
});
