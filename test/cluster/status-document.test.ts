import {expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import type {Snapshot} from '../../source/cluster/snapshot.ts';
import {statusDocument} from '../../source/cluster/status-document.ts';
import {cluster, deadHost, failedSample, host, monitorNode, now} from './example-cluster.ts';

const takenAt = Date.UTC(2026, 0, 2, 3, 4, 5);
const documentOf = (snapshot: Snapshot) =>
  JSON.parse(JSON.stringify(statusDocument(snapshot, assess(snapshot, now), takenAt)));

test('the document has the fields that were promised, and no others', () => {
  const document = documentOf(
    cluster({nodes: [monitorNode(1), monitorNode(2), monitorNode(3, {candidatePriority: 151})]}),
  );
  const fields = (value: object) => Object.keys(value).join(' ');
  expect(fields(document)).toBe('cluster formation takenAt verdict monitor settings hosts nodes findings');
  expect(fields(document.verdict)).toBe('level writable summary primary sinceSeconds toleratesFailures');
  expect(fields(document.monitor)).toBe('reachable host container version error');
  expect(fields(document.settings)).toBe('numberSyncStandbys synchronousStandbyNames');
  expect(fields(document.hosts[0])).toBe('name address reachable error roundTripMs containers');
  expect(fields(document.hosts[0].containers[0])).toBe('name image state restarts startedAt');
  expect(fields(document.nodes[0])).toBe(
    'name id group host address port container reportedState assignedState health writable timeline lsn lagBytes lagSeconds lagSource ' +
      'syncState candidatePriority replicationQuorum reportAgeSeconds error',
  );
  expect(fields(document.findings[0])).toBe('code severity node title evidence remedy');
});

test('a node in order, as a script reads it', () => {
  expect(documentOf(cluster()).nodes[1]).toEqual({
    name: 'pg_node2',
    id: 2,
    group: 0,
    host: 'ubuntu24.04-2',
    address: '10.0.0.12',
    port: 5432,
    container: 'pg_node2',
    reportedState: 'secondary',
    assignedState: 'secondary',
    health: 'good',
    writable: false,
    timeline: 3,
    lsn: '0/5000060',
    lagBytes: 0,
    lagSeconds: 0,
    lagSource: 'node',
    syncState: 'quorum',
    candidatePriority: 50,
    replicationQuorum: true,
    reportAgeSeconds: 0.9,
    error: null,
  });
});

test('what is not known is null, and the reason is a sentence', () => {
  const monitor = failedSample<never>(
    'monitor-refused',
    'pg_monitor on ubuntu24.04-3 refuses connections on port 6000',
  );
  const document = documentOf(cluster({hosts: [host(1), deadHost(2), host(3)], snapshot: {monitor}}));
  expect(document.monitor).toEqual({
    reachable: false,
    host: 'ubuntu24.04-3',
    container: 'pg_monitor',
    version: null,
    error: 'pg_monitor on ubuntu24.04-3 refuses connections on port 6000',
  });
  expect(document.settings).toEqual({numberSyncStandbys: null, synchronousStandbyNames: null});
  expect(document.hosts[1]).toMatchObject({
    reachable: false,
    error: 'no answer from ubuntu24.04-2 within 10 s',
    roundTripMs: null,
  });
  expect(document.nodes[1]).toMatchObject({
    reportedState: null,
    health: 'unknown',
    writable: null,
    lsn: null,
    reportAgeSeconds: null,
  });
  expect(document.takenAt).toBe('2026-01-02T03:04:05.000Z');
});
