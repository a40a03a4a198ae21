import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import type {Assessment} from '../../source/cluster/assessment.ts';
import {replayHistory} from '../../source/cluster/history.ts';
import {now} from './example-cluster.ts';
import {readTrace, type Silence, snapshotAt} from './trace.ts';

const files = ['events_monitor1.csv', 'events_monitor2.csv', 'events_restarts.csv'];

/** What the console says after each event between two ids. */
function replay(file: string, first: number, last: number, silences: readonly Silence[] = []): readonly Step[] {
  const events = readTrace(file, 0, last);
  return events.flatMap((event, index) => {
    if (event.id < first) return [];
    return [{id: event.id, ...assess(snapshotAt(events, index + 1, {silences}), now)}];
  });
}

type Step = {id: number} & Assessment;

const levels = (steps: readonly Step[]) =>
  steps.map(step => step.verdict.level).filter((level, index, all) => level !== all[index - 1]);
const at = (steps: readonly Step[], id: number) => steps.find(step => step.id === id);

/** A primary was dropped with --force there, which deletes its row and writes no event. */
const unrecorded = (file: string, id: number) => file === 'events_monitor1.csv' && id >= 130 && id <= 141;

test.each(files)('never are two nodes writable at once (%s)', file => {
  for (const step of replay(file, 0, 10_000).filter(each => !unrecorded(file, each.id))) {
    const writable = step.nodes.filter(node => node.writable === true);
    expect(writable.length, `event ${step.id}`).toBeLessThan(2);
  }
});

test.each(files)('whenever the verdict is healthy, a node is writable and one failure is tolerated (%s)', file => {
  for (const {verdict} of replay(file, 0, 10_000)) {
    if (verdict.level === 'healthy') expect(verdict).toMatchObject({writable: true, toleratesFailures: 1});
  }
});

describe('a switchover (events 24 to 47)', () => {
  const steps = replay('events_monitor1.csv', 21, 47);

  test('goes from healthy through changing to healthy, and nothing else', () => {
    expect(levels(steps)).toEqual(['healthy', 'changing', 'healthy']);
  });
  test('names both nodes as soon as the candidate is chosen, with its duration and the time without writes', () => {
    expect(at(steps, 26)?.verdict.summary).toBe('switchover from pg_node1, 0.2 s, no writes for 0.2 s');
    expect(at(steps, 40)?.verdict.summary).toBe('switchover pg_node1 -> pg_node2, 1.3 s, no writes for 1.3 s');
    expect(at(steps, 41)?.verdict).toMatchObject({summary: 'switchover pg_node1 -> pg_node2, 1.9 s', writable: true});
  });
  test('names no primary while there is none', () => {
    expect(at(steps, 26)?.verdict.primary).toBe(null);
    expect(at(steps, 47)?.verdict.primary).toBe('pg_node2');
  });
  test('says what each node does', () => {
    const step = at(steps, 31);
    expect(step?.verdict.change?.step).toBe('waiting for the position of pg_node1');
    expect(step?.nodes.map(node => node.remark)).toEqual([
      'its position is awaited',
      'reported 0/405B688',
      'reported 0/405B688',
    ]);
    expect(at(steps, 35)?.nodes.map(node => node.remark)?.[1]).toBe('promoted next');
  });
});

describe('the primary stops without a word (events 48 to 75)', () => {
  const steps = replay('events_monitor1.csv', 47, 75, [{node: 'pg_node2', from: '00:23:56', to: '00:25:05'}]);

  test('counts down to the failover, then to the end of the demote timeout', () => {
    expect(at(steps, 48)?.verdict.summary).toBe('pg_node2 silent for 9 s: the monitor fails over in about 11 s');
    expect(at(steps, 61)?.verdict.summary).toBe(
      'failover to pg_node1, demote timeout ends in 20 s, no writes for 33 s',
    );
    expect(at(steps, 61)?.verdict.countdown).toMatchObject({kind: 'demote-timeout', node: 'pg_node2'});
  });
  test('ends degraded while the old primary is away, and healthy when it is back', () => {
    expect(levels(steps)).toEqual(['healthy', 'changing', 'degraded', 'changing', 'healthy']);
    expect(at(steps, 69)?.verdict.summary).toBe('pg_node2 silent for 55 s: losing another node stops writes');
  });
  test('the old primary is never called writable, nor safely fenced', () => {
    for (const step of steps.filter(each => each.id >= 49 && each.id <= 69)) {
      expect(step.nodes.find(node => node.name === 'pg_node2')).toMatchObject({
        writable: null,
        remark: 'not fenced: may still accept writes',
      });
    }
  });
  test('writes are possible again once the new primary reports wait_primary', () => {
    expect(at(steps, 63)?.verdict.writable).toBe(false);
    expect(at(steps, 64)?.verdict.writable).toBe(true);
  });
});

