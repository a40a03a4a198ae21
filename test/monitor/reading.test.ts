import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {defaultMonitorSettings} from '../../source/cluster/snapshot.ts';
import {type ParsedReading, parseReading, parseSetting} from '../../source/monitor/reading.ts';

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/monitor/${name}`, import.meta.url), 'utf8'));
}

function parsed(json: unknown): ParsedReading {
  const outcome = parseReading(json, 'default');
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.value;
}

/** The recorded reading with some of the first node's columns replaced. */
function withNode(columns: Record<string, unknown>): unknown {
  const json: unknown = fixture('reading-2.0.json');
  if (typeof json !== 'object' || json === null || !('nodes' in json) || !Array.isArray(json.nodes))
    throw new Error('not the fixture');
  const [first, ...rest]: unknown[] = json.nodes;
  return {...json, nodes: [Object.assign({}, first, columns), ...rest]};
}

describe('a reading of the monitor', () => {
  test('as pg_auto_failover 2.0 gave it, at rest', () => {
    const {reading, events, lastEventId} = parsed(fixture('reading-2.0.json'));
    expect(reading).toMatchObject({
      version: '2.0',
      formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 1},
      synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)',
      settings: defaultMonitorSettings,
    });
    expect(
      reading.nodes.map(node => [node.id, node.name, node.host, node.port, node.reportedState, node.assignedState]),
    ).toEqual([
      [1, 'pg_node1', '10.77.0.11', 5432, 'primary', 'primary'],
      [2, 'pg_node2', '10.77.0.12', 5432, 'secondary', 'secondary'],
      [3, 'pg_node3', '10.77.0.13', 5432, 'secondary', 'secondary'],
    ]);
    const [primary] = reading.nodes;
    expect(primary).toMatchObject({
      health: 'good',
      replicationQuorum: true,
      candidatePriority: 50,
      timeline: 1,
      postgresRunning: true,
    });
    // More than 53 bits.
    expect(primary?.systemIdentifier).toBe('7711745610405113879');
    expect(primary?.reportAgeSeconds).toBeLessThan(3);
    expect(events).toHaveLength(21);
    expect(events.map(event => event.id)).toEqual(
      [...events.map(event => event.id)].sort((left, right) => left - right),
    );
    expect(events.at(-1)).toMatchObject({
      nodeName: 'pg_node3',
      reportedState: 'secondary',
      description: expect.stringContaining('pg_node3'),
    });
    expect(lastEventId).toBe(21);
  });

  test('a stopped, silent node with an election priority and a state that we do not know', () => {
    const {reading} = parsed(
      withNode({
        reportedstate: 'brand_new_state',
        goalstate: 'report_lsn',
        reportedlsn: '0/0',
        health: -1,
        candidatepriority: -51,
        reportedpgisrunning: false,
        sysidentifier: null,
        healthchecktime: null,
        health_age: null,
        report_age: -0.2,
        region: 'added by 2.3',
      }),
    );
    expect(reading.nodes[0]).toMatchObject({
      reportedState: 'unknown',
      assignedState: 'report_lsn',
      lsn: undefined,
      health: 'unknown',
      candidatePriority: -51,
      postgresRunning: false,
      systemIdentifier: undefined,
      healthAgeSeconds: undefined,
      reportAgeSeconds: 0,
    });
  });

  test('an empty cluster is a value: no nodes', () => {
    const json = {
      version: '2.0',
      formation: {formationid: 'default', number_sync_standbys: 0},
      nodes: [],
      events: [],
      last_event: null,
    };
    expect(parsed(json)).toMatchObject({reading: {nodes: []}, events: [], lastEventId: 0});
  });

  test('a formation that is not there is a problem that names those that are', () => {
    expect(parseReading(fixture('no-formation-2.0.json'), 'nothere')).toMatchObject({
      ok: false,
      problem: {
        kind: 'formation-unknown',
        message: 'the monitor has no formation "nothere"',
        remedy: 'set formation to one of: default',
      },
    });
  });

  test('a database without the extension is a problem', () => {
    expect(parseReading({version: null}, 'default')).toMatchObject({ok: false, problem: {kind: 'monitor-schema'}});
    expect(parseReading(undefined, 'default')).toMatchObject({ok: false, problem: {kind: 'monitor-schema'}});
  });
});

test.each([
  ['5s', 5000],
  ['2min', 120_000],
  ['1500ms', 1500],
  ['20000', 20_000],
  ['16MB', 16_777_216],
  ['1.5GB', 1_610_612_736],
  ['0', 0],
  ['on', undefined],
  ['', undefined],
  [undefined, undefined],
])('the setting %j is %j', (text, value) => {
  expect(parseSetting(text)).toBe(value);
});
