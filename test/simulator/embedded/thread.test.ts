import {existsSync, readFileSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {expect, onTestFinished, test, vi} from 'vitest';
import {assess} from '../../../source/cluster/assess.ts';
import {clusterClock} from '../../../source/cluster/cluster-time.ts';
import {latest} from '../../../source/cluster/sample.ts';
import {collect} from '../../../source/console/collect.ts';
import type {Setup} from '../../../source/simulator/embedded/message.ts';
import type {EmbeddedThread} from '../../../source/simulator/embedded/start-thread.ts';
import type {Scenario} from '../../../source/simulator/scenario.ts';
import {askNobody} from '../../../source/ssh/ask.ts';
import {startEmbedded} from './start-embedded.ts';

const healthy: Scenario = {name: 'healthy', title: 'All is well', steps: []};
const patience = {timeout: 20_000, interval: 50};

async function embedded(more: Partial<Setup> = {}) {
  const thread = await startEmbedded(more);
  onTestFinished(() => thread.close());
  return thread;
}

/** The console's own eyes on it. */
function look(thread: Awaited<ReturnType<typeof embedded>>) {
  const collector = collect(thread.configuration, {
    now: Date.now,
    random: Math.random,
    ask: askNobody,
    readOnly: false,
  });
  onTestFinished(() => collector.close());
  return () => assess(collector.snapshot(), Date.now()).verdict;
}

/** What a console collects of it, until the test ends. */
function watch(thread: EmbeddedThread) {
  const collector = collect(thread.configuration, {
    now: Date.now,
    random: Math.random,
    ask: askNobody,
    readOnly: false,
    time: thread.time,
  });
  onTestFinished(() => collector.close());
  return collector;
}

test('the console sees a healthy cluster over SSH, and what a command does to it', async () => {
  const thread = await embedded({speed: 10});
  const verdict = look(thread);
  await vi.waitFor(() => expect(verdict()).toMatchObject({level: 'healthy', primary: 'pg_node1'}), patience);
  expect(await thread.ask({ask: 'command', line: 'poweroff vm1'})).toMatchObject({ok: true});
  await thread.ask({ask: 'step', seconds: 60});
  await vi.waitFor(() => expect(verdict().primary).toMatch(/pg_node[23]/), patience);
  expect(await thread.ask({ask: 'command', line: 'powerof vm1'})).toMatchObject({ok: false});
});

test('time that stands still is stepped, and the truth of it told', async () => {
  const thread = await embedded({paused: true});
  const truthAt = async () => {
    const answer = await thread.ask({ask: 'truth'});
    if (!answer.ok || answer.value.truth === undefined) throw new Error('no truth');
    return answer.value.truth.at;
  };
  const before = await truthAt();
  expect(await truthAt()).toBe(before);
  await thread.ask({ask: 'step', seconds: 7});
  expect(await truthAt()).toBe(before + 7000);
});

test('its clocks are told with its time, and do not seem to differ whatever is done to time', async () => {
  const thread = await embedded({speed: 30});
  const collector = watch(thread);
  const skews: string[] = [];
  const readings = new Map<string, Set<number>>();
  collector.subscribe(() => {
    const snapshot = collector.snapshot();
    for (const host of snapshot.hosts) {
      const seen = readings.get(host.name) ?? new Set();
      readings.set(host.name, seen.add(host.postgres?.at ?? 0));
    }
    const skew = assess(snapshot, Date.now()).findings.find(finding => finding.code === 'R51');
    if (skew !== undefined) skews.push(`${skew.title}: ${skew.evidence.join(', ')}`);
  });
  const eachIsRead = async (times: number) => {
    readings.clear();
    await vi.waitFor(() => {
      // Sooner than after the second that the watchers rest.
      collector.refresh();
      expect([...readings.values()].map(seen => seen.size)).toHaveLength(3);
      for (const seen of readings.values()) expect(seen.size).toBeGreaterThan(times);
    }, patience);
  };
  await eachIsRead(3);
  const snapshot = collector.snapshot();
  const event = snapshot.monitor !== undefined && 'value' in snapshot.monitor ? snapshot.monitor : undefined;
  const ahead = (event?.value.serverTime ?? 0) - clusterClock(snapshot, event?.at ?? 0);
  expect(Math.abs(ahead)).toBeLessThan(30 * 1000);
  await vi.waitFor(() => {
    expect(clusterClock(collector.snapshot(), Date.now()) - Date.now()).toBeGreaterThan(30 * 1000);
  }, patience);
  for (const request of [
    {ask: 'speed', speed: 1},
    {ask: 'step', seconds: 600},
    {ask: 'pause'},
    {ask: 'step', seconds: 60},
    {ask: 'pause'},
    {ask: 'speed', speed: 100},
  ] as const) {
    await thread.ask(request);
    await eachIsRead(2);
  }
  expect(skews).toEqual([]);
}, 60_000);

test('a scenario begins from the cluster that it was written for, whatever was done before', async () => {
  const thread = await embedded({speed: 20});
  const collector = watch(thread);
  const nodes = () => latest(collector.snapshot().monitor)?.value.nodes.map(node => node.name);
  const level = () => assess(collector.snapshot(), Date.now()).verdict.level;
  await vi.waitFor(() => expect(level()).toBe('healthy'), patience);
  await thread.ask({ask: 'command', line: 'freeze vm2 sshd'});
  await thread.ask({ask: 'command', line: 'drop pg_node3'});
  await thread.ask({ask: 'command', line: 'partition vm1'});
  await vi.waitFor(() => expect(nodes()).toEqual(['pg_node1', 'pg_node2']), patience);
  const before = collector.snapshot().events.at(-1)?.id ?? 0;

  await thread.ask({ask: 'scenario', scenario: healthy});
  await vi.waitFor(() => {
    expect(nodes()).toEqual(['pg_node1', 'pg_node2', 'pg_node3']);
    expect(level()).toBe('healthy');
  }, patience);
  const ids = () => collector.snapshot().events.map(event => event.id);
  expect(ids().at(-1)).toBeGreaterThanOrEqual(before);

  const stop: Scenario = {name: 'stop', title: 'Stop', steps: [{at: 1, do: 'stop pg_node2'}]};
  await thread.ask({ask: 'scenario', scenario: stop});
  await vi.waitFor(() => expect(ids().at(-1)).toBeGreaterThan(before), patience);
  expect(ids()).toEqual([...new Set(ids())].sort((one, other) => one - other));
  expect(await thread.ask({ask: 'truth'})).toMatchObject({value: {truth: {faults: ['stop pg_node2']}}});
});

test('what is said before anybody listens is not lost', async () => {
  const broken: Scenario = {name: 'broken', title: 'Broken', steps: [{at: 0, do: 'start pg_node9'}]};
  const startAt = Date.now();
  const thread = await embedded({scenario: broken, startAt});
  // What comes after it has been answered: it was said by then.
  await vi.waitFor(async () => {
    const answer = await thread.ask({ask: 'truth'});
    expect(answer.ok && answer.value.truth?.at).toBeGreaterThan(startAt + 200);
  }, patience);
  const heard: unknown[] = [];
  thread.listen(message => heard.push(message));
  expect(heard).toMatchObject([{say: 'notice', text: expect.stringContaining('refused'), tone: 'warning'}]);
});

test('a drill is solved when it is healthy again and the cause was named, and has a score', async () => {
  const lost: Scenario = {
    name: 'lost',
    title: 'The monitor is gone',
    steps: [{at: 1, do: 'kill pg_monitor'}],
    answer: {findings: ['R18'], repair: [{after: 5, do: 'start pg_monitor'}]},
  };
  const thread = await embedded({speed: 20, drill: true, scenario: lost});
  const solved = new Promise(resolve => thread.listen(message => message.say === 'solved' && resolve(undefined)));
  await vi.waitFor(async () => {
    const answer = await thread.ask({ask: 'truth'});
    expect(answer).toMatchObject({ok: true, value: {truth: {faults: ['stop pg_monitor']}}});
  }, patience);
  expect(await thread.ask({ask: 'command', line: 'repair'})).toMatchObject({ok: false});
  await thread.ask({ask: 'diagnose', code: 'r18'});
  await thread.ask({ask: 'command', line: 'start pg_monitor'});
  await solved;
  const score = await thread.ask({ask: 'score'});
  expect(score.ok && score.value.lines.join('\n')).toMatch(/wrong diagnoses +0 +0\nwrong moves +0 +0$/);
  // What has its score does not go on as if it were open.
  expect(await thread.ask({ask: 'diagnose', code: 'R18'})).toMatchObject({ok: false});
});

test('keys are for this user alone, are not those of ~/.ssh, and are gone in the end', async () => {
  const thread = await embedded({paused: true});
  const [host] = thread.configuration.hosts;
  const [key = ''] = host?.ssh.identityFiles ?? [];
  const [knownHosts = ''] = host?.ssh.knownHostsFiles ?? [];
  expect(statSync(dirname(key)).mode & 0o777).toBe(0o700);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(readFileSync(knownHosts, 'utf8')).toContain(`[127.0.0.1]:${host?.ssh.port} ssh-ed25519 `);
  expect(host?.ssh).toMatchObject({identitiesOnly: true, agentSocket: undefined, jump: []});
  await thread.close();
  expect(existsSync(dirname(key))).toBe(false);
});