describe('the primary and a standby are lost together (events 100 to 104)', () => {
  const silences = ['pg_node1', 'pg_node2'].map(node => ({node, from: '00:28:26', to: '00:31:00'}));

  test('the survivor waits for ever: down, and the missing node is named', () => {
    const events = readTrace('events_monitor1.csv', 0, 104);
    const {verdict, findings} = assess(snapshotAt(events, events.length, {silences, later: 20_000}), now);
    expect(verdict).toMatchObject({level: 'down', writable: null, primary: null, toleratesFailures: 0});
    expect(verdict.summary).toMatch(/^no writes for 42 s: the election waits for pg_node2$/);
    expect(findings[0]).toMatchObject({code: 'R05', severity: 'critical', node: 'pg_node2'});
  });
});

describe('maintenance of a standby when the primary is lost (events 281 to 286)', () => {
  const events = readTrace('events_monitor1.csv', 0, 286);
  const silences = [{node: 'pg_node1', from: '00:41:25', to: '00:43:00'}];

  test('before: the next failover is said to block', () => {
    const {verdict, findings} = assess(
      snapshotAt(readTrace('events_monitor1.csv', 0, 282), 10_000, {later: 5000}),
      now,
    );
    expect(verdict).toMatchObject({level: 'degraded', toleratesFailures: 0});
    expect(findings.map(finding => finding.code)).toContain('next-failover-blocks');
  });
  test('after: down, because too few candidates take part (R06), and the node in maintenance is named', () => {
    const {verdict, findings} = assess(snapshotAt(events, events.length, {silences, later: 10_000}), now);
    expect(verdict.level).toBe('down');
    expect(findings[0]).toMatchObject({code: 'R06', node: 'pg_node3'});
  });
});

test('a restart of the primary in 4 s is a failover back to the same node (events 138 to 159)', () => {
  const steps = replay('events_restarts.csv', 137, 159);
  expect(levels(steps)).toEqual(['healthy', 'changing', 'healthy']);
  expect(at(steps, 148)?.verdict.summary).toBe('failover back to pg_node2, 4.0 s, no writes for 4.0 s');
});

test('a settings change is called one (events 160 and 161)', () => {
  const [step] = replay('events_restarts.csv', 160, 160);
  expect(step?.verdict).toMatchObject({level: 'changing', writable: true, change: {kind: 'settings', to: 'pg_node2'}});
});

describe('history', () => {
  test('knows the outages of writes: when they began and ended, why, and who took over', () => {
    const {lastOutage, outage} = replayHistory(readTrace('events_monitor1.csv', 0, 47), 0);
    expect(outage).toBeUndefined();
    expect(lastOutage).toMatchObject({cause: 'switchover', from: 'pg_node1', to: 'pg_node2'});
    expect((lastOutage?.endedAt ?? 0) - (lastOutage?.writesEndedAt ?? 0)).toBe(1930);
  });
  test('an outage begins when the primary was found unhealthy, not when the failover begins', () => {
    const {outage} = replayHistory(readTrace('events_monitor1.csv', 0, 60), 0);
    expect(outage).toMatchObject({cause: 'failover', from: 'pg_node2'});
    expect((outage?.beganAt ?? 0) - (outage?.writesEndedAt ?? 0)).toBe(11_744);
  });
  test('says nothing of an outage whose beginning is not in the events', () => {
    expect(replayHistory(readTrace('events_monitor1.csv', 30, 35), 0)).toEqual({
      outage: undefined,
      lastOutage: undefined,
    });
  });
  test('keeps groups apart', () => {
    expect(replayHistory(readTrace('events_monitor1.csv', 0, 60), 1).outage).toBeUndefined();
  });
});

test('event ids of the recordings only grow, with gaps', () => {
  for (const file of files) {
    const ids = readTrace(file).map(event => event.id);
    expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0))).toBe(true);
  }
});
