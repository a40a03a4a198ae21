import fc from 'fast-check';
import {expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {parseLsn} from '../../source/cluster/lsn.ts';
import {bad} from '../../source/cluster/problem.ts';
import {replicationStates} from '../../source/cluster/replication-state.ts';
import type {Sample} from '../../source/cluster/sample.ts';
import type {Container, HostSnapshot, MonitorNode, PostgresReading, Snapshot} from '../../source/cluster/snapshot.ts';
import {statusDocument} from '../../source/cluster/status-document.ts';
import {
  cluster,
  container,
  host,
  monitorNode,
  monitorReading,
  now,
  primaryReading,
  replicationRow,
} from './example-cluster.ts';

const age = fc.oneof(fc.double({min: 0, max: 120, noNaN: true}), fc.constantFrom(-1, 0, 1e9));
const lsn = fc.constantFrom(undefined, parseLsn('0/1'), parseLsn('0/5000060'), parseLsn('FFFFFFFF/FFFFFFFF'));
const states = fc.constantFrom(...replicationStates);

/** Sound, failed (with or without a last value), or not yet there; some of them old. */
function samples<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Sample<T> | undefined> {
  const at = fc.integer({min: now - 30_000, max: now + 500});
  const error = fc
    .constantFrom('timeout', 'postgres-down', 'query', 'container-not-running')
    .map(kind => bad(kind, 'x').problem);
  return fc.oneof(
    fc.record({value, at, source: fc.constant('test')}),
    fc.record({error, at, source: fc.constant('test')}),
    fc.record({error, at, source: fc.constant('test'), last: fc.record({value, at})}),
    fc.constant(undefined),
  );
}

const nodes: fc.Arbitrary<MonitorNode> = fc
  .record({
    id: fc.integer({min: 1, max: 4}),
    group: fc.constantFrom(0, 0, 0, 1),
    reportedState: states,
    assignedState: states,
    postgresRunning: fc.boolean(),
    replicationState: fc.constantFrom('unknown', 'async', 'quorum', 'sync'),
    timeline: fc.integer({min: 1, max: 3}),
    lsn,
    health: fc.constantFrom('good' as const, 'bad' as const, 'unknown' as const),
    candidatePriority: fc.constantFrom(-51, 0, 50, 151),
    replicationQuorum: fc.boolean(),
    reportAgeSeconds: age,
    healthAgeSeconds: fc.option(age, {nil: undefined}),
    stateAgeSeconds: age,
  })
  .map(more => monitorNode(more.id, more));

const readings: fc.Arbitrary<PostgresReading> = fc
  .record({
    inRecovery: fc.boolean(),
    readOnly: fc.boolean(),
    timeline: fc.integer({min: 1, max: 3}),
    currentLsn: lsn,
    replayLsn: lsn,
    synchronousStandbyNames: fc.constantFrom('', '*', 'ANY 1 (pgautofailover_standby_2)', 'nonsense ((', 'ANY 99 ()'),
    replication: fc.array(
      fc.integer({min: 1, max: 4}).map(id => replicationRow(id)),
      {maxLength: 3},
    ),
    waitingForSyncRep: fc.nat({max: 3}),
    serverTime: fc.constantFrom(0, Number.NaN, 1e18),
  })
  .map(more => primaryReading(more));

const containers: fc.Arbitrary<Container[]> = fc.array(
  fc
    .record({
      name: fc.constantFrom('pg_node1', 'pg_node2', 'other'),
      state: fc.constantFrom('running', 'exited', 'restarting'),
      startedAt: fc.constantFrom(undefined, Number.NaN, 1e20),
    })
    .map(({name, state, startedAt}) => container(name, {state, startedAt})),
  {maxLength: 3},
);

const hosts: fc.Arbitrary<HostSnapshot> = fc
  .record({
    id: fc.integer({min: 1, max: 4}),
    hasNode: fc.boolean(),
    link: samples(fc.constant({connectedAt: 0, roundTripMs: undefined})),
    containers: samples(containers),
    postgres: samples(readings),
  })
  .map(({id, hasNode, ...more}) => ({...host(id, more), ...(hasNode ? {} : {node: undefined})}));

const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    rows: fc.uniqueArray(nodes, {maxLength: 4, selector: node => node.id}),
    hosts: fc.uniqueArray(hosts, {maxLength: 3, selector: each => each.name}),
    nss: fc.nat({max: 2}),
    uptimeSeconds: age,
    version: fc.constantFrom('2.0', '2.3', 'x'),
  })
  .chain(({rows, hosts: some, nss, ...reading}) =>
    samples(
      fc.constant(
        monitorReading(rows, {
          ...reading,
          formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: nss},
        }),
      ),
    ).map(monitor => cluster({hosts: some, snapshot: {monitor}})),
  );

