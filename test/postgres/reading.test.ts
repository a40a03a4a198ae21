import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseLsn} from '../../source/cluster/lsn.ts';
import {parseAnswer} from '../../source/postgres/reading.ts';
import {executeStatement, prepareStatement} from '../../source/postgres/reading-query.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/postgres/${name}`, import.meta.url), 'utf8').trim();

test('a primary with two standbys, as PostgreSQL 15 answered', () => {
  const answer = parseAnswer(fixture('primary.txt'));
  expect(answer).toMatchObject({
    request: 1,
    reading: {
      inRecovery: false,
      readOnly: false,
      timeline: 1,
      systemIdentifier: '7711745610405113879',
      currentLsn: parseLsn('0/408C000'),
      flushLsn: parseLsn('0/408C000'),
      receiveLsn: undefined,
      replayLsn: undefined,
      receiverStatus: undefined,
      synchronousStandbyNames: 'ANY 1 (pgautofailover_standby_2, pgautofailover_standby_3)',
      waitingForSyncRep: 0,
    },
  });
  expect(answer?.reading.replication).toEqual([
    {
      applicationName: 'pgautofailover_standby_2',
      clientAddress: '10.77.0.12',
      nodeId: 2,
      state: 'streaming',
      syncState: 'quorum',
      sentLagBytes: 0,
      writeLagBytes: 0,
      flushLagBytes: 18_824,
      replayLagBytes: 18_824,
      writeLagSeconds: 0.000588,
      flushLagSeconds: 0.000588,
      replayLagSeconds: 0.000588,
    },
    expect.objectContaining({nodeId: 3, writeLagBytes: 18_824, writeLagSeconds: undefined}),
  ]);
});

test('slots: what is kept for each, and for whom', () => {
  const slots = [
    {name: 'backup', active: true, retained: null},
    {name: 'pgautofailover_standby_3', active: false, retained: 4096},
  ];
  expect(parseAnswer(`pgaf_answer 1 ${JSON.stringify({slots})}`)?.reading.slots).toEqual([
    {name: 'backup', nodeId: undefined, active: true, retainedBytes: undefined},
    {name: 'pgautofailover_standby_3', nodeId: 3, active: false, retainedBytes: 4096},
  ]);
});

test('a standby, as PostgreSQL 15 answered', () => {
  expect(parseAnswer(fixture('standby.txt'))?.reading).toMatchObject({
    inRecovery: true,
    timeline: 1,
    currentLsn: undefined,
    flushLsn: undefined,
    receiveLsn: parseLsn('0/408D6B0'),
    replayLsn: parseLsn('0/408D6B0'),
    replayAgeSeconds: 412.859772,
    replayPaused: false,
    receiverStatus: 'streaming',
    receiverHost: '10.77.0.11',
    replication: [],
  });
});

test('nothing else that psql prints is taken for an answer', () => {
  for (const line of [
    '',
    'PREPARE',
    '{"in_recovery": true}',
    'pgaf_answer 1 {"half',
    'pgaf_answer x {}',
    'other 1 {}',
    'pgaf_answer 1 []',
  ]) {
    expect(parseAnswer(line)).toBeUndefined();
  }
});

test('a standby ahead of the position that the primary read a moment before has no lag, not a negative one', () => {
  const line = 'pgaf_answer 3 {"replication": [{"application_name": "someone", "sent_lag": -8, "replay_lag": null}]}';
  expect(parseAnswer(line)?.reading.replication[0]).toMatchObject({
    nodeId: undefined,
    sentLagBytes: 0,
    replayLagBytes: undefined,
  });
});

test('the question is one line each: psql reads it line by line', () => {
  expect(prepareStatement.trimEnd()).not.toContain('\n');
  expect(prepareStatement).toMatch(/;\n$/);
  expect(executeStatement(12)).toBe('execute pgaf_reading(12);\n');
});