const isSound = (sample: Sample<unknown> | undefined) => sample !== undefined && 'value' in sample;

test('whatever is seen, there is an answer, and it can be written as JSON', () => {
  fc.assert(
    fc.property(snapshots, snapshot => {
      const assessment = assess(snapshot, now);
      const document = JSON.parse(JSON.stringify(statusDocument(snapshot, assessment, now)));
      expect(document.verdict.level).toBe(assessment.verdict.level);
      expect(assessment.verdict.summary).not.toBe('');
      expect(assessment.verdict.summary).not.toMatch(/undefined|NaN|null|Infinity/);
      for (const finding of assessment.findings) expect(finding.title).not.toMatch(/undefined|NaN|null|Infinity/);
    }),
    {numRuns: 1000},
  );
});

test('never healthy while a sample is missing or failed, or the monitor or a node was read long ago', () => {
  fc.assert(
    fc.property(snapshots, snapshot => {
      if (assess(snapshot, now).verdict.level !== 'healthy') return;
      const old = (sample: Sample<unknown> | undefined) => sample !== undefined && now - sample.at > 5000;
      expect(isSound(snapshot.monitor)).toBe(true);
      expect(old(snapshot.monitor)).toBe(false);
      for (const each of snapshot.hosts) {
        expect(isSound(each.link) && isSound(each.containers)).toBe(true);
        if (each.node !== undefined) expect(isSound(each.postgres) && !old(each.postgres)).toBe(true);
      }
    }),
    {numRuns: 1000},
  );
});

test('one failed sample is enough to take the healthy verdict away', () => {
  const sound = cluster();
  expect(assess(sound, now).verdict.level).toBe('healthy');
  const error = bad('timeout', 'no answer').problem;
  const fail = <T>(sample: Sample<T> | undefined): Sample<T> =>
    sample !== undefined && 'value' in sample
      ? {error, at: now, source: 'test', last: {value: sample.value, at: sample.at}}
      : {error, at: now, source: 'test'};
  const broken: readonly Snapshot[] = [
    {...sound, monitor: fail(sound.monitor)},
    ...sound.hosts.flatMap((_, index) => [
      {...sound, hosts: sound.hosts.map((each, at) => (at === index ? {...each, link: fail(each.link)} : each))},
      {
        ...sound,
        hosts: sound.hosts.map((each, at) => (at === index ? {...each, containers: fail(each.containers)} : each)),
      },
      {
        ...sound,
        hosts: sound.hosts.map((each, at) => (at === index ? {...each, postgres: fail(each.postgres)} : each)),
      },
    ]),
  ];
  for (const snapshot of broken) expect(assess(snapshot, now).verdict.level).not.toBe('healthy');
});

test('a node is writable only on evidence: its own word now, or a current, healthy, fresh row of the monitor', () => {
  fc.assert(
    fc.property(snapshots, snapshot => {
      for (const node of assess(snapshot, now).nodes.filter(each => each.writable === true)) {
        const own = snapshot.hosts.find(
          each => each.name === node.host && each.node?.container === node.container,
        )?.postgres;
        const says =
          own !== undefined && 'value' in own && now - own.at <= 5000 && !own.value.inRecovery && !own.value.readOnly;
        const row = node.statesCurrent && node.health === 'good' && (node.reportAgeSeconds ?? 99) <= 10;
        expect(says || row).toBe(true);
        expect(['draining', 'demote_timeout', 'demoted']).not.toContain(node.statesCurrent ? node.assignedState : '');
      }
    }),
    {numRuns: 1000},
  );
});

test('the verdict says that writes are possible only when some node proves it', () => {
  fc.assert(
    fc.property(snapshots, snapshot => {
      const {verdict, nodes: all} = assess(snapshot, now);
      if (verdict.writable === true) expect(all.some(node => node.writable === true)).toBe(true);
      if (verdict.level === 'healthy') expect(verdict.writable).toBe(true);
    }),
    {numRuns: 1000},
  );
});
